"""Conditions on open sizes: solved, and without those that follow from others."""

from __future__ import annotations

from collections.abc import Iterable

from . import ir
from .dims import solve
from .dims.solution import Solution


def binding(guards: Iterable[ir.Guard]) -> list[tuple[ir.Guard, Solution | None]]:
    """The guards that count, in order, each with its solution where one size decides it."""
    strictest: dict[str, int] = {}
    found: dict[str, tuple[ir.Guard, Solution | None]] = {}
    for guard in guards:
        solution = _solution(guard)
        if solution is not None and solution.always:
            continue
        if solution is not None and _is_bound(solution):
            least = strictest.get(solution.name, 0)
            strictest[solution.name] = max(least, solution.low)
        condition = guard.condition
        text = f"{condition.left} {condition.operator} {condition.right}"
        found.setdefault(solution.expression() if solution else text, (guard, solution))
    return [
        (guard, solution)
        for guard, solution in found.values()
        if solution is None or not _is_bound(solution) or solution.low == strictest[solution.name]
    ]


def spelled(guard: ir.Guard, solution: Solution | None) -> str:
    """A condition as `summary --json` lists it."""
    if solution is not None:
        return solution.expression()
    condition = guard.condition
    return f"{condition.left} {condition.operator} {condition.right}"


def _solution(guard: ir.Guard) -> Solution | None:
    condition = guard.condition
    names = condition.left.names | condition.right.names
    if len(names) != 1:
        return None
    (only,) = names
    return solve(condition.left, condition.operator, condition.right, only)


def _is_bound(solution: Solution) -> bool:
    """Whether it says "at least so much" and nothing else."""
    return not solution.ranges and solution.modulus == 1 and bool(solution.residues)
