"""The sizes that two solutions share."""

from __future__ import annotations

from math import lcm

from .solution import Solution, solution

CYCLE = 16_384  # the longest cycle of remainders that two solutions are joined to
LISTED = 4_096  # how many single sizes are picked out of a stretch

Ranges = list[tuple[int, int]]


def meet(first: Solution, second: Solution) -> Solution | None:
    """The sizes that are in both sets of sizes of one name, or None where to write them down
    would take too long."""
    cycle = lcm(first.modulus, second.modulus)
    if cycle > CYCLE:
        return None
    picked = [_picked(first.ranges, second), _picked(second.ranges, first)]
    ranges = _overlaps(first.ranges, second.ranges)
    for found in picked:
        if found is None:
            return None
        ranges += found
    return solution(
        first.name,
        sorted(ranges),
        max(first.low, second.low),
        cycle,
        _remainders(first, second, cycle),
    )


def _overlaps(first: tuple[tuple[int, int], ...], second: tuple[tuple[int, int], ...]) -> Ranges:
    """What ascending ranges have in common."""
    found: Ranges = []
    here = there = 0
    while here < len(first) and there < len(second):
        low = max(first[here][0], second[there][0])
        high = min(first[here][1], second[there][1])
        if low <= high:
            found.append((low, high))
        if first[here][1] < second[there][1]:
            here += 1
        else:
            there += 1
    return found


def _picked(ranges: tuple[tuple[int, int], ...], other: Solution) -> Ranges | None:
    """Of ranges, what lies in the other's endless part."""
    if not other.residues:
        return []
    clipped = [(max(low, other.low), high) for low, high in ranges if high >= other.low]
    if other.modulus == 1:
        return clipped
    if sum(high - low + 1 for low, high in clipped) > LISTED:
        return None
    rest = set(other.residues)
    sizes = (size for low, high in clipped for size in range(low, high + 1))
    return [(size, size) for size in sizes if size % other.modulus in rest]


def _remainders(first: Solution, second: Solution, cycle: int) -> list[int]:
    """The remainders by the common cycle that both allow."""
    if not first.residues or not second.residues:
        return []
    rest = set(second.residues)
    turns = range(0, cycle, first.modulus)
    every = (turn + residue for turn in turns for residue in first.residues)
    return [each for each in every if each % second.modulus in rest]
