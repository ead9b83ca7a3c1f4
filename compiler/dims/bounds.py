"""What can be proved about sizes: their bounds, and which of two is larger."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from math import gcd, lcm, prod

from .size import Atom, Dim, Monomial, dim, name, remade, single

Bounds = Mapping[str, tuple[int, int | None]]
Interval = tuple[int | None, int | None]

SIZES: tuple[int, int | None] = (1, None)  # a name of which nothing else is known
UNKNOWN: Interval = (None, None)
CASES = 256  # how many combinations of remainders `decide` looks at
FLOORS = 16  # how many floors are resolved into remainders for one bound

OPPOSITE = {"!=": "==", ">=": "<", ">": "<="}


def lower(size: Dim | int, bounds: Bounds | None = None) -> int | None:
    """A number that the size never falls below, or None. Names lie within `bounds` (inclusive,
    None for no upper end); a name that is not there is at least 1."""
    return interval(dim(size), bounds or {})[0]


def upper(size: Dim | int, bounds: Bounds | None = None) -> int | None:
    """A number that the size never exceeds, or None."""
    return interval(dim(size), bounds or {})[1]


def decide(
    first: Dim | int, op: str, second: Dim | int, bounds: Bounds | None = None
) -> bool | None:
    """True or False where the comparison (`== != < <= > >=`) holds, or fails, for all names
    within `bounds`; None where that is open."""
    if not bounds:
        return _decided(dim(first), op, dim(second))
    return _decide(first, op, second, bounds)


@lru_cache(maxsize=16_384)
def _decided(first: Dim, op: str, second: Dim) -> bool | None:
    """What a network asks again and again: is this size 1 at least?"""
    return _decide(first, op, second, {})


def _decide(first: Dim | int, op: str, second: Dim | int, bounds: Bounds) -> bool | None:
    if op in OPPOSITE:
        answer = decide(first, OPPOSITE[op], second, bounds)
        return None if answer is None else not answer
    try:
        gap = settled(dim(first) - second, bounds)
        answer = _verdict(gap, op, bounds)
        return _by_cases(gap, op, bounds) if answer is None else answer
    except (OverflowError, ZeroDivisionError):
        return None


def interval(size: Dim, bounds: Bounds) -> Interval:
    """Both bounds of a size."""
    return _Search(bounds).interval(size)


def settled(size: Dim, bounds: Bounds) -> Dim:
    """The size without those choices of a minimum or maximum that are never taken."""

    def replace(atom: Atom) -> Dim:
        if atom.kind == "name":
            return name(atom.label)
        parts = [settled(part, bounds) for part in atom.parts]
        if atom.kind != "floor":
            sign = 1 if atom.kind == "min" else -1
            for part in tuple(parts):
                gaps = (sign * (part - other) for other in parts if other is not part)
                if any(_verdict(gap, "<", bounds) is False for gap in gaps):
                    parts.remove(part)
        return parts[0] if len(parts) == 1 else remade(atom, parts)

    if all(atom.kind == "name" for atom in size.atoms):
        return size
    return size.rebuild(replace)


def periods(size: Dim) -> dict[str, int]:
    """For each name a number m such that with name = m*q + r all floors over numbers go."""
    found: dict[str, int] = {}
    for atom in size.atoms:
        if atom.kind == "name":
            found.setdefault(atom.label, 1)
        by = (atom.parts[1].value or 1) if atom.kind == "floor" else 1
        for part in atom.parts:
            for label, period in periods(part).items():
                found[label] = lcm(found.get(label, 1), by * period)
    return found


def _verdict(gap: Dim, op: str, bounds: Bounds) -> bool | None:
    """Whether `gap op 0`, for the operators ==, < and <=."""
    low, high = interval(gap, bounds)
    if op != "==":
        edge = 0 if op == "<" else 1
        if high is not None and high < edge:
            return True
        return False if low is not None and low >= edge else None
    if low == high == 0:
        return True
    if (low is not None and low > 0) or (high is not None and high < 0):
        return False
    common = gcd(*(coefficient for mono, coefficient in gap.terms if mono))
    return False if common and gap.constant % common else None


def _by_cases(gap: Dim, op: str, bounds: Bounds) -> bool | None:
    """The verdict, if it is the same for all remainders that the names can leave."""
    split = {label: period for label, period in periods(gap).items() if period > 1}
    if not split or prod(split.values()) > CASES:
        return None
    answer: bool | None = None
    for remainders in product(*(range(period) for period in split.values())):
        values, ranges = {}, dict(bounds)
        for (label, period), remainder in zip(split.items(), remainders, strict=True):
            low, high = bounds.get(label, SIZES)
            values[label] = period * name(label) + low + remainder
            ranges[label] = (0, None if high is None else (high - low - remainder) // period)
        if any(high is not None and high < low for low, high in ranges.values()):
            continue
        case = _verdict(settled(gap.substitute(values), ranges), op, ranges)
        if case is None or case is not (case if answer is None else answer):
            return None
        answer = case
    return answer


class _Search:
    """Bounds of sizes for given bounds of names; each size is looked at once."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = dict(bounds)
        self.found: dict[Dim, Interval] = {}

    def interval(self, size: Dim) -> Interval:
        """The better of two ways: floors as numbers of their own, and floors resolved."""
        if size.value is not None:
            return size.value, size.value
        if size not in self.found:
            try:
                found = self.direct(size)
                low, high = self.direct(*self.resolved(size))
            except OverflowError:
                return UNKNOWN
            if low is not None and (found[0] is None or low > found[0]):
                found = low, found[1]
            if high is not None and (found[1] is None or high < found[1]):
                found = found[0], high
            self.found[size] = found
        return self.found[size]

    def direct(self, size: Dim, scale: int = 1) -> Interval:
        """Bounds of size / scale: each atom counts from its own bound, so none is negative."""
        room: dict[Atom, int | None] = {}
        unbounded: set[Atom] = set()

        def shift(atom: Atom) -> Dim:
            low, high = self.atom(atom)
            this = single(atom)
            room[atom] = None if low is None or high is None else high - low
            if low is not None:
                return this + low
            if high is not None:
                return high - this
            unbounded.add(atom)
            return this

        shifted = size.rebuild(shift)
        low: int | None = shifted.constant
        high: int | None = low
        for mono, coefficient in shifted.terms:
            if not mono:
                continue
            tops = [room[atom] for atom, power in mono for _ in range(power)]
            if not unbounded.isdisjoint(atom for atom, _ in mono):
                return UNKNOWN
            top = 0 if 0 in tops else None if None in tops else prod(t for t in tops if t)
            if coefficient > 0:
                high = None if high is None or top is None else high + coefficient * top
            else:
                low = None if low is None or top is None else low + coefficient * top
        return (None if low is None else -(-low // scale), None if high is None else high // scale)

    def resolved(self, size: Dim) -> tuple[Dim, int]:
        """The size, and by what it is multiplied, with (x - remainder)/k for each floor x // k
        that is a term of its own."""
        scale = 1
        for count in range(FLOORS):
            floors = ((_floor_over_number(mono), c) for mono, c in size.terms)
            found = next(((atom, c) for atom, c in floors if atom), None)
            if found is None:
                break
            atom, coefficient = found
            numerator, divisor = atom.parts
            by = divisor.value or 1
            remainder = f"% {by} {count}"  # no name of a spec looks like this
            self.bounds[remainder] = (0, by - 1)
            alone = coefficient * single(atom)
            size = by * (size - alone) + coefficient * (numerator - name(remainder))
            scale *= by
        return size, scale

    def atom(self, atom: Atom) -> Interval:
        """Bounds of a name, floor, minimum or maximum."""
        if atom.kind == "name":
            return self.bounds.get(atom.label, SIZES)
        parts = [self.interval(part) for part in atom.parts]
        if atom.kind == "floor":
            return _quotient(*parts)
        lows = [low for low, _ in parts if low is not None]
        highs = [high for _, high in parts if high is not None]
        if atom.kind == "min":
            return (min(lows) if len(lows) == len(parts) else None, min(highs, default=None))
        return (max(lows, default=None), max(highs) if len(highs) == len(parts) else None)


def _floor_over_number(mono: Monomial) -> Atom | None:
    if len(mono) != 1 or mono[0][1] != 1 or mono[0][0].kind != "floor":
        return None
    return mono[0][0] if mono[0][0].parts[1].value else None


def _quotient(numerator: Interval, divisor: Interval) -> Interval:
    """Bounds of a floor whose divisor is positive."""
    (low, high), (small, large) = numerator, divisor
    if small is None or small < 1:
        return UNKNOWN
    if low is not None:
        low = low // small if low < 0 else low // large if large else 0
    if high is not None:
        high = high // small if high >= 0 else high // large if large else -1
    return low, high
