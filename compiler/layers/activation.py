"""Activations, as layers and as functions, and what their outputs mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..dims import Dim, dim
from ..tensor import INTEGERS, Type
from .record import Args, Layer, Mismatch, Result, axis_of, floats, free, no_axis

# What torch's activations also take: rectifiers keep numbers whole, squashers make them floats.
RECTIFIERS = {dtype: dtype for dtype in INTEGERS}
SQUASHED = dict.fromkeys((*INTEGERS, "bool"), "f32")
WHOLE = {
    "relu": RECTIFIERS,
    "relu6": RECTIFIERS,
    "tanh": SQUASHED,
    "sigmoid": SQUASHED,
    "softsign": dict.fromkeys(INTEGERS, "f32"),
}


def activation(name: str, meaning: str) -> Any:
    """The type rule of an elementwise activation whose outputs mean `meaning`."""
    whole = WHOLE.get(name.lower(), {})

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if value.dtype in whole and not (value.tokens or value.classes):
            return Type(whole[value.dtype], value.shape, meaning, spatial=value.spatial)
        return floats(value, name) or replace(value, meaning=meaning)

    return gives


def over_axis(name: str, meaning: str) -> Any:
    """The type rule of softmax and log_softmax; over a single value they are constant."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name):
            return wrong
        axis = axis_of(value, a["dim"])
        if axis is None:
            return no_axis(value, a["dim"])
        if axis < len(value.shape) and "N" in value.shape[axis].names:
            return Mismatch(
                f"axis {axis} is the batch: records would be weighed against each other",
                write="dim=-1",
            )
        if not value.shape or value.shape[axis].value == 1:
            always = "1" if meaning == "probabilities" else "0"
            return Mismatch(
                f"over a single unit {name} always gives {always}, whatever comes in",
                write="sigmoid for one unit, or Linear(2) before softmax for two classes",
                code="D0203",
            )
        return replace(value, meaning=meaning)

    return gives


def same(x: tuple[Type, ...], a: Args) -> Result:
    """What comes in goes out."""
    return x[0]


def several(count: int) -> Any:
    """So many operations an element."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        total = dim(count)
        for size in y.shape:
            total = total * size
        return total

    return flops


# layer, function, signature of both, meaning, summary, operations an element
PAIRS = (
    ("ReLU", "relu", "", "activations", "max(x, 0)", 1),
    ("ReLU6", "relu6", "", "activations", "min(max(x, 0), 6)", 2),
    (
        "LeakyReLU",
        "leaky_relu",
        "negative_slope: float = 0.01",
        "activations",
        "x, or negative_slope * x below 0",
        2,
    ),
    ("ELU", "elu", "alpha: float = 1.0", "activations", "x, or alpha * (exp(x) - 1) below 0", 3),
    ("SELU", "selu", "", "activations", "the self-normalising ELU", 4),
    ("CELU", "celu", "alpha: positive = 1.0", "activations", "the smooth ELU", 4),
    (
        "GELU",
        "gelu",
        "approximate: none|tanh = 'none'",
        "activations",
        "x times the normal distribution's share below x",
        8,
    ),
    ("SiLU", "silu", "", "activations", "x * sigmoid(x), also called swish", 5),
    ("Mish", "mish", "", "activations", "x * tanh(softplus(x))", 8),
    ("Hardswish", "hardswish", "", "activations", "SiLU in straight lines", 4),
    (
        "Softplus",
        "softplus",
        "beta: positive = 1.0, threshold: float = 20.0",
        "activations",
        "log(1 + exp(x)), smooth",
        4,
    ),
    ("Softsign", "softsign", "", "activations", "x / (1 + |x|)", 3),
    ("Tanh", "tanh", "", "activations", "squashes to -1 … 1", 5),
    ("Sigmoid", "sigmoid", "", "probabilities", "squashes to 0 … 1", 4),
    ("Hardsigmoid", "hardsigmoid", "", "probabilities", "sigmoid in straight lines", 4),
    ("LogSigmoid", "logsigmoid", "", "log_probabilities", "log(sigmoid(x))", 5),
)
TORCH = {"tanh": "torch.tanh", "sigmoid": "torch.sigmoid", "relu": "F.relu"}


def _pair(
    layer: str, function: str, signature: str, meaning: str, summary: str, cost: int
) -> tuple[Layer, Layer]:
    code = TORCH.get(function, f"F.{function}")

    def one(name: str, example: str) -> Layer:
        gives = activation(name, meaning)
        flops = several(cost)
        return Layer(name, signature, gives, code, summary, example, flops=flops, positional=0)

    return one(layer, f"x -> {layer}()"), one(function, f"x -> {function}")


def _shares(layer: str, function: str, meaning: str, summary: str) -> tuple[Layer, Layer]:
    def one(name: str) -> Layer:
        return Layer(
            name,
            "dim: axis",
            over_axis(name, meaning),
            f"torch.{function}",
            summary,
            f"x -> {name}(-1)",
            flops=several(5),
            positional=0,
        )

    return one(layer), one(function)


ACTIVATIONS = (
    *(record for row in PAIRS for record in _pair(*row)),
    *_shares("Softmax", "softmax", "probabilities", "positive shares that sum to 1 along an axis"),
    *_shares(
        "LogSoftmax",
        "log_softmax",
        "log_probabilities",
        "the logarithms of softmax, computed safely",
    ),
    Layer("Identity", "", same, "", "what comes in goes out", "x -> Identity()", flops=free),
)
