"""`LSTM`, `GRU` and `RNN`: layers over time, batch first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .record import BATCH, Args, Condition, Layer, Mismatch, Result, Shape, equal, floats, under
from .shape import product

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
WANTED = "f32[N, T, F]: records, steps in time, features of a step"


def recurrent(name: str) -> Any:
    """The type rule: what every step gives, and the state behind the last one.

    `y` is [N, T, directions * H]; `h` (and `c` of an LSTM) is [layers * directions, N, H]. With
    `proj_size` P the y and h of an LSTM have P for H. Of packed sequences `y` is packed.
    """

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, *given = x
        if len(value.shape) != 3:
            return Mismatch(f"{name} takes {WANTED}", write=_with_steps(value))
        if wrong := floats(value, name, ("f32",)):
            computed = not value.floating and not value.tokens and not value.classes
            write = "-> to(f32) before it makes floats of whole numbers"
            return replace(wrong, write=write) if computed else wrong
        if value.spatial:
            return Mismatch(
                f"{name} reads the last axis as features, and here that is the length "
                f"{text(value.shape[2])} of a feature map",
                write="-> transpose(1, 2) before it brings the channels to the end",
            )
        if not a["batch_first"]:
            return Mismatch(
                f"{name} has the batch first here, always",
                write="leave out batch_first, and give it [N, T, F]",
            )
        batch, steps, _ = value.shape
        hidden, shown = dim(a["hidden_size"]), _shown(a)
        conditions: list[Condition] = []
        if _projects(a) and (wrong := _narrower(shown, hidden, conditions)):
            return wrong
        ways = 2 if a["bidirectional"] else 1
        state = Type("f32", (dim(a["num_layers"]) * ways, batch, shown))
        cell = state.shaped(*state.shape[:2], hidden)
        states = (state, cell) if name == "LSTM" else (state,)
        if given and (wrong := state_given(name, given, states, conditions)):
            return wrong
        # What is projected is no longer squashed.
        meaning = "" if _projects(a) else "activations"
        y = Type("f32", (batch, steps, shown * ways), meaning=meaning, packed=value.packed)
        return under((y, states if name == "LSTM" else state), conditions)

    return gives


def _projects(a: Args) -> bool:
    """Whether a matrix narrows what each step gives."""
    return dim(a.get("proj_size", 0)) != 0


def _shown(a: Args) -> Dim:
    """How many numbers a step gives in one direction."""
    return dim(a["proj_size" if _projects(a) else "hidden_size"])


def _narrower(shown: Dim, hidden: Dim, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with a projection that does not narrow."""
    match decide(shown, "<", hidden):
        case False:
            least = f"proj_size={hidden // 2}" if decide(hidden, ">", 1) else "no proj_size"
            return Mismatch(
                f"proj_size={shown} narrows what a step gives: it is below hidden_size={hidden}",
                write=least,
            )
        case None:
            conditions.append(Condition(shown, "<", hidden))
    return None


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


def state_given(
    name: str, given: list[Type], wanted: tuple[Type, ...], conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with the state that a person gives a layer or cell to start from."""
    if len(given) != len(wanted):
        write = f"(x, (h, c)) -> {name}(…)" if len(wanted) == 2 else f"(x, h) -> {name}(…)"
        what = "a state h and a cell c" if len(wanted) == 2 else "one state h"
        return Mismatch(f"{name} starts from {what}, and here come {len(given)}", write=write)
    axes = "[layers * directions, N, hidden_size]" if len(wanted[0].shape) == 3 else "[N, hidden]"
    for each, state in zip(given, wanted, strict=True):
        same = each.dtype == "f32" and len(each.shape) == len(state.shape) and not each.packed
        sizes = zip(each.shape, state.shape, strict=False)
        if not same or not all(equal(a, b, conditions) for a, b in sizes):
            why = f"a state of this {name} is {state}: {axes}, and here comes {each}"
            return Mismatch(why, write=_as_state(each, state))
    return None


def _as_state(given: Type, state: Type) -> str:
    """How a value becomes a state: one layer's of several, or zeros of the right sizes."""
    sizes = ", ".join(map(text, state.shape))
    if given.shape[1:] == state.shape[1:] and state.shape[0] == 1:
        return "h[-1:] is that of the last layer and way alone"
    if BATCH in given.shape[0].names and not any(BATCH in each.names for each in state.shape):
        return "the batch is lost before: x[:, t] is step t of all records, x[t] is one of them"
    if given.shape == state.shape[1:]:
        return "unsqueeze(h, 0) has the axis of layers"
    return f"zeros({sizes}), or what another layer of these sizes gave"


def state_form(name: str) -> Any:
    """How the inputs are written: the state of an LSTM, or of its cell, is one tuple."""

    def adapt(x: tuple[Type, ...]) -> tuple[str, ...]:
        return ("{}", "({}", "{})") if len(x) == 3 else ("{}",) * len(x)

    return adapt if name.startswith("LSTM") else None


def directions(x: tuple[Type, ...], a: Args) -> list[tuple[str, Dim]]:
    """The suffix and the width of what comes in of each layer and direction."""
    shown, ways = _shown(a), 2 if a["bidirectional"] else 1
    count = dim(a["num_layers"]).value or 1
    return [
        (f"_l{layer}{'_reverse' * way}", shown * ways if layer else x[0].shape[-1])
        for layer in range(count)
        for way in range(ways)
    ]


def recurrent_weights(name: str) -> Any:
    """For each layer and direction two matrices and two biases, all gates stacked; a projection."""
    gates = GATES[name]

    def weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
        hidden, shown = dim(a["hidden_size"]), _shown(a)
        shapes: dict[str, Shape] = {}
        for suffix, width in directions(x, a):
            shapes[f"weight_ih{suffix}"] = (hidden * gates, width)
            shapes[f"weight_hh{suffix}"] = (hidden * gates, shown)
            if a["bias"]:
                shapes[f"bias_ih{suffix}"] = shapes[f"bias_hh{suffix}"] = (hidden * gates,)
            if _projects(a):
                shapes[f"weight_hr{suffix}"] = (shown, hidden)
        return shapes

    return weights


# Operations of one unit besides its products: activations (sigmoid 4, tanh 5), then what combines
# the gates: c' = f c + i g and h' = o tanh(c'); h' = (1 - z) n + z h with n = tanh(… + r (…)).
COMBINED = {"LSTM": 3 * 4 + 2 * 5 + 4, "GRU": 2 * 4 + 5 + 1 + 4, "RNN": 5}


def recurrent_flops(name: str) -> Any:
    """Each step: a multiply-add for each weight, one addition for each sum, then the gates.

    Source: the equations in the documentation of `torch.nn.LSTM`, `GRU` and `RNN`.
    """

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        total = dim(0)
        for _, width in directions(x, a):
            total = total + step_flops(name, width, _shown(a), a)
            if _projects(a):
                total = total + dim(a["hidden_size"]) * _shown(a) * 2
        return total * product(x[0].shape[:2])

    return flops


def step_flops(name: str, width: Dim, shown: Dim, a: Args) -> Dim:
    """One step of a layer or cell that reads `width` numbers and its state of `shown`."""
    gates, hidden = GATES[name], dim(a["hidden_size"])
    unit = dim(1 if a.get("nonlinearity") == "relu" else COMBINED[name])
    sums = 3 if a["bias"] else 1
    return hidden * ((width + shown) * 2 * gates + sums * gates + unit)


def _recurrent(name: str, summary: str, more: str = "") -> Layer:
    projected = ", proj_size: count = 0" if name == "LSTM" else ""
    return Layer(
        name,
        f"hidden_size: size, num_layers: size = 1, {more}bias: bool = True, "
        "batch_first: bool = True, dropout: probability = 0.0, bidirectional: bool = False"
        f"{projected}",
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
        unpacks=True,
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
