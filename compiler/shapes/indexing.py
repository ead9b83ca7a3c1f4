"""`x[:, -1]`: of a tensor a step, of a list or several results one of them, at compile time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ir, opened
from ..dims import Dim
from ..errors import results as errors
from ..layers.indexing import INDEX, WANTED, Slice
from ..layers.record import Given, Mismatch
from ..tensor import UNKNOWN, Type, Unknown
from .apply import sizes_left
from .values import NotGeneric, described, holds_tensors

if TYPE_CHECKING:
    from .evaluation import Evaluation


PART = "the parts of a slice are known when the network is built"


def index(here: Evaluation, node: ir.Index) -> Any:
    """What `target[items]` is; UNKNOWN after a report."""
    target = here.value(node.target)
    items = tuple(_item(here, each) for each in node.items)
    if target is UNKNOWN or UNKNOWN in items:
        return UNKNOWN
    if isinstance(target, ir.Value):
        return _of_tensor(here, node, target, items)
    if isinstance(target, ir.Results):
        if len(items) != 1 or not isinstance(items[0], int | Dim):
            what = "this index takes one tensor"
            here.report(errors.several_results(node.span, target.made_by, target.pattern, what))
            return UNKNOWN
        target = target.items
    if here.generic and len(items) == 1 and isinstance(items[0], int | Dim):
        open_index = isinstance(items[0], Dim) and items[0].value is None
        if isinstance(target, ir.Open) or (isinstance(target, tuple) and open_index):
            return here.computed(opened.entry, target, items[0])
    if isinstance(target, ir.Open) and len(items) == 1 and isinstance(items[0], Slice):
        return here.computed(opened.part, target, items[0].start, items[0].stop, items[0].step)
    if isinstance(target, tuple | str):
        return _of_list(here, node, target, items)

    if here.generic:
        raise NotGeneric
    why = f"only tensors and lists have an index, and this is {described(target)}"
    here.report(errors.wrong_index("D0226", node.span, why))
    return UNKNOWN


def _item(here: Evaluation, node: ir.Expression | ir.Slice | ir.Dots) -> Any:
    if isinstance(node, ir.Dots):
        return ...
    if isinstance(node, ir.Slice):
        parts = (node.start, node.stop, node.step)
        values = [None if each is None else _whole(here, each) for each in parts]
        return UNKNOWN if UNKNOWN in values else Slice(*values)
    if isinstance(node, ir.Literal) and node.value is None:
        return None

    value = here.value(node)
    while isinstance(value, ir.Results):
        value = value.items[0]
    if isinstance(value, ir.Value):
        return value
    if isinstance(value, tuple) and not holds_tensors(value):
        # A list of places: `x[:, [0, 2]]`.
        places = tuple(_whole(here, ir.Evaluated(node.span, each)) for each in value)
        return UNKNOWN if UNKNOWN in places else places
    return _whole(here, ir.Evaluated(node.span, value))


def _whole(here: Evaluation, node: ir.Expression) -> int | Dim | Unknown:
    """A whole number that is known now, or an open size."""

    value = here.value(node)
    if isinstance(value, int | Dim | Unknown) and not isinstance(value, bool):
        return value
    if isinstance(value, ir.Open):
        raise NotGeneric
    if holds_tensors(value):
        here.report(errors.wrong_index("D0226", node.span, f"{WANTED}; {PART}"))
    else:
        why = f"{WANTED}, and this is {described(value)}"
        here.report(errors.wrong_index("D0226", node.span, why))
    return UNKNOWN


def _of_tensor(here: Evaluation, node: ir.Index, value: ir.Value, items: tuple[Any, ...]) -> Any:
    result = INDEX.gives((value.type,), {"items": ir.seen(items)})
    if isinstance(result, Mismatch):
        trail = here.trail(value)
        label = result.notes[0] if result.notes else ""
        here.report(
            errors.wrong_index(result.code, node.span, result.why, label, result.write, trail)
        )
        return UNKNOWN
    given, conditions = (
        (result.type, result.conditions) if isinstance(result, Given) else (result, ())
    )
    assert isinstance(given, Type)
    if not sizes_left(here, node.span, "this index", given, lambda: here.trail(value)):
        return UNKNOWN
    here.guards += [ir.Guard(node.span, condition) for condition in conditions]
    output = ir.Value(given, node.span)
    here.did(ir.LayerStep(node.span, INDEX, {"items": items}, {}, (value,), (output,), ""), output)
    return output


def _of_list(
    here: Evaluation, node: ir.Index, target: tuple[Any, ...] | str, items: tuple[Any, ...]
) -> Any:
    """One entry of a list, or a part of it."""

    item = items[0]
    if len(items) != 1 or item is None or item is ...:
        why = "a list has one index: a whole number or a slice `a:b`"
        here.report(errors.wrong_index("D0226", node.span, why))
        return UNKNOWN
    if isinstance(item, ir.Value | tuple):
        why = "the index of a list must be known when the network is built"
        here.report(errors.wrong_index("D0226", node.span, why))
        return UNKNOWN
    known = [_known(each) for each in _parts(item)]
    if None in known:
        if here.generic:
            raise NotGeneric
        why = "the index of a list must be known when the network is built"
        here.report(errors.wrong_index("D0226", node.span, why))
        return UNKNOWN
    if isinstance(item, Slice):
        start, stop, step = (
            None if each is None else _known(each) for each in (item.start, item.stop, item.step)
        )
        if step == 0:
            here.report(errors.wrong_index("D0226", node.span, "the step of a slice is not 0"))
            return UNKNOWN
        return target[start:stop:step]
    place = known[0]
    assert place is not None
    if -len(target) <= place < len(target):
        return target[place]
    many = len(target)
    there = f"its places are 0 … {many - 1}" if many else "it is empty"
    why = f"index {place} is outside a list of {many}"
    help = f"write an index from 0 to {many - 1}, or -1 for the last"
    help = help if many else "append to it before"
    here.report(errors.wrong_index("D0225", node.span, why, there, help))
    return UNKNOWN


def _parts(item: Any) -> tuple[Any, ...]:
    if isinstance(item, Slice):
        return tuple(each for each in (item.start, item.stop, item.step) if each is not None)
    return (item,)


def _known(size: int | Dim) -> int | None:
    return size.value if isinstance(size, Dim) else size
