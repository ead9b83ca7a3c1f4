"""Sizes that loops of a constructor change, where a turn's number tells them: `2**level * width`.

What a turn makes of a size is what the next one begins with. Where that needs nothing but the
number of the turn, it is a formula f of it: shown by putting the number before into it, and by
comparing what comes out for the first turn with what the size was there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import compiletime, ir, opened
from ..arithmetic import ArithmeticFault
from ..dims import Dim, dim, name
from .values import NotGeneric

if TYPE_CHECKING:
    from .evaluation import Evaluation

LONGEST = 24  # letters of a formula that reads better than a number that is counted


@dataclass(frozen=True, slots=True)
class Counter:
    """The name that counts turns: its `start`, what it would be `behind` the last, its `step`."""

    word: str
    start: Dim
    behind: Dim
    step: int

    @property
    def count(self) -> Dim:
        """How many turns there are, where it is not negative."""
        return (self.behind - self.start) * self.step

    def mirrors(self, other: Counter) -> bool:
        """Whether it goes through the same numbers the other way round."""
        return (self.start, self.behind, self.step) == (
            other.behind - other.step,
            other.start - other.step,
            -other.step,
        )


def counter(
    over: ir.Open, target: Any, names: tuple[str, ...], count: Callable[[], Dim]
) -> Counter | None:
    """The name of a loop that is a number and grows or falls by one each turn."""
    if not names:
        return None
    inner, turned = over, False
    if over.operator == "reversed" and isinstance(over.operands[0], ir.Open):
        inner, turned = over.operands[0], True
    first = target[0] if isinstance(target, tuple) else target
    if isinstance(first, tuple) or first.name == "_":
        return None
    if isinstance(target, tuple) is (inner.operator != "enumerate"):
        return None
    if inner.operator == "range" and len(inner.operands) < 3:
        ends = [dim(each) for each in (0, *inner.operands)]
        low, high = ends[-2:]
    elif inner.operator == "enumerate" and len(inner.operands) == 1:
        low, high = dim(0), count()
    elif inner.operator == "literal" and not turned:
        return _of_numbers(names[0], inner.sample)
    else:
        return None
    start, behind, step = (high - 1, low - 1, -1) if turned else (low, high, 1)
    return Counter(names[0], start, behind, step)


def _of_numbers(word: str, numbers: tuple[Any, ...]) -> Counter | None:
    if not all(type(each) is int for each in numbers):
        return None
    for step in (1, -1):
        behind = numbers[0] + step * len(numbers)
        if numbers == tuple(range(numbers[0], behind, step)):
            return Counter(word, dim(numbers[0]), dim(behind), step)
    return None


@dataclass(frozen=True, slots=True)
class Closed:
    """A size as a formula of a turn's number: in a turn, and behind the last one."""

    inside: Dim
    behind: Dim


def closed(
    here: Evaluation, by: Counter, first: Any, then: Any, own: frozenset[str]
) -> Closed | None:
    """The formula of a size that is `first` before the first turn, and `then` behind each.

    `own` are the names that the loop changes. That the formula holds is shown for loops of at
    least one turn: for others `first` counts.
    """
    if not all(isinstance(each, int | Dim) for each in (first, then)):
        return None
    needed = opened.names(then, here.atoms)
    if by.word not in needed or needed & own != {by.word}:
        return None
    try:
        inside = substituted(here, then, {by.word: name(by.word) - by.step})
        start = substituted(here, inside, {by.word: by.start})
        behind = substituted(here, then, {by.word: by.behind - by.step})
    except (NotGeneric, ArithmeticFault, ArithmeticError):
        return None
    if not all(isinstance(each, int | Dim) for each in (inside, start, behind)):
        return None
    if dim(start) != dim(first) or len(opened.written(dim(inside))) > LONGEST:
        return None
    return Closed(dim(inside), dim(behind))


def never_negative(here: Evaluation, count: Dim) -> bool:
    """Whether a number of turns is none below zero, whatever a constructor is told."""
    lengths = {word for word, value in here.atoms.items() if value.operator == "len"}
    return all(number > 0 for _, number in count.terms) and count.names <= lengths


def substituted(here: Evaluation, value: Any, values: Mapping[str, Dim]) -> Any:
    """What a value is where names stand for other sizes; raises `NotGeneric` or a fault."""
    if opened.names(value, here.atoms).isdisjoint(values):
        return value
    match value:
        case Dim():
            inner = {
                each: substituted(here, here.atoms[each], values)
                for each in value.names & here.atoms.keys()
            }
            if not all(isinstance(each, int | Dim) for each in inner.values()):
                raise NotGeneric
            return value.substitute({**values, **inner})
        case tuple():
            return tuple(substituted(here, each, values) for each in value)
        case ir.Open(operator="", text=word):
            return values[word]
        case ir.Open(operator="literal" | "let"):
            raise NotGeneric
        case ir.Open(operator=operator, operands=operands):
            parts = tuple(substituted(here, each, values) for each in operands)
            return _again(here, value, operator, parts)
    raise NotGeneric


def _again(here: Evaluation, value: ir.Open, operator: str, parts: tuple[Any, ...]) -> Any:
    """An operation, of other operands."""
    if operator.endswith("()"):
        words = ", ".join(map(opened.written, parts))
        called = f"{value.text.partition('(')[0]}({words})"
        return here.computed(lambda: ir.Open(called, value.kind, operator, parts))
    if operator in opened.CALLED:
        if any(map(opened.is_open, parts)):
            return here.computed(opened.call, operator, parts)
        return compiletime.call(operator, parts)
    special: dict[str, Callable[..., Any]]
    special = {"if": opened.choice, "[]": opened.entry, "[:]": opened.part}
    if operator in special:
        return here.computed(special[operator], *parts)
    return here.computed(opened.operation, operator, *parts)
