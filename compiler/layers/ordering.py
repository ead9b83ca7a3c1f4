"""Functions that put values in order, and that tell where the largest and smallest stand."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .record import (
    BATCH,
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    axis_of,
    elementwise,
    no_axis,
    under,
)
from .shape import product

PAIR = "values, indices"


def places(size: Dim, shape: Shape) -> Type:
    """Indices into an axis of this size; where it is known, they are classes."""
    return Type("i64", shape, classes=size.value)


def comparisons(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One comparison an element that comes in: no order is found with fewer."""
    return elementwise(x, x[0], a)


def _orderly(value: Type, name: str) -> Mismatch | None:
    if value.dtype != "bool":
        return None
    return Mismatch(f"{name} does not order truths", write="x -> to(u8)", code="D0202")


def topk(x: tuple[Type, ...], a: Args) -> Result:
    """The `k` largest or smallest along an axis, and where they stood."""
    (value,) = x
    if wrong := _orderly(value, "topk"):
        return wrong
    axis, count = axis_of(value, a["dim"]), dim(a["k"])
    if axis is None:
        return no_axis(value, a["dim"])
    size = value.shape[axis] if value.shape else dim(1)
    if BATCH in size.names:
        return Mismatch(
            f"axis {axis} is the batch, and so many records there may not be", write="topk(k, -1)"
        )
    conditions: list[Condition] = []
    match decide(size, ">=", count):
        case False:
            return Mismatch(f"the {text(count)} largest of {text(size)} on axis {axis}")
        case None:
            conditions.append(Condition(size, ">=", count))
    shape = (*value.shape[:axis], count, *value.shape[axis + 1 :]) if value.shape else ()
    return under((value.shaped(*shape), places(size, shape)), conditions)


def sort(x: tuple[Type, ...], a: Args) -> Result:
    """The values in order along an axis, and where they stood."""
    (value,) = x
    axis = axis_of(value, a["dim"])
    if axis is None:
        return no_axis(value, a["dim"])
    size = value.shape[axis] if value.shape else dim(1)
    return value, places(size, value.shape)


def argsort(x: tuple[Type, ...], a: Args) -> Result:
    """Where the values stood that come in order along an axis."""
    found = sort(x, a)
    return found[1] if isinstance(found, tuple) else found


def extreme(name: str) -> Any:
    """The type rule of `argmax` and `argmin`: a place along an axis, or among all values."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := _orderly(value, name):
            return wrong
        rank = len(value.shape)
        if a["dim"] is None:
            return places(product(value.shape), (dim(1),) * rank if a["keepdim"] else ())
        axis = axis_of(value, a["dim"])
        if axis is None:
            return no_axis(value, a["dim"])
        if not rank:
            return places(dim(1), ())
        kept = (dim(1),) if a["keepdim"] else ()
        shape = (*value.shape[:axis], *kept, *value.shape[axis + 1 :])
        return places(value.shape[axis], shape)

    return gives


def _orders(
    name: str, signature: str, gives: Any, summary: str, example: str, results: str = ""
) -> Layer:
    return Layer(
        name,
        signature,
        gives,
        f"torch.{name}",
        summary,
        example,
        positional=1 if name == "topk" else 0,
        flops=comparisons,
        results=results,
    )


SORTED = "dim: axis = -1, descending: bool = False, stable: bool = False"
AT = "dim: axis? = None, keepdim: bool = False"
ORDERING = (
    _orders(
        "topk",
        "k: size, dim: axis = -1, largest: bool = True, sorted: bool = True",
        topk,
        "the k largest values along an axis and where they stood",
        "x -> topk(5)",
        PAIR,
    ),
    _orders("sort", SORTED, sort, "values in order along an axis", "x -> sort(-1)", PAIR),
    _orders("argsort", SORTED, argsort, "where values in order stood", "x -> argsort(-1)"),
    _orders("argmax", AT, extreme("argmax"), "where the largest value stands", "x -> argmax(-1)"),
    _orders("argmin", AT, extreme("argmin"), "where the smallest value stands", "x -> argmin(-1)"),
)
