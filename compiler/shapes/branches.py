"""Branches that a constructor takes: in a network for all hyperparameters both are gone through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from .. import ir, opened
from ..dims import Dim, dim
from ..dims import name as size_name
from ..record import replaced
from ..source import Span
from ..tensor import Type
from .changing import AXES
from .evaluation import Evaluation
from .turns import fresh
from .values import NotGeneric, holds_tensors

Names = dict[str, Any]


@dataclass(slots=True)
class Branch:
    """What a branch did, and its names at the end."""

    steps: list[ir.TypedStep] = field(default_factory=list)
    names: Names = field(default_factory=dict)
    value: Any = None


@contextmanager
def apart(here: Evaluation) -> Iterator[Branch]:
    """Steps meanwhile go to a branch of their own, and names are as before behind it."""
    outer = here.steps, here.names, here.guards, here.layers, here.shared
    found, asked = Branch(), len(here.requires)
    branching, here.branching = here.branching, True
    here.steps, here.names, here.guards = [], dict(here.names), []
    here.layers, here.shared = dict(here.layers), dict(here.shared)
    try:
        yield found
        declared = {name for name in here.shared if name in outer[3]}
        if any(here.shared[name] != outer[4].get(name) for name in declared):
            raise NotGeneric  # a layer from before, flowed into here first
        found.steps, found.names = here.steps, here.names
    finally:
        del here.requires[asked:]  # of one branch alone
        here.branching = branching
        here.steps, here.names, here.guards, here.layers, here.shared = outer


def either(
    here: Evaluation,
    span: Span,
    condition: Any,
    then: Callable[[], Any],
    otherwise: Callable[[], Any],
) -> Any:
    """Go through both branches; gives the value that they come to."""
    branches = []
    for run in (then, otherwise):
        with apart(here) as branch:
            branch.value = _one(run())
        branches.append(branch)
    first, second = branches
    merging = _Merging(here, span, condition)
    joined = merging.joined

    value = joined(first.value, second.value)
    names: Names = {}
    for name, before in here.names.items():
        if name not in first.names or name not in second.names:
            continue  # the target of a loop there
        pair = first.names.get(name), second.names.get(name)
        names[name] = before if pair[0] is before and pair[1] is before else joined(*pair, name)
    for name in first.names.keys() & second.names.keys() - here.names.keys():
        names[name] = joined(first.names[name], second.names[name], name)
    here.names = names
    triples, sizes = tuple(merging.triples), tuple(merging.sizes)
    if first.steps or second.steps or triples or sizes:
        steps = tuple(first.steps), tuple(second.steps)
        step = ir.Choice(span, condition, *steps, triples, sizes)
        here.did(step, *step.outputs)
    return value


def _one(value: Any) -> Any:
    while isinstance(value, ir.Results):
        value = value.items[0]
    return value


@dataclass(slots=True)
class _Merging:
    """What two branches come to: `triples` of tensors, and `sizes` that get a name."""

    here: Evaluation
    span: Span
    condition: Any
    triples: list[tuple[ir.Value, ir.Value, ir.Value]] = field(default_factory=list)
    sizes: list[tuple[str, Any, Any]] = field(default_factory=list)

    def joined(self, one: Any, other: Any, name: str = "") -> Any:
        """What a name stands for behind both branches."""
        if one is other or (not holds_tensors(one) and one == other):
            return one
        if isinstance(one, ir.Value) and isinstance(other, ir.Value):
            known = next((t[0] for t in self.triples if t[1] is one and t[2] is other), None)
            if known is not None:
                return known
            merged = ir.Value(self._type(one.type, other.type), self.span, name)
            self.triples.append((merged, one, other))
            return merged
        if isinstance(one, ir.Stack) and isinstance(other, ir.Stack) and one.handle is other.handle:
            types = tuple(dict.fromkeys((*one.types, *other.types)))
            return replaced(one, types=types, count=None, filled=None, ready=())
        if holds_tensors(one) or holds_tensors(other) or isinstance(one, ir.Op):
            raise NotGeneric(opened.names(self.condition, self.here.atoms))
        return self._number(one, other, name)

    def _type(self, one: Type, other: Type) -> Type:
        """A type that both have."""
        alike = one.dtype == other.dtype and len(one.shape) == len(other.shape)
        if not alike or (one.tokens, one.labels) != (other.tokens, other.labels):
            raise NotGeneric(opened.names(self.condition, self.here.atoms))
        called = AXES.get(len(one.shape), ("",) * len(one.shape))
        shape = tuple(map(self._size, one.shape, other.shape, called))
        meaning = one.meaning if one.meaning == other.meaning else ""
        return replace(one, shape=shape, meaning=meaning, grown=frozenset())

    def _size(self, one: Dim, other: Dim, called: str) -> Dim:
        """A size that is one or the other; where the condition makes them equal, the general."""
        if one == other:
            return one
        where = equalities(self.condition, True)
        if one.substitute(where) == other.substitute(where):
            return other
        where = equalities(self.condition, False)
        if one.substitute(where) == other.substitute(where):
            return one
        return dim(self._number(one, other, called, ours=True))

    def _number(self, one: Any, other: Any, called: str, ours: bool = False) -> Any:
        """A number that is one or the other.

        Where a loop's numbers decide it has a name, which each branch gives its own value.
        """
        here = self.here
        found = here.computed(opened.choice, self.condition, one, other)
        given = {opened.safe(each) for each in here.hyperparameters} | here.born.keys()
        if not called or here.depth or not isinstance(found, int | Dim):
            return found
        if opened.names(found, here.atoms) <= given:
            return found
        for word, *both in self.sizes:
            if both == [one, other]:
                return size_name(word)
        self.sizes.append((fresh(here, called, ours), one, other))
        return size_name(self.sizes[-1][0])


def equalities(condition: Any, holds: bool) -> dict[str, Dim]:
    """The names that a condition tells, where it holds or where it does not."""
    match condition:
        case ir.Open(operator="not", operands=(inner,)):
            return equalities(inner, not holds)
        case ir.Open(operator="and" | "or" as operator, operands=operands):
            if holds is (operator == "and"):
                found: dict[str, Dim] = {}
                for each in operands:
                    found |= equalities(each, holds)
                return found
        case ir.Open(operator="==" | "!=" as operator, operands=(left, right)):
            if holds is (operator == "==") and all(
                isinstance(each, int | Dim) for each in (left, right)
            ):
                return _solved(dim(left), dim(right))
    return {}


def _solved(left: Dim, right: Dim) -> dict[str, Dim]:
    for one, other in ((left, right), (right, left)):
        if len(one.names) == 1 and str(one) in one.names:
            return {str(one): other}
    return {}
