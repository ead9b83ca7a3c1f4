"""Which values of one name fulfil a condition between sizes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise

from .bounds import OPPOSITE, decide, periods, settled
from .size import Dim, common, dim, name
from .solution import Solution, solution

PERIOD = 512  # the longest cycle of remainders that is looked at
FIRST = 8_192  # how many sizes are tried one by one where no cycle is found
LISTED = 4_096  # how many single sizes are listed from a stretch without a simple rule

Run = tuple[int, int]  # where it starts, and the sign (-1, 0, 1) of the polynomial from there on


def solve(first: Dim | int, op: str, second: Dim | int, unknown: str) -> Solution | None:
    """The sizes, from 1 on, for which `first op second` (`== != < <= > >=`) holds, or None where
    that stays open: where it also depends on other names, or no rule was found."""
    try:
        gap = settled(_reduced(dim(first) - second), {})
        if not gap.names <= {unknown}:
            return None
        return _by_remainders(gap, op, unknown) or _by_trial(gap, op, unknown)
    except (OverflowError, ZeroDivisionError):
        return None


def _holds(value: int, op: str) -> bool:
    """Whether `value op 0`."""
    if op in OPPOSITE:
        return not _holds(value, OPPOSITE[op])
    return value == 0 if op == "==" else value < 0 or (op == "<=" and value == 0)


def _reduced(gap: Dim) -> Dim:
    """The gap without names that all its terms have: a name is positive and changes no sign."""
    if not gap.terms:
        return gap
    names = tuple((atom, power) for atom, power in common([gap]) if atom.kind == "name")
    return gap // Dim({names: 1})


def _by_remainders(gap: Dim, op: str, unknown: str) -> Solution | None:
    """With unknown = period*q + r every floor over a number becomes a polynomial in q, whose
    signs are known exactly."""
    period = periods(gap).get(unknown, 1)
    if period > PERIOD:
        return None
    runs: list[list[Run]] = []
    for remainder in range(1, period + 1):
        case = gap.substitute({unknown: period * name(unknown) + remainder})
        coefficients = _coefficients(case)
        if coefficients is None:
            return None
        runs.append(_signs(coefficients))
    starts = [[start for start, _ in of_case] for of_case in runs]

    def holds(size: int) -> bool:
        turn, remainder = divmod(size - 1, period)
        case = bisect_right(starts[remainder], turn) - 1
        return _holds(runs[remainder][case][1], op)

    edges = {period * start + case + 1 for case, of in enumerate(starts) for start in of[1:]}
    return _collected(holds, sorted({1, *edges}), period, unknown)


def _collected(
    holds: Callable[[int], bool], edges: list[int], period: int, unknown: str
) -> Solution | None:
    """The solution whose pattern of remainders changes only at the edges."""
    ranges: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        pattern = [holds(size) for size in range(start, min(end, start + period))]
        if all(pattern):
            ranges.append((start, end - 1))
        elif any(pattern):
            if end - start > LISTED:
                return None
            ranges += ((size, size) for size in range(start, end) if holds(size))
    last = edges[-1]
    residues = [size % period for size in range(last, last + period) if holds(size)]
    return solution(unknown, ranges, last, period, residues)


def _by_trial(gap: Dim, op: str, unknown: str) -> Solution | None:
    """Small sizes one by one, and one proof for all that are larger."""
    rest = decide(gap, op, 0, {unknown: (FIRST + 1, None)})
    if rest is None:
        return None
    sizes = range(1, FIRST + 1)
    found = [(size, size) for size in sizes if _holds(gap.evaluate({unknown: size}), op)]
    return solution(unknown, found, FIRST + 1, 1, [0] if rest else [])


def _coefficients(size: Dim) -> list[int] | None:
    """Of a polynomial in one name: its coefficients, lowest power first."""
    found: dict[int, int] = {}
    for mono, coefficient in size.terms:
        if any(atom.kind != "name" for atom, _ in mono):
            return None
        found[sum(power for _, power in mono)] = coefficient
    return [found.get(power, 0) for power in range(max(found, default=0) + 1)]


def _signs(coefficients: list[int]) -> list[Run]:
    """The signs of a polynomial on 0, 1, 2, …, as runs, the last without end.

    Where its difference p(q + 1) - p(q), a polynomial of lower degree, keeps one sign, p is
    monotone, and bisection finds where its sign changes.
    """

    def sign(at: int) -> int:
        value = 0
        for coefficient in reversed(coefficients):
            value = value * at + coefficient
        return (value > 0) - (value < 0)

    if len(coefficients) == 1:
        return [(0, sign(0))]
    slopes = _signs(_difference(coefficients))
    runs: list[Run] = []
    for index, (start, slope) in enumerate(slopes):
        end = slopes[index + 1][0] if index + 1 < len(slopes) else None
        here: int | None = start
        while here is not None:
            if not runs or runs[-1][1] != sign(here):
                runs.append((here, sign(here)))
            here = _change(sign, here, end, slope)
    return runs


def _difference(coefficients: list[int]) -> list[int]:
    """The coefficients of p(q + 1) - p(q), by binomials."""
    result = [0] * (len(coefficients) - 1)
    for power, coefficient in enumerate(coefficients):
        binomial = 1
        for lower in range(power):
            result[lower] += coefficient * binomial
            binomial = binomial * (power - lower) // (lower + 1)
    return result


def _change(sign: Callable[[int], int], start: int, end: int | None, slope: int) -> int | None:
    """The first place in (start, end) whose sign differs from that at `start`, for a function
    that is monotone there; without an end it grows (or falls) for ever."""
    first = sign(start)
    if slope == 0 or first == slope:
        return None
    if end is None:
        step = 1
        while sign(start + step) == first:
            step *= 2
        high = start + step
    elif sign(end - 1) == first:
        return None
    else:
        high = end - 1
    low = start
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sign(middle) == first else (low, middle)
    return high
