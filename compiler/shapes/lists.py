"""Lists of tensors that loops of a constructor fill and empty, in a generic network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from .. import ir, opened
from ..arithmetic import ArithmeticFault
from ..dims import Dim, name
from ..record import Record, replaced
from ..source import Span
from ..tensor import Type
from .closed import Counter, substituted
from .values import NotGeneric

if TYPE_CHECKING:
    from .evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class Filled:
    """A loop that has appended the last entries of a list, one of such a type each turn."""

    over: ir.Open
    words: tuple[str, ...]
    by: Counter | None
    type: Type


def used(node: Any) -> Iterator[str]:
    """The names of lists that statements append to or pop from."""
    if isinstance(node, ir.Append | ir.Pop):
        yield node.name
    if isinstance(node, Record) and not isinstance(node, Span):
        for field in type(node)._fields:
            yield from used(getattr(node, field))
    elif isinstance(node, tuple):
        for each in node:
            yield from used(each)
    elif isinstance(node, Mapping):
        yield from used(tuple(node.values()))


def begin(here: Evaluation, names: Iterable[str], span: Span) -> set[str]:
    """Make lists of these names that may have any length; gives those that were none before."""
    begun = set()
    for each in dict.fromkeys(names):
        found = here.names.get(each)
        if not isinstance(found, tuple):
            continue
        if not all(isinstance(entry, ir.Value) for entry in found):
            raise NotGeneric
        like = Type("f32", ()) if not found else found[0].type
        stack = ir.Stack(ir.Value(like, span, each), (), frozenset(here.reserved | {*here.born}))
        here.did(ir.ListStep(span, "begin", stack.handle), stack.handle)
        for entry in found:
            stack = append(here, stack, entry, span)
        here.names[each] = stack
        begun.add(each)
    return begun


def append(here: Evaluation, stack: ir.Stack, value: Any, span: Span) -> ir.Stack:
    """One more entry."""
    if not isinstance(value, ir.Value):
        raise NotGeneric
    here.did(ir.ListStep(span, "append", stack.handle, value))
    return replaced(stack, types=(*stack.types, value.type), count=None, filled=None, ready=())


def pop(here: Evaluation, stack: ir.Stack, span: Span) -> ir.Value:
    """The last entry; sizes that are not the same in all get names of their own."""
    from .changing import AXES
    from .turns import fresh

    if not stack.types or len({(t.dtype, len(t.shape)) for t in stack.types}) != 1:
        raise NotGeneric
    first = stack.types[0]
    shape: list[Dim] = []
    sizes: list[tuple[int, str]] = []
    for axis, size in enumerate(first.shape):
        if stack.ready and (known := stack.ready[axis]) is not None:
            shape.append(known)
            continue
        others = {each.shape[axis] for each in stack.types}
        if len(others) == 1 and opened.names(size, here.atoms) <= stack.known:
            shape.append(size)
            continue
        sizes.append((axis, fresh(here, AXES[len(first.shape)][axis], ours=True)))
        shape.append(name(sizes[-1][1]))
    output = ir.Value(first.shaped(*shape, meaning="", grown=frozenset()), span)
    here.did(ir.ListStep(span, "pop", stack.handle, None, output, tuple(sizes)), output)
    return output


def counted(
    here: Evaluation, stack: ir.Stack, steps: list[ir.TypedStep], count: Callable[[], Dim]
) -> ir.Stack:
    """A new list behind a loop: where each turn appended one equal entry it has so many."""
    if not alone(stack, steps, "append"):
        return stack
    if not all(opened.names(size, here.atoms) <= stack.known for size in stack.types[-1].shape):
        return stack
    return replaced(stack, count=count())


def alone(stack: ir.Stack, steps: list[ir.TypedStep], action: str) -> bool:
    """Whether all that steps do with a list is this, once, and in no loop or branch of theirs."""
    every = [s for s in ir.every(tuple(steps)) if _touches(s, stack)]
    return [s.action for s in steps if _touches(s, stack)] == [action] and len(every) == 1


def _touches(step: ir.TypedStep, stack: ir.Stack) -> TypeGuard[ir.ListStep]:
    return isinstance(step, ir.ListStep) and step.handle is stack.handle


def ready(
    here: Evaluation, stack: ir.Stack, over: ir.Open, words: tuple[str, ...], by: Counter | None
) -> tuple[Dim | None, ...]:
    """The sizes of an entry popped in a loop that goes back over what another one went over."""
    filled = stack.filled
    if not isinstance(filled, Filled):
        return ()
    told: dict[str, Dim] = {}
    alike = len(words) == len(filled.words)
    if alike and (_reversed(over, filled.over) or _reversed(filled.over, over)):
        told = {old: name(new) for old, new in zip(filled.words, words, strict=True) if old and new}
    elif filled.by is not None and by is not None and by.mirrors(filled.by):
        told = {filled.by.word: name(by.word)}
    found: list[Dim | None] = []
    for size in filled.type.shape:
        needed = opened.names(size, here.atoms)
        good = needed & told.keys() and needed <= stack.known | told.keys()
        try:
            found.append(substituted(here, size, told) if good else None)
        except (NotGeneric, ArithmeticFault, ArithmeticError):
            found.append(None)
    return tuple(found) if any(found) else ()


def _reversed(one: ir.Open, other: ir.Open) -> bool:
    """Whether a list is another one from behind."""
    return one.operator == "reversed" and one.operands == (other,)


def whole(here: Evaluation, stack: ir.Stack, span: Span) -> ir.Gathered:
    """A list that a function takes as it is."""
    if stack.count is None:
        raise NotGeneric
    output = ir.Value(stack.types[-1], span, stack.handle.name)
    here.did(ir.ListStep(span, "all", stack.handle, None, output), output)
    return ir.Gathered(output, stack.count, stack.types[:-1])
