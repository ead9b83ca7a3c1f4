"""Elementwise functions of three: between two, added products, and values kept within bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..dims import Dim
from ..tensor import FLOATS, Type
from .activation import several
from .binary import too_large, wrong_dtype
from .broadcasting import overflows, result_type, spatial, together
from .record import Args, Layer, Mismatch, Result, elementwise


def lerp(x: tuple[Type, ...], a: Args) -> Result:
    """From the first towards the second, by a share; a share that is a scalar may widen them."""
    start, end, weight = *x, a["weight"]
    if start.dtype != end.dtype:
        return wrong_dtype(f"lerp takes two of one dtype, and here come {start} and {end}")
    if isinstance(weight, Type) and weight.shape and weight.dtype != start.dtype:
        return wrong_dtype(f"the weight is {weight.dtype}, and the values are {start.dtype}")
    dtype = result_type(*x, weight) if isinstance(weight, Type) else start.dtype
    if dtype not in FLOATS:
        return wrong_dtype(f"between {dtype} values there are none of that dtype")
    if _computed_too_large(dtype, weight):
        return too_large("weight", weight, dtype)
    return _joined(dtype, start, end, weight)


def _joined(dtype: str, *operands: Any) -> Type | Mismatch:
    shape = together(*operands)
    if isinstance(shape, Mismatch):
        return shape
    return Type(dtype, shape, spatial=spatial(*operands))


def _computed_too_large(dtype: str, number: Any) -> bool:
    """Whether a factor overflows; halves are computed with as f32."""
    return overflows("f32" if dtype in ("f16", "bf16") else dtype, number)


def added(name: str) -> Any:
    """The type rule of `addcmul` and `addcdiv`: a product or quotient of two is added to a third.

    Truths are not added, and whole numbers have quotients only as floats.
    """

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        dtype = result_type(*x)
        if dtype == "bool":
            return wrong_dtype(f"{name} adds numbers, and these are truths")
        if name == "addcdiv" and not any(each.floating for each in x[1:]):
            return wrong_dtype("addcdiv divides floats, and these are whole numbers")
        if _computed_too_large(dtype, a["value"]):
            return too_large("value", a["value"], dtype)
        return _joined(dtype, *x)

    return gives


def clamp(x: tuple[Type, ...], a: Args) -> Result:
    """Cut off below `min` and above `max`, which are two numbers or two tensors.

    What lies within bounds of probabilities is one; indices lose their range.
    """
    return _bounded("clamp", x[0], a["min"], a["max"])


def _bounded(name: str, value: Type, low: Any, high: Any) -> Result:
    bounds = [each for each in (low, high) if each is not None]
    tensors = [each for each in bounds if isinstance(each, Type)]
    if not bounds:
        return Mismatch("clamp needs a bound", write="clamp(min=0.0) or clamp(0.0, 1.0)")
    if tensors and len(tensors) < len(bounds):
        return Mismatch("one bound is a tensor and the other a number", write="two of a kind")
    numbers = isinstance(low, int | float) and isinstance(high, int | float)
    if numbers and low > high:
        return Mismatch(f"min={low} is above max={high}", write=f"clamp({high}, {low})")
    dtype = result_type(value, *bounds)
    for each in bounds:
        if overflows(dtype, each):
            return too_large(name, each, dtype)
    if dtype == "bool" and len(bounds) == 2:
        return wrong_dtype("truths lie between no bounds")
    shape = together(value, *bounds)
    if isinstance(shape, Mismatch):
        return shape
    if dtype != value.dtype:
        return Type(dtype, shape, spatial=value.spatial)
    return replace(value, shape=shape, classes=None, labels=None, tokens=None)


def one_bound(name: str) -> Any:
    """The type rule of `clamp_min` and `clamp_max`."""
    bound = name[-3:]

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        return _bounded(name, x[0], None, a[bound])

    return gives


def clamp_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One comparison an element and bound."""
    bounds = sum(a[bound] is not None for bound in ("min", "max"))
    return elementwise(x, y, a) * bounds


def _clamp(name: str) -> Layer:
    return Layer(
        name,
        "min: operand? = None, max: operand? = None",
        clamp,
        f"torch.{name}",
        "cuts off what is below `min` or above `max`",
        f"x -> {name}(0.0, 1.0)",
        positional=0,
        flops=clamp_flops,
    )


def _one_bound(name: str, summary: str) -> Layer:
    gives = one_bound(name)
    example = f"x -> {name}(0.0)"
    return Layer(name, f"{name[-3:]}: operand", gives, f"torch.{name}", summary, example)


def _added(name: str, summary: str) -> Layer:
    return Layer(
        name,
        "value: float = 1",
        added(name),
        f"torch.{name}",
        summary,
        f"(x, x, x) -> {name}(value=0.5)",
        inputs=("input", "tensor1", "tensor2"),
        positional=0,
        flops=several(3),
    )


TERNARY = (
    _clamp("clamp"),
    _clamp("clip"),
    _one_bound("clamp_min", "cuts off what is below a bound"),
    _one_bound("clamp_max", "cuts off what is above a bound"),
    Layer(
        "lerp",
        "weight: operand",
        lerp,
        "torch.lerp",
        "from the first towards the second, by a share of the way",
        "(x, x) -> lerp(0.5)",
        inputs=("input", "end"),
        positional=1,
        flops=several(3),
    ),
    _added("addcmul", "the first, and `value` times the product of the others"),
    _added("addcdiv", "the first, and `value` times the quotient of the others"),
)
