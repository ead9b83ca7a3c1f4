"""A set of sizes, as the answer to "which sizes are legal here", and its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SPELLED = 12  # how many choices a message lists in full
VALUES = 1_000  # how many sizes `values` lists


@dataclass(frozen=True, slots=True)
class Solution:
    """The sizes, from 1 on, that fulfil a condition on `name`.

    Those in `ranges` (both ends included), and all from `low` on that leave one of `residues`
    when divided by `modulus`. Made by `solution`, so that equal sets are equal records.
    """

    name: str
    ranges: tuple[tuple[int, int], ...]
    low: int
    modulus: int
    residues: tuple[int, ...]

    @property
    def never(self) -> bool:
        """Whether no size is legal."""
        return not self.ranges and not self.residues

    @property
    def always(self) -> bool:
        """Whether every size is legal."""
        return self.low == self.modulus == len(self.residues) == 1

    @property
    def values(self) -> tuple[int, ...] | None:
        """All legal sizes, where they are no more than 1,000."""
        count = sum(last - first + 1 for first, last in self.ranges)
        if self.residues or count > VALUES:
            return None
        return tuple(size for first, last in self.ranges for size in range(first, last + 1))

    @property
    def single(self) -> bool:
        """Whether one size alone is legal."""
        return not self.residues and [high - low for low, high in self.ranges] == [0]

    def __contains__(self, size: int) -> bool:
        if size < 1:
            return False
        if size >= self.low and size % self.modulus in self.residues:
            return True
        return any(first <= size <= last for first, last in self.ranges)

    def nearest(self, size: int) -> int | None:
        """The legal size next to a wish, the smaller of two; None where there is none."""
        found = [min(max(size, first), last) for first, last in self.ranges]
        wish = max(size, self.low)
        for residue in self.residues:
            above = wish + (residue - wish) % self.modulus
            found += (near for near in (above - self.modulus, above) if near >= self.low)
        return min(found, key=lambda near: (abs(near - size), near), default=None)

    def around(self, size: int) -> tuple[int, ...]:
        """The legal sizes next to one that is not: the next smaller and the next larger, where
        there are such."""
        below = [last for _, last in self.ranges if last < size][-1:]
        above = [first for first, _ in self.ranges if first > size][:1]
        for residue in self.residues:
            down = size - (size - residue) % self.modulus
            below += [down] if down >= self.low else []
            wish = max(size, self.low)
            above.append(wish + (residue - wish) % self.modulus)
        return (*([max(below)] if below else []), *([min(above)] if above else []))

    def expression(self) -> str:
        """The condition in Python: `H % 8 == 0`, `H >= 9`, `H in (28, 29)`, `True`, `False`."""
        if self.always or self.never:
            return str(self.always)
        parts = []
        values = [n for r in self.ranges if r[1] - r[0] < 2 for n in sorted(set(r))]
        spans = [r for r in self.ranges if r[1] - r[0] > 1]
        if values:
            parts.append(_one_of(self.name, values))
        for first, last in spans:
            start = f"{first} <= " if first > 1 else ""
            parts.append(f"{start}{self.name} <= {last}")
        if self.residues:
            tests = [self._remainders()] if self.modulus > 1 else []
            if self.low > 1:
                tests.append(f"{self.name} >= {self._first()}")
            parts.append(" and ".join(tests))
        return " or ".join(parts)

    def _remainders(self) -> str:
        """The test of what is left of a division, as short as it can be."""
        rest = f"{self.name} % {self.modulus}"
        first, last, count = self.residues[0], self.residues[-1], len(self.residues)
        if count == 1:
            return f"{rest} == {first}"
        if count == 2:
            return f"{rest} in {self.residues}"
        if count == self.modulus - 1:
            return f"{rest} != {self._missing()}"
        if count <= last - first:
            return f"{rest} in {self.residues}"
        start = f"{first} <= " if first else ""
        return f"{rest} >= {first}" if last == self.modulus - 1 else f"{start}{rest} <= {last}"

    def _missing(self) -> int:
        """The first remainder that is not legal."""
        return next(each for each in range(self.modulus) if each not in self.residues)

    def words(self) -> str:
        """The condition for a message: "H must be a multiple of 8", "H >= 9", "H = 28 or 29"."""
        if self.always or self.never:
            return f"{'any' if self.always else 'no'} {self.name} will do"
        wide = [first for first, last in self.ranges if last - first > 1]
        if wide and len(self.ranges) == 1 and not self.residues:
            return self.expression()  # H <= 5
        choices: list[str] = []
        for first, last in self.ranges:
            pair = [str(size) for size in sorted({first, last})]
            choices += pair if last - first < 2 else [f"{first} to {last}"]
        if len(choices) > SPELLED:
            choices[SPELLED - 2 : -1] = ["…"]
        tail = self._tail()
        if tail:
            return f"{self.name} = {', '.join(choices)}, or {tail}" if choices else tail
        *others, final = choices
        before = f"{', '.join(others)} or " if others else ""
        return f"{self.name} = {before}{final}"

    def _tail(self) -> str:
        """What holds from `low` on, in words."""
        if not self.residues:
            return ""
        if self.modulus == 1:
            return f"{self.name} >= {self.low}"
        count = len(self.residues)
        if count > 2 and count == self.modulus - 1:
            missing = self._missing()
            rest = f"{missing} more than a multiple" if missing else "a multiple"
            rule = f"{self.name} must not be {rest} of {self.modulus}"
        elif count > 2 and count > self.residues[-1] - self.residues[0]:
            span = f"{self.residues[0]} to {self.residues[-1]}"
            rule = f"{self.name} % {self.modulus} must be {span}"
        elif count > 1:
            *others, last = map(str, self.residues)
            rule = f"{self.name} % {self.modulus} must be {', '.join(others)} or {last}"
        elif self.residues == (0,):
            rule = f"{self.name} must be a multiple of {self.modulus}"
        elif self.modulus == 2:
            rule = f"{self.name} must be odd"
        else:
            rule = f"{self.name} must be {self.residues[0]} more than a multiple of {self.modulus}"
        return rule if self.low == 1 else f"{rule}, {self._first()} at least"

    def _first(self) -> int:
        """The smallest legal size from `low` on."""
        return min(self.low + (residue - self.low) % self.modulus for residue in self.residues)


def at_least(found: Solution) -> bool:
    """Whether it says "at least so much" and nothing else."""
    return not found.ranges and found.modulus == 1 and bool(found.residues)


def _one_of(name: str, values: list[int]) -> str:
    """One of these sizes; many at equal distances as a `range`."""
    if len(values) == 1:
        return f"{name} == {values[0]}"
    step = values[1] - values[0]
    evenly = range(values[0], values[-1] + 1, step)
    if len(values) > SPELLED and list(evenly) == values:
        return f"{name} in {evenly!r}"
    return f"{name} in {tuple(values)}"


def solution(
    name: str, ranges: Iterable[tuple[int, int]], low: int, modulus: int, residues: Iterable[int]
) -> Solution:
    """The record of such a set: ranges (ascending, below `low`) joined, the modulus and `low` as
    small as they can be."""
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] + 1 == first:
            first = joined.pop()[0]
        joined.append((first, last))
    rest = sorted(set(residues))
    if not rest:
        return Solution(name, tuple(joined), 1, 1, ())
    modulus, rest = _shortest(modulus, rest)
    if modulus == 1:
        while joined and joined[-1][1] == low - 1:
            low = joined.pop()[0]
        return Solution(name, tuple(joined), low, 1, (0,))
    while low > 1:
        listed = bool(joined) and joined[-1][1] == low - 1
        if listed is not ((low - 1) % modulus in rest):
            break
        low -= 1
        if listed:
            first, last = joined.pop()
            joined += [(first, last - 1)] if first < last else []
    return Solution(name, tuple(joined), low, modulus, tuple(rest))


def _shortest(modulus: int, residues: list[int]) -> tuple[int, list[int]]:
    """The shortest cycle with the same pattern."""
    for cycle in (cycle for cycle in range(1, modulus + 1) if modulus % cycle == 0):
        within = sorted({residue % cycle for residue in residues})
        if len(within) * (modulus // cycle) == len(residues):
            return cycle, within
    raise AssertionError("a modulus divides itself")
