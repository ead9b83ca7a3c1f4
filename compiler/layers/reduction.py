"""Reductions: sums, means, extremes and the like, over axes or over everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import DTYPES, FLOATS, INTEGERS, Type
from .arguments import spread
from .record import (
    Args,
    Layer,
    Mismatch,
    Result,
    Shape,
    axis_of,
    elementwise,
    floats,
    no_axis,
)

# dtype of the values: dtype of the result
SUMMED = {**{dtype: dtype for dtype in FLOATS}, **dict.fromkeys((*INTEGERS, "bool"), "i64")}
AVERAGED = {dtype: dtype for dtype in FLOATS}
CHOSEN = {dtype: dtype for dtype in DTYPES}
ORDERED = {dtype: dtype for dtype in DTYPES if dtype != "bool"}
COUNTED = dict.fromkeys(DTYPES, "i64")
JUDGED = {**dict.fromkeys(DTYPES, "bool"), "u8": "u8"}
BETWEEN = {"f32": "f32", "f64": "f64"}
# What lies between probabilities is one.
BOUNDED = ("mean", "nanmean", "amax", "amin", "max", "min", "median", "nanmedian", "aminmax")
# Without `dim`, torch has no `keepdim` of these.
DIM_FIRST = ("sum", "mean", "prod", "max", "min", "median", "nanmedian")
# An empty `dim` names no axis to these, and all axes to the others.
NO_AXIS = ("any", "all")


def axes_of(x: Type, asked: Any) -> tuple[int, ...] | Mismatch:
    """The axes that are named, counted from the front."""
    found: list[int] = []
    for axis in spread(asked, 1):
        place = axis_of(x, axis)
        if place is None:
            return no_axis(x, axis)
        if place in found:
            return Mismatch(f"axis {place} is named twice", write="each axis once")
        found.append(place)
    return tuple(found)


def left(x: Type, axes: tuple[int, ...], keepdim: bool) -> Shape:
    """The shape without these axes, or with 1 in their place."""
    return tuple(
        dim(1) if index in axes else size
        for index, size in enumerate(x.shape)
        if index not in axes or keepdim
    )


def _reduced(name: str, x: Type, a: Args) -> tuple[tuple[int, ...], Shape] | Mismatch:
    """The axes that go, and the shape that is left."""
    asked, keepdim = a["dim"], a.get("keepdim", False)
    if asked is None and keepdim and name in DIM_FIRST:
        return Mismatch("keepdim keeps the axes that dim names", write="dim=-1")
    every = asked is None or (asked == () and name not in NO_AXIS)
    axes = tuple(range(len(x.shape))) if every else axes_of(x, asked)
    return axes if isinstance(axes, Mismatch) else (axes, left(x, axes, keepdim))


def _dtype(name: str, x: Type, dtypes: Mapping[str, str]) -> str | Mismatch:
    """The dtype of the result, or why there is none."""
    if x.dtype in dtypes:
        return dtypes[x.dtype]
    if dtypes is ORDERED:
        return Mismatch(f"{name} takes numbers", write="`-> to(f32)` before it", code="D0202")
    return floats(x, name) or Mismatch(
        f"{name} takes f32 or f64", write="`-> to(f32)` before it", code="D0202"
    )


def _made(name: str, x: Type, dtype: str, shape: Shape) -> Type:
    """The values that are left; chosen ones are what they were."""
    meaning = x.meaning if name in BOUNDED and x.meaning == "probabilities" else ""
    if name in BOUNDED and not x.floating:
        return x.shaped(*shape, spatial=0)
    return Type(dtype, shape, meaning)


def reduction(name: str, dtypes: Mapping[str, str], results: int = 1) -> Any:
    """The type rule of a reduction with so many results alike."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        dtype, found = _dtype(name, value, dtypes), _reduced(name, value, a)
        if isinstance(dtype, Mismatch):
            return dtype
        if isinstance(found, Mismatch):
            return found
        made = _made(name, value, dtype, found[1])
        return made if results == 1 else (made,) * results

    return gives


def with_places(name: str, dtypes: Mapping[str, str]) -> Any:
    """The type rule of what also tells where along `dim` each value stands."""
    alone = reduction(name, dtypes)

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        values = alone(x, a)
        if a["dim"] is None or not isinstance(values, Type):
            return values  # type: ignore[no-any-return]
        return values, places(value, a["dim"], values.shape)

    return gives


def places(x: Type, asked: Any, shape: Shape) -> Type:
    """Places along an axis of `x`: one of so many where the size is known."""
    axis = axis_of(x, asked)
    size = x.shape[axis].value if x.shape and axis is not None else 1
    return Type("i64", shape, classes=size)


def spread_of(name: str, results: int = 1) -> Any:
    """The type rule of variances; of too few values there is none."""
    plain = reduction(name, AVERAGED, results)

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        given = plain(x, a)
        found = _reduced(name, value, a)
        if isinstance(given, Mismatch) or isinstance(found, Mismatch):
            return given  # type: ignore[no-any-return]
        count, correction = dim(1), a["correction"]
        for axis in found[0]:
            count = count * (value.shape[axis] if value.shape else 1)
        most = int(max(-1, min(correction, 2**31))) if isinstance(correction, int | float) else -1
        if decide(count, "<=", dim(most)):
            return Mismatch(
                f"{name} divides by the number of values less {correction}, "
                f"and there are {text(count)}",
                write="correction=0, or an axis of more values",
            )
        return given  # type: ignore[no-any-return]

    return gives


def per_value(count: int) -> Any:
    """So many operations for each value that comes in."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        return elementwise(x, x[0], a) * count

    return flops


AXES = "dim: axes? = None, keepdim: bool = False"
AXIS = "dim: axis? = None, keepdim: bool = False"
VARIANCE = "dim: axes? = None, correction: float = 1, keepdim: bool = False"
QUANTILE = (
    "q: probability, dim: axis? = None, keepdim: bool = False, "
    "interpolation: linear|lower|higher|midpoint|nearest = 'linear'"
)


def _reduction(
    name: str,
    signature: str,
    gives: Any,
    summary: str,
    cost: int = 1,
    results: str = "",
    given: str = "-1",
) -> Layer:
    return Layer(
        name,
        signature,
        gives,
        f"torch.{name}",
        summary,
        f"x -> {name}({given})",
        positional=1 if name.endswith("quantile") else 0,
        flops=per_value(cost),
        results=results,
    )


def _alike(name: str, signature: str, dtypes: Mapping[str, str], summary: str) -> Layer:
    return _reduction(name, signature, reduction(name, dtypes), summary)


def _with_places(name: str, dtypes: Mapping[str, str], summary: str) -> Layer:
    gives = with_places(name, dtypes)
    return _reduction(name, AXIS, gives, summary, results="values, indices")


# A variance costs a sum for the mean, and a difference, a square and a sum for each value.
REDUCTIONS = (
    _alike("mean", AXES, AVERAGED, "the mean over axes, or over everything"),
    _alike("sum", AXES, SUMMED, "the sum over axes, or over everything"),
    _alike("prod", AXIS, SUMMED, "the product over an axis, or over everything"),
    _alike("amax", AXES, CHOSEN, "the largest value over axes, or of all"),
    _alike("amin", AXES, CHOSEN, "the smallest value over axes, or of all"),
    _with_places("max", CHOSEN, "the largest value, or those over an axis and where they stand"),
    _with_places("min", CHOSEN, "the smallest value, or those over an axis and where they stand"),
    _with_places("median", ORDERED, "the median, or those over an axis and where they stand"),
    _with_places(
        "nanmedian",
        ORDERED,
        "the median of what is a number, or those over an axis and where they stand",
    ),
    _reduction(
        "aminmax",
        AXIS,
        reduction("aminmax", CHOSEN, 2),
        "the smallest and the largest values",
        cost=2,
        results="smallest, largest",
        given="dim=-1",
    ),
    _alike("any", AXES, JUDGED, "whether any value is not 0"),
    _alike("all", AXES, JUDGED, "whether no value is 0"),
    _alike("nansum", AXES, SUMMED, "the sum of what is a number"),
    _alike("nanmean", AXES, AVERAGED, "the mean of what is a number"),
    _alike("count_nonzero", "dim: axes? = None", COUNTED, "how many values are not 0"),
    _reduction("std", VARIANCE, spread_of("std"), "the standard deviation", cost=4),
    _reduction("var", VARIANCE, spread_of("var"), "the variance", cost=4),
    _reduction(
        "std_mean",
        VARIANCE,
        spread_of("std_mean", 2),
        "the standard deviation and the mean",
        cost=4,
        results="deviation, mean",
    ),
    _reduction(
        "var_mean",
        VARIANCE,
        spread_of("var_mean", 2),
        "the variance and the mean",
        cost=4,
        results="variance, mean",
    ),
    _reduction(
        "quantile",
        QUANTILE,
        reduction("quantile", BETWEEN),
        "the value that a share `q` of the values is not above",
        given="0.5, -1",
    ),
    _reduction(
        "nanquantile",
        QUANTILE,
        reduction("nanquantile", BETWEEN),
        "the quantile of what is a number",
        given="0.5, -1",
    ),
)
