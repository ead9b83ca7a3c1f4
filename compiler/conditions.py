"""Conditions on open sizes: those of one size joined and solved, the others in simplest form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import ir
from .dims import Dim, solve
from .dims.meet import meet
from .dims.relation import Relation, relation, replaces, value_of
from .dims.solution import Solution


@dataclass(frozen=True, slots=True)
class Joined:
    """What must hold of one size, or between several, and the guards that together ask for it."""

    says: Solution | Relation
    guards: tuple[ir.Guard, ...]

    @property
    def names(self) -> frozenset[str]:
        """The sizes that it is about."""
        return frozenset({self.says.name}) if isinstance(self.says, Solution) else self.says.names

    @property
    def expression(self) -> str:
        """The condition in Python, as `summary --json` lists it: `H % 8 == 0`, `H == W`."""
        return self.says.expression()

    @property
    def words(self) -> str:
        """The condition in a message: "H must be a multiple of 8", "H == W must hold"."""
        if isinstance(self.says, Solution):
            return self.says.words()
        return f"{self.says.expression()} must hold"


@dataclass(slots=True)
class _Asked:
    """A condition on its way, and who asks for it."""

    says: Relation
    guards: tuple[ir.Guard, ...]


def joined(guards: Iterable[ir.Guard]) -> list[Joined]:
    """The fewest conditions that hold exactly where all guards do: those of one size first, one a
    size where its sizes can be listed together, then those between several."""
    single: dict[str, list[Joined]] = {}
    several: list[_Asked] = []
    for guard in {_key(each): each for each in reversed(list(guards))}.values():
        _place(guard.condition.left, guard.condition.operator, guard.condition.right, guard,
               single, several)  # fmt: skip
    return []


def _key(guard: ir.Guard) -> tuple[Dim, str, Dim]:
    return guard.condition.left, guard.condition.operator, guard.condition.right
