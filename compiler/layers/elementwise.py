"""Mathematical functions, element by element; of plain numbers they are computed right away."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..dims import Dim
from ..tensor import Type
from .activation import several
from .record import Args, Layer, Mismatch, Result, elementwise

# What the results of a function mean, where it undoes what made the numbers.
MEANINGS = {
    ("exp", "log_probabilities"): "probabilities",
    ("log", "probabilities"): "log_probabilities",
}


def mathematical(name: str) -> Any:
    """The type rule: floats stay what they are, whole numbers become f32."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if value.tokens or value.classes:
            return Mismatch(
                f"{name} computes with numbers, and {value} are indices",
                write="`-> Embedding(64)` before it makes floats of indices",
                code="D0202",
            )
        dtype = value.dtype if value.floating else "f32"
        meaning = MEANINGS.get((name, value.meaning), "")
        return Type(dtype, value.shape, meaning, spatial=value.spatial)

    return gives


def kept(name: str) -> Any:
    """The type rule of `abs` and `square`: the dtype stays, whole numbers stay whole."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if value.dtype == "bool" and name == "abs":
            return Mismatch("a truth has no sign", code="D0202")
        dtype = "i64" if value.dtype == "bool" else value.dtype
        return Type(dtype, value.shape, spatial=value.spatial)

    return gives


def to(x: tuple[Type, ...], a: Args) -> Result:
    """The same values in another dtype; bounds stay with whole numbers, meanings with floats."""
    (value,) = x
    target = Type(a["dtype"], value.shape, spatial=value.spatial)
    if target.floating and value.floating:
        return replace(target, meaning=value.meaning)
    if target.dtype in ("i64", "i32") and value.dtype in ("i64", "i32"):
        return replace(value, dtype=target.dtype, meaning="")
    return target


def clamp(x: tuple[Type, ...], a: Args) -> Result:
    """Cut off below `min` and above `max`."""
    (value,) = x
    low, high = a["min"], a["max"]
    if low is None and high is None:
        return Mismatch("clamp needs a bound", write="clamp(min=0.0) or clamp(0.0, 1.0)")
    numbers = isinstance(low, int | float) and isinstance(high, int | float)
    if numbers and low > high:
        return Mismatch(f"min={low} is above max={high}", write=f"clamp({high}, {low})")
    if not value.floating and any(isinstance(each, float) for each in (low, high)):
        return Type("f32", value.shape, spatial=value.spatial)
    if value.dtype == "bool":
        return Type("i64", value.shape, spatial=value.spatial)
    return replace(value, classes=None, labels=None, tokens=None)


def clamp_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One comparison an element and bound."""
    bounds = sum(a[bound] is not None for bound in ("min", "max"))
    return elementwise(x, y, a) * bounds


def _function(
    name: str, summary: str, of_number: Callable[[float], float] | None, cost: int = 1
) -> Layer:
    return Layer(
        name,
        "",
        kept(name) if name in ("abs", "square") else mathematical(name),
        f"torch.{name}",
        summary,
        f"x -> {name}",
        positional=0,
        flops=several(cost),
        of_number=of_number,
    )


ELEMENTWISE = (
    _function("exp", "e to the power of x", math.exp, 4),
    _function("log", "the natural logarithm of x", math.log, 4),
    _function("sqrt", "the square root of x", math.sqrt),
    _function("abs", "x without its sign", abs),
    _function("square", "x times x", None),
    _function("sin", "the sine of x", None, 4),
    _function("cos", "the cosine of x", None, 4),
    Layer(
        "to",
        "dtype: dtype",
        to,
        ".to",
        "the same values in another dtype",
        "tokens -> to(f32)",
        positional=1,
        flops=several(1),
    ),
    Layer(
        "clamp",
        "min: float? = None, max: float? = None",
        clamp,
        "torch.clamp",
        "cuts off what is below `min` or above `max`",
        "x -> clamp(0.0, 1.0)",
        positional=0,
        flops=clamp_flops,
    ),
)
