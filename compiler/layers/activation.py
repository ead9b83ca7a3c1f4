"""Activations, as layers and as functions, and what their outputs mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..dims import Dim, dim
from ..tensor import INTEGERS, Type
from .broadcasting import overflows
from .record import Args, Layer, Mismatch, Result, floats, free

# What torch's activations also take: rectifiers keep numbers whole, squashers make them floats.
RECTIFIERS = {dtype: dtype for dtype in INTEGERS}
SQUASHED = dict.fromkeys((*INTEGERS, "bool"), "f32")
WHOLE = {
    "relu": RECTIFIERS,
    "relu6": RECTIFIERS,
    "tanh": SQUASHED,
    "sigmoid": SQUASHED,
    "softsign": dict.fromkeys(INTEGERS, "f32"),
    "tanhshrink": dict.fromkeys(INTEGERS, "f32"),
    "hardtanh": RECTIFIERS,
    "threshold": RECTIFIERS,
}


def limits(name: str, value: Type, a: Args) -> Mismatch | None:
    """What is wrong with the ends that hardtanh cuts off at."""
    low, high = a["min_val"], a["max_val"]
    if not all(isinstance(each, int | float) for each in (low, high)):
        return None
    if low > high or (low == high and name == "Hardtanh"):
        what = "above" if low > high else "not below"
        write = f"{name}({high}, {low})" if low > high else f"{name}({low}, {low + 1})"
        return Mismatch(f"min_val={low} is {what} max_val={high}", write=write)
    return _too_large(name, value, low) or _too_large(name, value, high)


def _too_large(name: str, value: Type, number: Any) -> Mismatch | None:
    """What is wrong with a number that a dtype cannot hold.

    u8 has none below 0: torch lets whole ones wrap around, hardtanh cuts the fraction off first.
    """
    below = False
    if value.dtype == "u8" and isinstance(number, int | float):
        cut = name.lower() == "hardtanh"
        if cut and -1 < number < 0:
            return None
        below = number < 0 and (cut or isinstance(number, float))
    if not below and not overflows(value.dtype, number):
        return None
    return Mismatch(
        f"{value.dtype} cannot hold {number}",
        write="a number above 0" if below else "a smaller number",
        code="D0202",
    )


def replaced_by(name: str, value: Type, a: Args) -> Mismatch | None:
    """What is wrong with the threshold, or with the value that stands for all below it."""
    wrong = None if value.floating else _too_large(name, value, a["threshold"])
    return wrong or _too_large(name, value, a["value"])


def shrunk(name: str, value: Type, a: Args) -> Mismatch | None:
    """What is wrong with the width that becomes 0."""
    if name.lower() == "softshrink" and a["lambd"] == float("inf"):
        return Mismatch("nothing would be left of any value", write=f"{name}(0.5)")
    return _too_large(name, value, a["lambd"])


CHECKS = {
    "hardtanh": limits,
    "threshold": replaced_by,
    "hardshrink": shrunk,
    "softshrink": shrunk,
}


def activation(name: str, meaning: str) -> Any:
    """The type rule of an elementwise activation whose outputs mean `meaning`."""
    whole = WHOLE.get(name.lower(), {})
    check = CHECKS.get(name.lower())

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if check is not None and (wrong := check(name, value, a)):
            return wrong
        if value.dtype in whole and not (value.tokens or value.classes):
            return Type(whole[value.dtype], value.shape, meaning, spatial=value.spatial)
        return floats(value, name) or replace(value, meaning=meaning)

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
    (
        "Hardtanh",
        "hardtanh",
        "min_val: float = -1.0, max_val: float = 1.0",
        "activations",
        "tanh in straight lines: cut off at min_val and max_val",
        2,
    ),
    (
        "Hardshrink",
        "hardshrink",
        "lambd: nonnegative = 0.5",
        "activations",
        "x, or 0 between -lambd and lambd",
        2,
    ),
    (
        "Softshrink",
        "softshrink",
        "lambd: nonnegative = 0.5",
        "activations",
        "x nearer to 0 by lambd",
        3,
    ),
    ("Tanhshrink", "tanhshrink", "", "activations", "x - tanh(x)", 6),
    (
        "Threshold",
        "threshold",
        "threshold: float, value: float",
        "activations",
        "x, or `value` where x is not above `threshold`",
        1,
    ),
)
TORCH = {"tanh": "torch.tanh", "sigmoid": "torch.sigmoid", "relu": "F.relu"}


def _pair(
    layer: str, function: str, signature: str, meaning: str, summary: str, cost: int
) -> tuple[Layer, Layer]:
    code = TORCH.get(function, f"F.{function}")
    needed = "(0.0, 0.0)" if function == "threshold" else ""

    def one(name: str, example: str) -> Layer:
        gives = activation(name, meaning)
        flops, positional = several(cost), 2 if needed else 0
        return Layer(
            name, signature, gives, code, summary, example, flops=flops, positional=positional
        )

    return (
        one(layer, f"x -> {layer}{needed or '()'}"),
        one(function, f"x -> {function}{needed}"),
    )


ACTIVATIONS = (
    *(record for row in PAIRS for record in _pair(*row)),
    Layer("Identity", "", same, "", "what comes in goes out", "x -> Identity()", flops=free),
)
