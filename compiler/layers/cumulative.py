"""Functions along an axis that keep its values apart: running sums and extremes, differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..dims import Dim, dim, text
from ..tensor import Type
from .activation import several
from .broadcasting import result_type
from .record import (
    BATCH,
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    axis_of,
    elementwise,
    equal,
    floats,
    no_axis,
    under,
)
from .reduction import SUMMED, places


def running(dtypes: Mapping[str, str]) -> Any:
    """The type rule of running sums and products; whole numbers become i64."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if axis_of(value, a["dim"]) is None:
            return no_axis(value, a["dim"])
        return Type(dtypes[value.dtype], value.shape, spatial=value.spatial)

    return gives


def extreme(x: tuple[Type, ...], a: Args) -> Result:
    """The largest or smallest values so far and where they stand; they are what they were."""
    (value,) = x
    if axis_of(value, a["dim"]) is None:
        return no_axis(value, a["dim"])
    meaning = value.meaning if value.meaning == "probabilities" else ""
    return replace(value, meaning=meaning), places(value, a["dim"], value.shape)


def logcumsumexp(x: tuple[Type, ...], a: Args) -> Result:
    """Running sums of exponentials, computed safely as logarithms."""
    (value,) = x
    if wrong := floats(value, "logcumsumexp"):
        return wrong
    if axis_of(value, a["dim"]) is None:
        return no_axis(value, a["dim"])
    return replace(value, meaning="")


def diff(x: tuple[Type, ...], a: Args) -> Result:
    """Differences of neighbours, `n` times over; each time there is one value less.

    What is to stand before and behind comes in as tensors of as many axes.
    """
    (value,) = x
    axis, times = axis_of(value, a["dim"]), dim(a["n"])
    if not value.shape:
        return Mismatch("a scalar has no neighbours", write="a value with an axis")
    if axis is None:
        return no_axis(value, a["dim"])
    if BATCH in value.shape[axis].names:
        return Mismatch(
            f"axis {axis} is the batch: a record is never taken from another", write="dim=-1"
        )
    ends = [end for end in (a["prepend"], a["append"]) if end is not None]
    conditions: list[Condition] = []
    for end in ends:
        if wrong := _same_but(axis, value, end, conditions):
            return wrong
    size = value.shape[axis] - times
    for end in ends:
        size = size + end.shape[axis]
    shape = (*value.shape[:axis], size, *value.shape[axis + 1 :])
    return under(Type(result_type(value, *ends), shape), conditions)


def _same_but(axis: int, x: Type, end: Type, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with values that are put before or behind others along an axis."""
    if len(end.shape) != len(x.shape):
        return Mismatch(f"what stands before or behind {x} has {len(x.shape)} axes, as it has")
    for index, (a, b) in enumerate(zip(x.shape, end.shape, strict=True)):
        if index != axis and not equal(a, b, conditions):
            return Mismatch(f"axis {index} is {text(a)} and {text(b)}, and should be equal")
    return None


def diff_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One difference for each value that is left, each time."""
    return elementwise(x, y, a) * dim(a["n"])


def _running(name: str, gives: Any, summary: str, cost: int = 1, results: str = "") -> Layer:
    return Layer(
        name,
        "dim: axis",
        gives,
        f"torch.{name}",
        summary,
        f"x -> {name}(-1)",
        positional=0,
        flops=several(cost),
        results=results,
    )


CUMULATIVES = (
    _running("cumsum", running(SUMMED), "running sums along an axis"),
    _running("cumprod", running(SUMMED), "running products along an axis"),
    _running("cummax", extreme, "the largest values so far", results="values, indices"),
    _running("cummin", extreme, "the smallest values so far", results="values, indices"),
    # An exponential, a sum and a logarithm; four operations each for the outer two.
    _running("logcumsumexp", logcumsumexp, "running sums of exponentials, as logarithms", 9),
    Layer(
        "diff",
        "n: size = 1, dim: axis = -1, prepend: tensor? = None, append: tensor? = None",
        diff,
        "torch.diff",
        "differences of neighbours along an axis",
        "signal -> diff(dim=-1)",
        positional=0,
        flops=diff_flops,
    ),
)
