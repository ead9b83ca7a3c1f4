"""`LSTM`, `GRU` and `RNN`: layers over time, batch first."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .record import Args, Layer, Mismatch, Result, Shape, floats
from .shape import product

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
WANTED = "f32[N, T, F]: records, steps in time, features of a step"


def recurrent(name: str) -> Any:
    """The type rule: what every step gives, and the state behind the last one.

    `y` is [N, T, directions * H]; `h` (and `c` of an LSTM) is [layers * directions, N, H].
    """
    states = 2 if name == "LSTM" else 1

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, *given = x
        if len(value.shape) != 3:
            return Mismatch(f"{name} takes {WANTED}", write=_with_steps(value))
        if wrong := floats(value, name, ("f32",)):
            return wrong
        if not a["batch_first"]:
            return Mismatch(
                f"{name} has the batch first here, always",
                write="leave out batch_first, and give it [N, T, F]",
            )
        batch, steps, _ = value.shape
        hidden = dim(a["hidden_size"])
        ways = 2 if a["bidirectional"] else 1
        state = Type("f32", (dim(a["num_layers"]) * ways, batch, hidden))
        if given and (wrong := _state(name, given, state, states)):
            return wrong
        y = Type("f32", (batch, steps, hidden * ways), meaning="activations")
        return (y, (state, state)) if name == "LSTM" else (y, state)

    return gives


def _with_steps(value: Type) -> str:
    """How a value of another rank becomes a sequence."""
    sizes = [text(size) for size in value.shape]
    if value.tokens or (value.classes and len(sizes) == 2):
        return "-> Embedding(64) before it makes [N, T, 64] of indices"
    if len(sizes) == 2:
        one = f"-> reshape({sizes[0]}, {sizes[1]}, 1) for {sizes[1]} steps of one number"
        return f"{one}, or no `flatten` before it"
    if len(sizes) == 4:
        return "-> flatten(2) before it, with the steps in axis 1"
    return ""


def _state(name: str, given: list[Type], wanted: Type, states: int) -> Mismatch | None:
    """What is wrong with the state that a person gives it to start from."""
    if len(given) != states:
        write = "(x, (h, c)) -> LSTM(…)" if states == 2 else f"(x, h) -> {name}(…)"
        what = "a state h and a cell c" if states == 2 else "one state h"
        return Mismatch(f"{name} starts from {what}, and here come {len(given)}", write=write)
    for each in given:
        same = each.dtype == "f32" and len(each.shape) == 3
        sizes = zip(each.shape, wanted.shape, strict=False)
        if not same or not all(decide(a, "==", b) for a, b in sizes):
            return Mismatch(
                f"a state of this {name} is {wanted}: [layers * directions, N, hidden_size], "
                f"and here comes {each}"
            )
    return None


def state_form(name: str) -> Any:
    """How the inputs are written: an LSTM's state is one tuple."""

    def adapt(x: tuple[Type, ...]) -> tuple[str, ...]:
        return ("{}", "({}", "{})") if len(x) == 3 else ("{}",) * len(x)

    return adapt if name == "LSTM" else None


def _layers(x: tuple[Type, ...], a: Args) -> list[tuple[str, Dim]]:
    """The suffix and the width of what comes in of each layer and direction."""
    hidden, ways = dim(a["hidden_size"]), 2 if a["bidirectional"] else 1
    count = dim(a["num_layers"]).value or 1
    return [
        (f"_l{layer}{'_reverse' * way}", hidden * ways if layer else x[0].shape[-1])
        for layer in range(count)
        for way in range(ways)
    ]


def recurrent_weights(name: str) -> Any:
    """For each layer and direction two matrices and two biases, all gates stacked."""
    gates = GATES[name]

    def weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
        hidden = dim(a["hidden_size"])
        shapes: dict[str, Shape] = {}
        for suffix, width in _layers(x, a):
            shapes[f"weight_ih{suffix}"] = (hidden * gates, width)
            shapes[f"weight_hh{suffix}"] = (hidden * gates, hidden)
            if a["bias"]:
                shapes[f"bias_ih{suffix}"] = shapes[f"bias_hh{suffix}"] = (hidden * gates,)
        return shapes

    return weights


# Operations of one unit besides its products: activations (sigmoid 4, tanh 5), then what combines
# the gates: c' = f c + i g and h' = o tanh(c'); h' = (1 - z) n + z h with n = tanh(… + r (…)).
COMBINED = {"LSTM": 3 * 4 + 2 * 5 + 4, "GRU": 2 * 4 + 5 + 1 + 4, "RNN": 5}


def recurrent_flops(name: str) -> Any:
    """Each step: a multiply-add for each weight, one addition for each sum, then the gates.

    Source: the equations in the documentation of `torch.nn.LSTM`, `GRU` and `RNN`.
    """
    gates = GATES[name]

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        hidden = dim(a["hidden_size"])
        unit = dim(1 if a.get("nonlinearity") == "relu" else COMBINED[name])
        total = dim(0)
        for _, width in _layers(x, a):
            sums = 3 if a["bias"] else 1
            total = total + hidden * ((width + hidden) * 2 * gates + sums * gates + unit)
        return total * product(x[0].shape[:2])

    return flops


def _recurrent(name: str, summary: str, more: str = "") -> Layer:
    return Layer(
        name,
        f"hidden_size: size, num_layers: size = 1, {more}bias: bool = True, "
        "batch_first: bool = True, dropout: probability = 0.0, bidirectional: bool = False",
        recurrent(name),
        f"nn.{name}",
        summary,
        f"sequence -> {name}(64)",
        infers={"input_size": lambda x: x[0].shape[-1]},
        positional=2,
        stem=name.lower(),
        weights=recurrent_weights(name),
        flops=recurrent_flops(name),
        results="y, (h, c)" if name == "LSTM" else "y, h",
        optional=("hx",),
        fixed={"batch_first": "True"},
        adapt=state_form(name),
    )


RECURRENT = (
    _recurrent("LSTM", "long short-term memory: every step, then the state behind the last"),
    _recurrent("GRU", "gated recurrent units: every step, then the state behind the last"),
    _recurrent(
        "RNN",
        "plain recurrent units: every step, then the state behind the last",
        "nonlinearity: tanh|relu = 'tanh', ",
    ),
)
