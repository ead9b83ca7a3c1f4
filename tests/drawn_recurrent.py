"""Layers over time, their cells and packed sequences as drawn for the comparison with torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from agreement import DTYPES, Case, Drawn, Operand, booleans, settings, small
from dlc.compiler.tensor import Type
from drawn_linear import mostly, near
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

KINDS = ("f16", "bf16", "f64", "i64", "i32", "u8", "bool")
others = st.sampled_from(KINDS)
few = st.integers(1, 3)
ranks = st.shared(st.sampled_from([3, 3, 3, 3, 3, 2, 4]), key="rank")
shapes = st.shared(st.tuples(few, few, small), key="sequence")
hidden = st.shared(st.integers(1, 5), key="hidden")
layers = st.shared(st.integers(1, 2), key="layers")
ways = st.shared(booleans, key="ways")
projected = st.shared(st.sampled_from([0, 0, 0, 1, 2, 3]), key="projected")


@dataclass(frozen=True)
class Lengths(Operand):
    """How long each record is: as long as may be."""

    steps: int = 1

    def tensor(self, sizes: Mapping[int, int] | None = None) -> Any:
        changed = sizes or {}
        shape = tuple(changed.get(size, size) for size in self.shape)
        return torch.full(shape, changed.get(self.steps, self.steps)).to(DTYPES[self.dtype])


@dataclass(frozen=True)
class Packed(Operand):
    """A packed sequence; the first record is as long as may be."""

    def type(self, names: Mapping[int, str] | None = None) -> Type:
        # Not `super()`: a frozen class with slots has no cell for it.
        return replace(Operand.type(self, names), packed=True)

    def tensor(self, sizes: Mapping[int, int] | None = None) -> Any:
        x = Operand.tensor(self, sizes)
        lengths = torch.randint(1, x.shape[1] + 1, (x.shape[0],))
        lengths[0] = x.shape[1]
        return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


def states(name: str) -> int:
    return 2 if name.startswith("LSTM") else 1


@st.composite
def flowing(draw: st.DrawFn, name: str) -> tuple[Operand, ...]:
    """A sequence, packed or not, and mostly a state that goes with it."""
    batch, steps, width = draw(shapes)
    shape = (batch, steps, width, 2)[: draw(ranks)]
    kind = draw(mostly(others, "f32"))
    packed = draw(st.integers(0, 3)) == 0 and len(shape) > 2
    x = Packed(shape, kind) if packed else Operand(shape, kind)
    if draw(booleans):
        return (x,)
    units = draw(hidden)
    depth = draw(layers) * (1 + draw(ways))
    shown = draw(projected) or units if name == "LSTM" else units
    found = [
        Operand(draw(near((depth, batch, size))), draw(mostly(others, "f32")))
        for size in (shown, units)[: states(name)]
    ]
    return (x, *found)


def recurrent(name: str) -> st.SearchStrategy[dict[str, Any]]:
    more: dict[str, Any] = {"proj_size_": projected} if name == "LSTM" else {}
    if name == "RNN":
        more = {"nonlinearity": st.sampled_from(["tanh", "relu", "sigmoid"])}
    return settings(
        hidden_size_=hidden,
        num_layers_=layers,
        bidirectional_=ways,
        bias=booleans,
        dropout=mostly(st.sampled_from([1.0, 1.5]), 0.5),
        **more,
    )


def sizes(x: Any, *state: Any) -> dict[str, Any]:
    return {"input_size": x.data.shape[-1], "batch_first": True}


def with_state(tensors: Sequence[Any]) -> Sequence[Any]:
    """A state of two tensors is one argument."""
    return (tensors[0], tuple(tensors[1:])) if len(tensors) > 2 else tuple(tensors)


def stricter(case: Case) -> str:
    """Why a layer that torch runs is refused."""
    x, *state = case.inputs
    if len(x.shape) == 2 and not isinstance(x, Packed):
        return "the batch dimension is written"
    if isinstance(x, Packed) and len(x.shape) != 3:
        return "a step of a record is a row of features"
    if state and isinstance(x, Packed):
        return "torch does not look at the state of packed sequences"
    if any(each.dtype != "f32" for each in state):
        return "a state is what the layer gives: f32"
    return ""


@st.composite
def cell_inputs(draw: st.DrawFn, name: str) -> tuple[Operand, ...]:
    batch, steps, width = draw(shapes)
    shape = draw(st.sampled_from([(batch, width)] * 5 + [(width,), (batch, steps, width)]))
    x = Operand(shape, draw(mostly(others, "f32")))
    if draw(booleans):
        return (x,)
    return (
        x,
        *(
            Operand(draw(near((*shape[:-1], draw(hidden)))), draw(mostly(others, "f32")))
            for _ in range(states(name))
        ),
    )


def cell(name: str) -> Drawn:
    more: dict[str, Any] = {}
    if name == "RNNCell":
        more = {"nonlinearity": st.sampled_from(["tanh", "relu", "sigmoid"])}
    return Drawn(
        settings(hidden_size_=hidden, bias=booleans, **more),
        cell_inputs(name),
        lambda x, *state: {"input_size": x.shape[-1]},
        stricter=cell_stricter,
        flow=with_state,
    )


def cell_stricter(case: Case) -> str:
    """Why a cell that torch runs is refused."""
    if len(case.inputs[0].shape) == 1:
        return "the batch dimension is written"
    if any(each.dtype != "f32" for each in case.inputs):
        return "a state is what the cell gives: f32"
    return ""


@st.composite
def with_lengths(draw: st.DrawFn) -> tuple[Operand, ...]:
    """Sequences of any kind, and mostly as many lengths."""
    batch, steps, width = draw(shapes)
    shape = (batch, steps, width, 2)[: draw(st.integers(1, 4))]
    x = Operand(shape, draw(mostly(others, "f32")))
    kind = draw(mostly(st.sampled_from(["f32", "bool", "i32", "u8"]), "i64"))
    return x, Lengths(draw(near((batch,))), kind, steps=steps)


def pack(case: Case, given: Mapping[str, Any], tensors: Sequence[Any]) -> PackedSequence:
    return pack_padded_sequence(*tensors, **{"batch_first": True, **given})


def pack_stricter(case: Case) -> str:
    """Why a sequence that torch packs is not packed."""
    if case.given.get("enforce_sorted", True):
        return "records come in any order"
    if case.inputs[1].dtype not in ("i64", "i32", "u8"):
        return "a length is a whole number"
    if case.inputs[1].shape != case.inputs[0].shape[:1]:
        return "each record has one length: torch leaves out records without"
    return ""


@st.composite
def packed(draw: st.DrawFn) -> tuple[Operand, ...]:
    batch, steps, width = draw(shapes)
    shape = (batch, steps, width, 2)[: draw(st.integers(2, 4))]
    kind = draw(mostly(others, "f32"))
    return (Packed(shape, kind) if draw(st.integers(0, 4)) else Operand(shape, kind),)


def pad(case: Case, given: Mapping[str, Any], tensors: Sequence[Any]) -> Any:
    if not isinstance(tensors[0], PackedSequence):
        raise TypeError("it reads fields of what was packed")
    return pad_packed_sequence(*tensors, **{"batch_first": True, **given})


def pad_stricter(case: Case) -> str:
    """Why a packed sequence that torch pads is not padded."""
    if case.given.get("total_length") is None:
        return "the number of steps would depend on the data"
    return ""


DRAWN = {
    **{
        name: Drawn(recurrent(name), flowing(name), sizes, stricter=stricter, flow=with_state)
        for name in ("LSTM", "GRU", "RNN")
    },
    **{name: cell(name) for name in ("LSTMCell", "GRUCell", "RNNCell")},
    "pack_padded_sequence": Drawn(
        settings(enforce_sorted_=mostly(st.just(True), False)),
        with_lengths(),
        call=pack,
        stricter=pack_stricter,
    ),
    "pad_packed_sequence": Drawn(
        settings(
            padding_value=st.sampled_from([0.0, -1.0, 0.5, 300.0, 7e4, 3e9, 1e40, float("inf")]),
            total_length_=mostly(st.none(), 3) | st.integers(1, 5),
        ),
        packed(),
        call=pad,
        stricter=pad_stricter,
    ),
}
