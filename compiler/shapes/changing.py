"""Sizes and numbers that a loop of a constructor changes, told from those that stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .. import ir, opened
from ..dims import Dim, name
from ..source import Span
from ..tensor import Type
from .closed import Closed, Counter, closed, never_negative
from .values import NotGeneric, holds_tensors

if TYPE_CHECKING:
    from .evaluation import Evaluation

# What the axes of a value are called where their sizes change from turn to turn.
AXES = {1: ("size",), 2: ("rows", "features"), 3: ("rows", "steps", "features")}
AXES |= {4: ("rows", "channels", "h", "w")}
AXES |= {5: ("rows", "channels", "d", "h", "w")}

# An author's name, of a tensor together with the axis.
Key = str | tuple[str, int]


@dataclass(slots=True)
class Changing:
    """What changes from turn to turn, under names of the constructor's: axes and numbers.

    `formulas` tell some of them by the number of the turn; for those `refused` none does.
    """

    words: dict[Key, str] = field(default_factory=dict)
    formulas: dict[str, Closed] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def inside(self, value: Any, called: str) -> Any:
        """What an author's name stands for in any turn."""
        if isinstance(value, ir.Value):
            shape = tuple(
                self._size(self.words[called, axis]) if (called, axis) in self.words else size
                for axis, size in enumerate(value.type.shape)
            )
            kind = replace(value.type, shape=shape, meaning="", grown=frozenset())
            # What flows into `repeat` has a name that no text has.
            return ir.Value(kind, value.span, called if called.isidentifier() else "")
        if called in self.words:
            sort = opened.kind(value)
            word = self.words[called]
            return self._size(word) if sort == "int" else ir.Open(word, sort)
        return value

    def _size(self, word: str) -> Dim:
        return self.formulas[word].inside if word in self.formulas else name(word)

    def pairs(
        self, before: dict[str, Any], after: dict[str, Any]
    ) -> Iterable[tuple[str, Any, Any]]:
        """The names, what each is before the first turn, and what a turn makes of it."""
        for key, word in self.words.items():
            if isinstance(key, tuple):
                each, axis = key
                yield word, before[each].type.shape[axis], after[each].type.shape[axis]
        for key, word in self.words.items():
            if isinstance(key, str):
                yield word, before[key], after[key]

    def settled(
        self,
        here: Evaluation,
        span: Span,
        by: Counter | None,
        pairs: Iterable[tuple[str, Any, Any]],
        own: frozenset[str],
    ) -> bool:
        """Whether the formulas are those that hold; they are from now on."""
        if by is None or span in here.counting:
            return True
        found = {}
        for word, first, then in pairs:
            if word in self.refused:
                continue
            formula = closed(here, by, among(here, by.count, first, 1), then, own)
            if formula is None or formula != self.formulas.get(word, formula):
                self.refused |= {word} & self.formulas.keys()
            else:
                found[word] = formula
        if found == self.formulas:
            return True
        self.formulas = found
        return False


def among(here: Evaluation, count: Dim, size: Any, which: int) -> Any:
    """A size where another loop of as many turns has had some (1), or none (2)."""
    if not isinstance(size, Dim):
        return size
    told = {word: ends[which] for word, ends in here.behind.items() if ends[0] == count}
    return size.substitute(told)


def known_behind(here: Evaluation, by: Counter, first: Any, formula: Closed) -> bool:
    """Whether a formula tells a size behind a loop even where the loop has no turn."""
    return never_negative(here, by.count) or among(here, by.count, first, 2) == formula.behind


def words_of(steps: Iterable[ir.TypedStep]) -> frozenset[str]:
    """The names that steps give to numbers, in loops and branches too."""
    found: set[str] = set()
    for step in ir.every(tuple(steps)):
        match step:
            case ir.Turns():
                found |= {*step.names, *step.lets, *(word for word, *_ in step.sizes)}
            case ir.Choice():
                found |= {word for word, *_ in step.sizes}
            case ir.ListStep():
                found |= {word for _, word in step.sizes}
    return frozenset(found)


def told(steps: Iterable[ir.TypedStep], atoms: opened.Atoms) -> frozenset[str]:
    """The names that layers, blocks, loops and branches are made by."""
    values: list[Any] = []
    for step in ir.every(tuple(steps)):
        match step:
            case ir.LayerStep():
                values += [*step.inferred.values(), *step.arguments.values()]
            case ir.BlockStep():
                values += [*step.arguments.values(), *step.body.sizes.values()]
            case ir.StateStep():
                values += step.output.type.shape
            case ir.Turns():
                values += [step.over, *step.lets.values()]
                values += [each for _, *both in step.sizes for each in both]
            case ir.Choice():
                values += [step.condition, *(each for _, *both in step.sizes for each in both)]
    return opened.names(tuple(values), atoms)


def changed(inside: dict[str, Any], after: dict[str, Any], words: dict[Key, str]) -> list[Key]:
    """What a turn changes that was thought to stay: names of numbers, and axes of tensors."""
    found: list[Key] = []
    for each, value in inside.items():
        then = after[each]
        if then is None:
            raise NotGeneric
        if then is value or (not holds_tensors(value) and then == value):
            continue
        if isinstance(value, ir.Value) and isinstance(then, ir.Value):
            if not _alike(value.type, then.type):
                raise NotGeneric
            pairs = zip(value.type.shape, then.type.shape, strict=True)
            differ = [axis for axis, (one, other) in enumerate(pairs) if one != other]
            found += [(each, axis) for axis in differ if (each, axis) not in words]
        elif holds_tensors(value) or holds_tensors(then) or opened.kind(value) in ("", "list"):
            raise NotGeneric
        elif each not in words:
            found.append(each)
    return found


def _alike(one: Type, other: Type) -> bool:
    return (
        (one.dtype, len(one.shape), one.tokens, one.classes, one.packed)
        == (other.dtype, len(other.shape), other.tokens, other.classes, other.packed)
    ) and len(one.shape) in AXES
