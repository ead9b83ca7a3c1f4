"""`x[:, -1]`: torch's indexing by whole numbers, slices, `...` and None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..dims import Dim, decide, dim, minimum, text
from ..tensor import Type
from .record import Args, Condition, Given, Layer, Mismatch, Result, free


@dataclass(frozen=True, slots=True)
class Slice:
    """`start:stop:step`; what is left out is None."""

    start: Any = None
    stop: Any = None
    step: Any = None


WANTED = "an index is a whole number, a slice `a:b`, `...` or None"


def indexed(x: tuple[Type, ...], a: Args) -> Result:
    """The type of `x[items]`; what must hold of open sizes is a condition.

    Source of the rules: basic indexing as PyTorch and NumPy document it.
    """
    (value,) = x
    items: tuple[Any, ...] = a["items"]
    rank = len(value.shape)
    taken = sum(item is not None and item is not ... for item in items)
    if sum(item is ... for item in items) > 1:
        return Mismatch("`...` stands once in an index", code="D0226")
    if taken > rank:
        axes = f"{rank} {'axis' if rank == 1 else 'axes'}"
        return Mismatch(f"{value} has {axes}, and here are {taken} indices", code="D0226")
    if ... not in items:
        items = (*items, ...)
    shape: list[Dim] = []
    conditions: list[Condition] = []
    axis = 0
    for item in items:
        if item is None:
            shape.append(dim(1))
        elif item is ...:
            shape += value.shape[axis : axis + rank - taken]
            axis += rank - taken
        elif isinstance(item, Slice):
            size = _sliced(value.shape[axis], axis, item, conditions)
            if isinstance(size, Mismatch):
                return size
            shape.append(size)
            axis += 1
        else:
            wrong = _position(value.shape[axis], axis, dim(item), conditions)
            if wrong is not None:
                return wrong
            axis += 1
    spatial = value.spatial if len(shape) == rank else 0
    given = value.shaped(*shape, spatial=spatial)
    return Given(given, tuple(conditions)) if conditions else given


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
)
