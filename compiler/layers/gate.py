"""Activations with a state or of another shape: learnt and random slopes, gates."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .activation import several
from .record import (
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    axis_of,
    elementwise,
    equal,
    floats,
    no_axis,
    under,
)
from .shape import BATCH


def rrelu(name: str) -> Any:
    """The type rule of `RReLU`: shape and dtype stay; f16 has no random slopes in torch."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name):
            return wrong
        if value.dtype == "f16":
            return Mismatch(
                f"{name} takes f32, bf16 or f64", write="`-> to(f32)` before it", code="D0202"
            )
        low, high = a["lower"], a["upper"]
        for end in (low, high):
            if isinstance(end, float) and abs(end) == float("inf"):
                return Mismatch("a slope drawn at random has finite ends", write=f"{name}()")
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            write = f"{name}({high}, {low})"
            return Mismatch(f"lower={low} is above upper={high}", write=write)
        return value.shaped(*value.shape, meaning="activations")

    return gives


def _slopes(x: Type, count: Dim, what: str, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with so many slopes: one, or one a channel."""
    if decide(count, "==", 1):
        return None
    channels = x.shape[1] if len(x.shape) > 1 else dim(1)
    if equal(count, channels, conditions):
        return None
    return Mismatch(
        f"there are {text(count)} slopes for the {text(channels)} of axis 1",
        write=f"{what}{text(channels)}" if len(x.shape) > 1 else f"{what}1",
    )


def prelu_layer(x: tuple[Type, ...], a: Args) -> Result:
    """Shape stays; the slopes are f32 and join no other dtype."""
    (value,) = x
    if wrong := floats(value, "PReLU", ("f32",)):
        return wrong
    conditions: list[Condition] = []
    if wrong := _slopes(value, dim(a["num_parameters"]), "num_parameters=", conditions):
        return wrong
    return under(value.shaped(*value.shape, meaning="activations"), conditions)


def prelu_function(x: tuple[Type, ...], a: Args) -> Result:
    """Shape and dtype stay; the slopes are a scalar or a row of the same dtype."""
    (value,) = x
    weight: Type = a["weight"]
    if wrong := floats(value, "prelu"):
        return wrong
    if weight.dtype != value.dtype:
        return Mismatch(
            f"the slopes have the dtype of the values, {value.dtype}, and here are {weight}",
            write=f"`-> to({value.dtype})`",
            code="D0202",
        )
    if len(weight.shape) > 1:
        return Mismatch(f"the slopes stand in a row or are one number, and here are {weight}")
    conditions: list[Condition] = []
    count = weight.shape[0] if weight.shape else dim(1)
    if wrong := _slopes(value, count, "slopes: ", conditions):
        return wrong
    return under(value.shaped(*value.shape, meaning="activations"), conditions)


def prelu_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """The slopes."""
    return {"weight": (dim(a["num_parameters"]),)}


def glu(name: str) -> Any:
    """The type rule of gates: the second half of an axis lets through the first."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name):
            return wrong
        if not value.shape:
            return Mismatch(f"{name} halves an axis, and a scalar has none")
        axis = axis_of(value, a["dim"])
        if axis is None:
            return no_axis(value, a["dim"])
        size = value.shape[axis]
        if BATCH in size.names:
            return Mismatch(f"axis {axis} is the batch, and {name} would halve it", write="dim=-1")
        conditions: list[Condition] = []
        if not equal(size % 2, dim(0), conditions):
            return Mismatch(
                f"{name} halves axis {axis}, and {text(size)} is odd",
                write=f"an axis of {text(size * 2)} before it gives {text(size)}",
            )
        shape = (*value.shape[:axis], size // 2, *value.shape[axis + 1 :])
        return under(value.shaped(*shape, meaning="activations"), conditions)

    return gives


def glu_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A sigmoid, 4, and a product for each element of the output."""
    return elementwise(x, y, a) * 5


RANDOM = "lower: float = 0.125, upper: float = 0.3333333333333333"
SLOPED = "x, or x times a slope drawn from lower to upper below 0; their mean in evaluation"
LEARNT = "x, or x times a learnt slope below 0"
GATED = "the first half of an axis times the sigmoid of the second"

GATES = (
    Layer(
        "RReLU",
        RANDOM,
        rrelu("RReLU"),
        "nn.RReLU",
        SLOPED,
        "x -> RReLU()",
        positional=2,
        stem="rrelu",
        flops=several(2),
    ),
    Layer(
        "rrelu",
        RANDOM,
        rrelu("rrelu"),
        "F.rrelu",
        SLOPED,
        "x -> rrelu",
        positional=2,
        flops=several(2),
        mode="training",
    ),
    Layer(
        "PReLU",
        "num_parameters: size = 1, init: float = 0.25",
        prelu_layer,
        "nn.PReLU",
        LEARNT,
        "x -> PReLU()",
        stem="prelu",
        weights=prelu_weights,
        flops=several(2),
    ),
    Layer(
        "prelu",
        "weight: tensor",
        prelu_function,
        "F.prelu",
        LEARNT,
        "x -> prelu(zeros(784))",
        flops=several(2),
    ),
    *(
        Layer(
            name,
            "dim: axis = -1",
            glu(name),
            "F.glu",
            GATED,
            f"x -> {name}{'()' if name == 'GLU' else ''}",
            positional=0,
            flops=glu_flops,
        )
        for name in ("GLU", "glu")
    ),
)
