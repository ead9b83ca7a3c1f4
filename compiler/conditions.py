"""Conditions on open sizes: those of one size joined and solved, the others in simplest form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from . import ir
from .dims import Dim, constant, solve
from .dims.meet import meet
from .dims.relation import Relation, bound, multiple, parted, relation, replaces
from .dims.size import single
from .dims.solution import Solution, at_least, solution

Guards: TypeAlias = tuple[ir.Guard, ...]
Asked: TypeAlias = tuple[Solution, Guards]


@dataclass(frozen=True, slots=True)
class Joined:
    """What must hold of one size, or between several, and the guards that together ask for it."""

    says: Solution | Relation
    guards: Guards

    @property
    def names(self) -> frozenset[str]:
        """The sizes that it is about."""
        return frozenset({self.says.name}) if isinstance(self.says, Solution) else self.says.names

    @property
    def words(self) -> str:
        """The condition in a message: "H must be a multiple of 8", "H == W must hold"."""
        if isinstance(self.says, Solution):
            return self.says.words()
        return f"{self.says.expression()} must hold"

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the spec that ask for it."""
        return tuple(sorted({guard.span.line for guard in self.guards}))

    def __str__(self) -> str:
        """The condition in Python, as `summary --json` lists it: `H % 8 == 0`, `H == W`."""
        return self.says.expression()


def joined(guards: Iterable[ir.Guard]) -> list[Joined]:
    """The fewest conditions that hold exactly where all guards do: those of one size first, then
    those between several. All sizes are at least 1."""
    conditions = _Conditions()
    seen: set[tuple[Dim, str, Dim]] = set()
    for guard in guards:
        asked = guard.condition
        key = (asked.left, asked.operator, asked.right)
        if key not in seen:
            seen.add(key)
            conditions.add(*key, (guard,))
    conditions.reduce()
    between = [Joined(*each) for each in conditions.open]
    single = [each for name in conditions.solved for each in conditions.together(name)]
    return [each for each in single if not _implied(each.says, conditions.open)] + between


def follows(guards: Sequence[ir.Guard], guard: ir.Guard) -> bool:
    """Whether a condition holds wherever others do."""
    before = sorted(map(str, joined(guards)))
    return before == sorted(map(str, joined([*guards, guard])))


def wants_multiple(guard: ir.Guard) -> bool:
    """Whether it says of one size that it is a multiple, and nothing else."""
    found = joined([guard])
    if len(found) != 1 or not isinstance(found[0].says, Solution):
        return False
    says = found[0].says
    return says.modulus > 1 and says.residues == (0,) and not says.ranges


def _least(size: Dim, other: Dim) -> tuple[Dim, str, Dim] | None:
    """Of `T == min(T, S)` what it says: `T <= S`."""
    atoms = list(other.atoms)
    if len(atoms) != 1 or other != single(atoms[0]) or atoms[0].kind not in ("min", "max"):
        return None
    rest = [part for part in atoms[0].parts if part != size]
    if len(rest) != 1 or len(atoms[0].parts) != 2:
        return None
    return size, "<=" if atoms[0].kind == "min" else ">=", rest[0]


@dataclass(slots=True)
class _Conditions:
    """Conditions on their way: `solved` of one size, `open` of several or without a solution."""

    solved: dict[str, dict[Solution, Guards]] = field(default_factory=dict)
    least: dict[str, Solution] = field(default_factory=dict)
    open: list[tuple[Relation, Guards]] = field(default_factory=list)

    def add(self, left: Dim, operator: str, right: Dim, guards: Guards) -> None:
        """One more condition: solved if it is of one size, else in its simplest form."""
        if operator == "==" and (least := _least(left, right) or _least(right, left)):
            left, operator, right = least
        try:
            simplest = relation(left, operator, right)
        except (OverflowError, ZeroDivisionError):
            simplest = Relation(left - right, operator)
        if simplest is True:
            return
        if simplest is False:
            simplest = Relation(constant(1), "==")
        assert isinstance(simplest, Relation)
        names = left.names | right.names
        if len(names) == 1:
            found = bound(simplest) or solve(simplest.gap, simplest.operator, 0, *names)
            if found is not None:
                self._keep(found, guards)
                return
        factors = parted(simplest)
        if any(size % number == left - right for size, number in factors):
            factors = ()  # it is in parts already
        for size, number in factors:
            self.add(size % number, "==", constant(0), guards)
        if not factors:
            self.open.append((simplest, guards))

    def _keep(self, found: Solution, guards: Guards) -> None:
        """One more solution; of several that ask for a least size alone the strictest."""
        if found.always:
            return
        several = self.solved.setdefault(found.name, {})
        if at_least(found):
            before = self.least.get(found.name)
            if before is not None and before.low >= found.low:
                return
            if before is not None:
                del several[before]
            self.least[found.name] = found
        several.setdefault(found, guards)

    def together(self, name: str) -> list[Joined]:
        """What must hold of one size: one condition, and what cannot be joined with it."""
        asked = list(self.solved[name].items())
        total, kept, apart = _met(asked)
        # Backwards, so that of ever stricter bounds the last alone counts.
        _, kept, _ = _met(kept[::-1])
        guards = tuple(guard for _, several in reversed(kept) for guard in several)
        return [Joined(total, guards), *(Joined(*each) for each in apart)]

    def reduce(self) -> None:
        """Drop what follows from the rest, and solve what is left of one size."""
        while self.open and self._shortened():
            pass
        self.open = _parallel(self.open)

    def _shortened(self) -> bool:
        """One round over the conditions between several sizes: whether it changed any."""
        known = {name: self.together(name)[0].says for name in self.solved}
        legal = {name: says for name, says in known.items() if isinstance(says, Solution)}
        values: dict[str, Dim | int] = {
            name: says.ranges[0][0] for name, says in legal.items() if says.single
        }
        equal: dict[str, Dim | int] = {}
        before, self.open = self.open, []
        for each, guards in before:
            simpler = _simpler(each, values, equal, legal)
            if simpler is each:
                self.open.append((each, guards))
                name, size = replaces(each) or ("", Dim({}))
                if name and not size.names & equal.keys():
                    equal[name] = size
            elif isinstance(simpler, Relation):
                self.add(simpler.gap, simpler.operator, Dim({}), guards)
        return [each for each, _ in self.open] != [each for each, _ in before]


def _implied(says: Solution | Relation, open: Sequence[tuple[Relation, Guards]]) -> bool:
    """Whether a least size follows from a condition between several: of `(H // 4)*(W // 4) == 12`
    H is 4 at least."""
    if not isinstance(says, Solution) or not at_least(says):
        return False
    smaller = {says.name: solution(says.name, [(1, says.low - 1)], 1, 1, [])}
    return any(says.name in each.names and each.follows(smaller) is False for each, _ in open)


def _met(asked: Sequence[Asked]) -> tuple[Solution, list[Asked], list[Asked]]:
    """What solutions of one size have in common; those that made it smaller, and those that could
    not be joined."""
    (total, guards), *others = asked
    kept, apart = [(total, guards)], []
    for found, guards in others:
        both = meet(total, found)
        if both is None:
            apart.append((found, guards))
        elif both != total:
            total = both
            kept.append((found, guards))
    return total, kept, apart


def _simpler(
    each: Relation,
    values: Mapping[str, Dim | int],
    equal: Mapping[str, Dim | int],
    legal: Mapping[str, Solution],
) -> Relation | None:
    """A condition with what is known put in: itself, a shorter one, or None where it always holds.

    `values` are the sizes of which one is legal, `equal` what other conditions say some are.
    """
    for known in (values, equal):
        if each.names.isdisjoint(known):
            continue
        put = each.substitute(known)
        if put is True or (isinstance(put, Relation) and put.follows(legal)):
            return None
        if isinstance(put, Relation) and len(put.names) < len(each.names):
            return put
    return None if each.follows(legal) else each


def _parallel(conditions: Sequence[tuple[Relation, Guards]]) -> list[tuple[Relation, Guards]]:
    """Of inequalities that differ by a number the strictest; of two that meet an equality. What is
    a multiple of 12 is 12 at least."""
    least = dict(filter(None, (multiple(each) for each, _ in conditions)))
    strictest: dict[Dim, tuple[Relation, Guards]] = {}
    for each, guards in conditions:
        line, number = each.line
        before = strictest.get(line)
        if each.operator == ">=" and (before is None or number < before[0].line[1]):
            strictest[line] = each, guards
    found: dict[Relation, Guards] = {}
    for each, guards in conditions:
        line, number = each.line
        if each.operator == ">=":
            if line in least and -number <= least[line]:
                continue
            each, guards = strictest[line]
            opposite, others = strictest.get(-line, (None, ()))
            if opposite is not None and opposite.line[1] == -each.line[1]:
                same = relation(each.gap, "==", Dim({}))
                if isinstance(same, Relation):
                    each, guards = same, (*guards, *others)
        found.setdefault(each, guards)
    return list(found.items())
