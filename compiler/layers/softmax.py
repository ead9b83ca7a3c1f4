"""Shares along an axis: softmax and its kin, and the logarithm of their sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..dims import dim, text
from ..tensor import Type
from .activation import several
from .record import Args, Layer, Mismatch, Result, axis_of, floats, no_axis
from .reduction import axes_of, left, per_value
from .shape import BATCH

ALWAYS = {"probabilities": "1", "log_probabilities": "0"}


def over_axis(name: str, meaning: str) -> Any:
    """The type rule of shares along `dim`; over a single value they are constant."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name):
            return wrong
        axis = axis_of(value, a["dim"])
        if axis is None:
            return no_axis(value, a["dim"])
        if axis < len(value.shape) and BATCH in value.shape[axis].names:
            return Mismatch(
                f"axis {axis} is the batch: records would be weighed against each other",
                write="dim=-1",
            )
        if not value.shape or value.shape[axis].value == 1:
            many = value.shape[1] if len(value.shape) > 2 and axis > 1 else dim(1)
            return Mismatch(
                f"over a single unit {name} always gives {ALWAYS[meaning]}, whatever comes in",
                write=f"{name}(1): the {text(many)} scores stand on axis 1"
                if many != 1
                else "sigmoid for one unit, or Linear(2) before softmax for two classes",
                code="D0203",
            )
        return replace(value, meaning=meaning)

    return gives


def over_channels(x: tuple[Type, ...], a: Args) -> Result:
    """`[N, C, H, W]`: shares of the channels at each place."""
    (value,) = x
    if len(value.shape) != 4:
        return Mismatch("Softmax2d takes f32[N, C, H, W]", write="Softmax(-1)")
    given: Result = over_axis("Softmax2d", "probabilities")(x, {"dim": 1})
    return given


def logsumexp(x: tuple[Type, ...], a: Args) -> Result:
    """The axes are gone, or 1 with `keepdim`; whole numbers become f32."""
    (value,) = x
    if (value.tokens or value.classes) and (wrong := floats(value, "logsumexp")):
        return wrong
    if a["dim"] == ():
        return Mismatch("logsumexp sums over the axes that are named", write="logsumexp(-1)")
    axes = axes_of(value, a["dim"])
    if isinstance(axes, Mismatch):
        return axes
    return Type(value.dtype if value.floating else "f32", left(value, axes, a["keepdim"]))


def _shares(
    names: tuple[str, ...], signature: str, meaning: str, code: str, summary: str, cost: int
) -> tuple[Layer, ...]:
    needed = "dim: axis" in signature and "dim: axis =" not in signature
    return tuple(
        Layer(
            name,
            signature,
            over_axis(name, meaning),
            code,
            summary,
            f"x -> {name}({'-1' if needed else ''})",
            flops=several(cost),
            inputs=("logits" if name == "gumbel_softmax" else "input",),
            positional=0,
        )
        for name in names
    )


SOFTMAXES = (
    *_shares(
        ("Softmax", "softmax"),
        "dim: axis",
        "probabilities",
        "torch.softmax",
        "positive shares that sum to 1 along an axis",
        5,
    ),
    *_shares(
        ("LogSoftmax", "log_softmax"),
        "dim: axis",
        "log_probabilities",
        "torch.log_softmax",
        "the logarithms of softmax, computed safely",
        5,
    ),
    *_shares(
        ("Softmin", "softmin"),
        "dim: axis",
        "probabilities",
        "F.softmin",
        "shares that sum to 1 along an axis, the largest for the smallest value",
        6,
    ),
    *_shares(
        ("gumbel_softmax",),
        "tau: positive = 1, hard: bool = False, dim: axis = -1",
        "probabilities",
        "F.gumbel_softmax",
        "shares drawn at random, the likelier the larger the value; `hard` makes them 0 and 1",
        14,
    ),
    Layer(
        "Softmax2d",
        "",
        over_channels,
        "nn.Softmax2d",
        "shares of the channels at each place of an image",
        "image -> Softmax2d()",
        stem="softmax",
        flops=several(5),
    ),
    Layer(
        "logsumexp",
        "dim: axes, keepdim: bool = False",
        logsumexp,
        "torch.logsumexp",
        "the logarithm of the sum of exponentials over axes, computed safely",
        "x -> logsumexp(-1)",
        positional=0,
        flops=per_value(6),
    ),
)
