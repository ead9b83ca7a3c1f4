"""`LSTMCell`, `GRUCell` and `RNNCell`: one step of a layer over time."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim
from ..tensor import Type
from .record import Args, Condition, Layer, Mismatch, Result, Shape, floats, under
from .recurrent import GATES, state_form, state_given, step_flops


def cell(name: str) -> Any:
    """The type rule: `[N, F]` and a state `[N, H]` give the next state, an LSTM's with its cell."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, *given = x
        if len(value.shape) != 2:
            write = f"nn.{name[:-4]} over all steps, or `x[:, t]` for one" if value.shape else ""
            return Mismatch(
                f"{name} takes f32[N, F]: records, features of one step", write.removeprefix("nn.")
            )
        if wrong := floats(value, name, ("f32",)):
            return wrong
        conditions: list[Condition] = []
        state = Type("f32", (value.shape[0], dim(a["hidden_size"])), meaning="activations")
        states = (state, state.plain) if name == "LSTMCell" else (state,)
        if given and (wrong := state_given(name, given, states, conditions)):
            return wrong
        return under(states if name == "LSTMCell" else state, conditions)

    return gives


def cell_weights(name: str) -> Any:
    """Two matrices and two biases, all gates stacked."""
    gates = GATES[name[:-4]]

    def weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
        hidden = dim(a["hidden_size"])
        shapes: dict[str, Shape] = {
            "weight_ih": (hidden * gates, x[0].shape[-1]),
            "weight_hh": (hidden * gates, hidden),
        }
        if a["bias"]:
            shapes["bias_ih"] = shapes["bias_hh"] = (hidden * gates,)
        return shapes

    return weights


def cell_flops(name: str) -> Any:
    """As one step of the layer over time."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        batch, width = x[0].shape
        return step_flops(name[:-4], width, dim(a["hidden_size"]), a) * batch

    return flops


def _cell(name: str, summary: str, more: str = "") -> Layer:
    return Layer(
        name,
        f"hidden_size: size, bias: bool = True{more}",
        cell(name),
        f"nn.{name}",
        summary,
        f"x -> {name}(64)",
        infers={"input_size": lambda x: x[0].shape[-1]},
        positional=2,
        stem="cell",
        weights=cell_weights(name),
        flops=cell_flops(name),
        results="h, c" if name == "LSTMCell" else "",
        optional=("hx",),
        adapt=state_form(name),
    )


CELLS = (
    _cell("LSTMCell", "one step of an LSTM: the next state, and its cell"),
    _cell("GRUCell", "one step of a GRU: the next state"),
    _cell("RNNCell", "one step of an RNN: the next state", ", nonlinearity: tanh|relu = 'tanh'"),
)
