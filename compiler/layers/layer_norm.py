"""Normalisations over the last axes, over chosen axes and over neighbouring channels."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim, text
from ..tensor import FLOATS, Type
from .arguments import spread
from .normalization import WITH_STATE, companions
from .record import (
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    elementwise,
    equal,
    floats,
    under,
)
from .reduction import axes_of
from .shape import BATCH, product


def normalized(x: Type, a: Args) -> Shape:
    """The sizes that are made even: those stated, or the last axis."""
    asked = a["normalized_shape"]
    return x.shape[-1:] if asked is None else tuple(map(dim, spread(asked, 1)))


def over_last_axes(name: str, constant: str) -> Any:
    """The type rule of norms over the last axes; of a single value they are `constant`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        state = a.get("elementwise_affine") and name == "LayerNorm"
        if wrong := floats(value, name, WITH_STATE if state else FLOATS):
            return wrong
        if not value.shape:
            return Mismatch(f"{name} takes at least one axis, and a scalar has none")
        shape = normalized(value, a)
        if value.spatial and len(shape) == 1:
            axes = [0, *range(2, len(value.shape)), 1]
            return Mismatch(
                f"{name} works on the last axis, and here that is the width of a feature map",
                write=f"-> permute({', '.join(map(str, axes))}) before it",
            )
        conditions: list[Condition] = []
        if wrong := _ends(name, value, shape, conditions):
            return wrong
        if product(shape).value == 1:
            return Mismatch(
                f"a single value has nothing to be compared with: {name} would always give "
                f"{constant}",
                write="leave it out",
            )
        keys = tuple(key for key in ("weight", "bias") if isinstance(a.get(key), Type))
        if name == "rms_norm":
            wrong = _scaled(value, a["weight"], shape, conditions)
        else:
            wrong = companions(name, value, a, keys, shape, conditions)
        return wrong or under(Type(value.dtype, value.shape, spatial=value.spatial), conditions)

    return gives


def _ends(name: str, x: Type, shape: Shape, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with a value that must end in these sizes."""
    if not shape:
        return Mismatch(f"{name} takes at least one size", write="normalized_shape=[64]")
    last = x.shape[-len(shape) :]
    stated = f"[{', '.join(map(text, shape))}]"
    if len(last) < len(shape):
        return Mismatch(f"{name} takes values that end in {stated}, and {x} has fewer axes")
    if any(BATCH in size.names for size in last):
        return Mismatch(
            f"axis {len(x.shape) - len(shape)} is the batch: {name} works on each record alone",
            write="the sizes behind the batch",
        )
    if all(equal(have, want, conditions) for have, want in zip(last, shape, strict=True)):
        return None
    return Mismatch(
        f"{name} takes values that end in {stated}, and {x} does not",
        write=f"normalized_shape=[{', '.join(map(text, last))}]",
    )


def _scaled(
    x: Type, weight: Type | None, shape: Shape, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with the weight of `rms_norm`, whose dtype torch converts."""
    if weight is None:
        return None
    if len(weight.shape) == len(shape) and all(
        equal(have, want, conditions) for have, want in zip(weight.shape, shape, strict=True)
    ):
        return None
    wanted = Type(weight.dtype, shape)
    return Mismatch(f"weight of rms_norm is {wanted} for {x}, and here is {weight}")


def scaled(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Scale of each normalised place, and the shift where the layer has one."""
    if not a["elementwise_affine"]:
        return {}
    shape = normalized(x[0], a)
    shapes: dict[str, Shape] = {"weight": shape}
    return shapes | ({"bias": shape} if a.get("bias") else {})


def last_axes_flops(operations: int) -> Any:
    """So many operations an element; scale and shift 1 each.

    Of LayerNorm: mean 1, variance 3, subtract and divide 2. Of RMSNorm: square, sum, divide.
    """

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        parts = ("elementwise_affine", "bias") if "elementwise_affine" in a else ("weight", "bias")
        present = [a.get(part) not in (None, False) for part in parts]
        if "elementwise_affine" in a and not present[0]:
            present = []
        return elementwise(x, y, a) * (operations + sum(present))

    return flops


def normalize(x: tuple[Type, ...], a: Args) -> Result:
    """Vectors along axes are divided by their norm; records stay apart."""
    (value,) = x
    if wrong := floats(value, "normalize"):
        return wrong
    if a["dim"] == ():
        return Mismatch("no axis is named, and all records would be weighed together", "dim=-1")
    axes = axes_of(value, a["dim"])
    if isinstance(axes, Mismatch):
        return axes
    for axis in axes:
        if value.shape and BATCH in value.shape[axis].names:
            return Mismatch(
                f"axis {axis} is the batch: records would be weighed against each other",
                write="dim=-1",
            )
    return Type(value.dtype, value.shape, spatial=value.spatial)


def normalize_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """To the power, sum and divide: 3 an element."""
    return elementwise(x, y, a) * 3


def response_norm(name: str) -> Any:
    """The type rule of norms over neighbouring channels, axis 1 of three axes at least."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name):
            return wrong
        if len(value.shape) < 3:
            return Mismatch(f"{name} takes [N, C, L] or more axes, and here is {value}")
        if value.dtype in ("f16", "bf16") and len(value.shape) > 3:
            return Mismatch(
                f"{name} has no {value.dtype} of four or more axes",
                write="`-> to(f32)` before it",
                code="D0202",
            )
        return Type(value.dtype, value.shape, spatial=value.spatial)

    return gives


def response_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Square, a sum over `size` channels, mean, scale, shift, a power of 8, divide."""
    return elementwise(x, y, a) * (dim(a["size"]) + 13)


LAYER_NORM = "eps: share = 1e-05, elementwise_affine: bool = True, bias: bool = True"
RMS_NORM = "eps: share? = None, elementwise_affine: bool = True"
RESPONSE = "size: size, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0"


def _layer(name: str, signature: str, constant: str, summary: str, operations: int) -> Layer:
    return Layer(
        name,
        signature,
        over_last_axes(name, constant),
        f"nn.{name}",
        summary,
        f"x -> {name}()",
        infers={"normalized_shape": lambda x: x[0].shape[-1] if x[0].shape else None},
        stated={"normalized_shape": "shape"},
        stem="norm",
        weights=scaled,
        flops=last_axes_flops(operations),
    )


def _function(name: str, signature: str, constant: str, summary: str, operations: int) -> Layer:
    return Layer(
        name,
        f"normalized_shape: extent, {signature}",
        over_last_axes(name, constant),
        f"F.{name}",
        summary,
        f"x -> {name}([784])",
        flops=last_axes_flops(operations),
    )


EVEN = "the last axis, or the last axes stated, to mean 0 and variance 1, record by record"
ROOT = "the last axis, or the last axes stated, to a mean square of 1, record by record"
NEIGHBOURS = "each value by what neighbouring channels have in its place"

LAYER_NORMS = (
    _layer("LayerNorm", LAYER_NORM, "0", EVEN, 6),
    _layer("RMSNorm", RMS_NORM, "its sign", ROOT, 3),
    _function(
        "layer_norm",
        "weight: tensor? = None, bias: tensor? = None, eps: share = 1e-05",
        "0",
        "the last axes to mean 0 and variance 1, record by record",
        6,
    ),
    _function(
        "rms_norm",
        "weight: tensor? = None, eps: share? = None",
        "its sign",
        "the last axes to a mean square of 1, record by record",
        3,
    ),
    Layer(
        "normalize",
        "p: float = 2.0, dim: axes = 1, eps: nonnegative = 1e-12",
        normalize,
        "F.normalize",
        "vectors along an axis to length 1",
        "x -> normalize()",
        positional=0,
        flops=normalize_flops,
    ),
    *(
        Layer(
            name,
            RESPONSE,
            response_norm(name),
            "F.local_response_norm",
            NEIGHBOURS,
            f"image -> {name}(2)",
            flops=response_flops,
        )
        for name in ("LocalResponseNorm", "local_response_norm")
    ),
)
