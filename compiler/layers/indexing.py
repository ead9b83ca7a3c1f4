"""`x[:, -1]`: torch's indexing by whole numbers, slices, `...`, None and tensors of indices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..dims import Dim, decide, dim, minimum, text
from ..tensor import Type
from .broadcasting import broadcast
from .meaning import bound_of
from .record import BATCH, Args, Condition, Layer, Mismatch, Result, Shape, free, under


@dataclass(frozen=True, slots=True)
class Slice:
    """`start:stop:step`; what is left out is None."""

    start: Any = None
    stop: Any = None
    step: Any = None


WANTED = "an index is a whole number, a slice `a:b`, `...`, None or a tensor of whole numbers"
INDICES = ("i64", "i32")


@dataclass(slots=True)
class Walk:
    """A shape on its way through an index: what is kept, and what picks by tensors, and where."""

    shape: list[Dim] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    picks: list[Shape] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    batch: bool = False


def indexed(x: tuple[Type, ...], a: Args) -> Result:
    """The type of `x[items]`; what must hold of open sizes is a condition.

    Items are sizes, `Slice`, `...`, None, types of tensors of whole numbers, and lists of whole
    numbers. Source of the rules: basic and advanced indexing as PyTorch documents it; a whole
    number, also as a scalar tensor, takes its axis away before tensors pick.
    """
    (value,) = x
    items: tuple[Any, ...] = a["items"]
    rank = len(value.shape)
    taken = sum(item is not None and item is not ... for item in items)
    if sum(item is ... for item in items) > 1:
        return Mismatch("`...` stands once in an index", code="D0226")
    for item in items:
        if isinstance(item, Type) and (wrong := _no_index(item)):
            return wrong
    if taken > rank:
        axes = f"{rank} {'axis' if rank == 1 else 'axes'}"
        return Mismatch(f"{value} has {axes}, and here are {taken} indices", code="D0226")
    if ... not in items:
        items = (*items, ...)
    walk = Walk()
    axis = 0
    for item in items:
        if item is None:
            walk.shape.append(dim(1))
        elif item is ...:
            walk.shape += value.shape[axis : axis + rank - taken]
            axis += rank - taken
        else:
            wrong = _step(value.shape[axis], axis, item, walk)
            if wrong is not None:
                return wrong
            axis += 1
    shape = _picked(walk)
    if isinstance(shape, Mismatch):
        return shape
    spatial = value.spatial if len(shape) == rank and not walk.picks else 0
    return under(value.shaped(*shape, spatial=spatial), walk.conditions)


def _step(size: Dim, axis: int, item: Any, walk: Walk) -> Mismatch | None:
    """One axis goes through its item."""
    if isinstance(item, Slice):
        kept = _sliced(size, axis, item, walk.conditions)
        if isinstance(kept, Mismatch):
            return kept
        walk.shape.append(kept)
        return None
    if isinstance(item, Type):
        wrong = _values(size, axis, item, walk.conditions)
    elif isinstance(item, tuple):
        several = (_position(size, axis, dim(each), walk.conditions) for each in item)
        wrong = next(filter(None, several), None)
        if not item:
            wrong = Mismatch("an empty list picks nothing", code="D0226")
    else:
        wrong = _position(size, axis, dim(item), walk.conditions)
    picks = (item.shape if isinstance(item, Type) else (dim(len(item)),)) if _many(item) else ()
    if picks:
        walk.picks.append(picks)
        walk.places.append(len(walk.shape))
        walk.batch |= BATCH in size.names
    return wrong


def _many(item: Any) -> bool:
    return isinstance(item, tuple) or (isinstance(item, Type) and bool(item.shape))


def _no_index(index: Type) -> Mismatch | None:
    """What is wrong with a tensor that names no places."""
    if index.dtype in INDICES:
        return None
    if index.dtype == "bool":
        return Mismatch(
            "how many values a mask keeps depends on the data",
            write="where(mask, x, 0.0) or masked_fill(x, mask, 0.0), which keep the shape",
            code="D0226",
        )
    what = f"a tensor that is an index has whole numbers, i64 or i32, and this is {index}"
    return Mismatch(what, write="-> to(i64)", code="D0226")


def _values(size: Dim, axis: int, index: Type, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with indices that may lie behind the end of their axis."""
    bound = bound_of(index)
    if bound is None or decide(size, ">=", bound):
        return None
    if decide(size, ">=", bound) is None:
        conditions.append(Condition(size, ">=", dim(bound)))
        return None
    return Mismatch(
        f"the indices go up to {bound - 1}, and axis {axis} has {text(size)}",
        notes=(f"its places are 0 … {text(size - 1)}",),
        code="D0225",
    )


def _picked(walk: Walk) -> tuple[Dim, ...] | Mismatch:
    """The shape with what the tensors pick: where they stood together, in front where apart."""
    if not walk.picks:
        return tuple(walk.shape)
    rank = max(map(len, walk.picks))
    grows = [frozenset(range(1, rank + 1))] * len(walk.picks)
    common = broadcast(walk.picks, grows)
    if isinstance(common, str):
        return Mismatch(f"the indices do not go together: {common.partition('|')[0]}", code="D0226")
    batches = [sum(BATCH in size.names for size in shape) for shape in (*walk.picks, common)]
    if batches[-1] > max(batches[:-1]) and batches[-1] > 1:
        return Mismatch(
            "the batch stands on two axes of the indices, so each record would meet all others",
            write="both indices of one shape",
            code="D0226",
        )
    if walk.batch and not batches[-1]:
        return Mismatch(
            "an index into the batch has one entry for each record: there would be other records",
            write="x[arange(N), index]",
            code="D0226",
        )
    place = walk.places[0] if len({*walk.places}) == 1 else 0
    return (*walk.shape[:place], *common, *walk.shape[place:])


def _position(size: Dim, axis: int, index: Dim, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with taking one place of an axis."""
    backwards = decide(index, "<", 0)
    if backwards is None:
        conditions.append(Condition(index, ">=", dim(0)))
    least = -index if backwards else index + 1
    match decide(size, ">=", least):
        case True:
            return None
        case None:
            conditions.append(Condition(size, ">=", least))
            return None
    length = size.value
    places = f"0 … {text(size - 1)}, or {text(-size)} … -1 from the end"
    return Mismatch(
        f"index {text(index)} is outside axis {axis}, which has {text(size)}",
        write="-1 for the last one" if length is not None and not backwards else "0 for the first",
        notes=(f"its places are {places}",),
        code="D0225",
    )


def _sliced(size: Dim, axis: int, item: Slice, conditions: list[Condition]) -> Dim | Mismatch:
    """How many places a slice keeps of an axis: ceil((stop - start) / step)."""
    step = dim(1 if item.step is None else item.step)
    if step.value is None or step.value < 1:
        return Mismatch(
            f"a slice goes forwards in torch: its step is 1 or more, and here it is {text(step)}",
            write=f"`-> flip({axis})` turns an axis around",
            code="D0226",
        )
    start = dim(0) if item.start is None else _edge(dim(item.start), size, conditions)
    stop = size if item.stop is None else _edge(dim(item.stop), size, conditions)
    if item.stop is not None and not decide(stop, "<=", size):
        stop = size if decide(stop, ">=", size) else minimum(stop, size)
    length = (stop - start + step - 1) // step
    if not decide(length, "<", 1):
        return length
    return Mismatch(
        f"a slice keeps nothing of axis {axis}, which has {text(size)}",
        notes=(f"from {text(start)} up to {text(stop)} there is nothing",),
        write="a start before the stop, or `:` for all",
        code="D0225",
    )


def _edge(edge: Dim, size: Dim, conditions: list[Condition]) -> Dim:
    """A start or a stop as a place from the front; below 0 it counts from the end."""
    match decide(edge, "<", 0):
        case True:
            back = -edge
            if decide(back, "<=", size):
                return size - back
            return dim(0) if decide(back, ">=", size) else size - minimum(back, size)
        case None:
            conditions.append(Condition(edge, ">=", dim(0)))
    return edge


INDEX = Layer(
    "index",
    "*items: index",
    indexed,
    "[]",
    "some places of a tensor",
    "x[:, -1]",
    flops=free,
    complex=True,
)
