"""Layers of transformers as drawn for the comparison with torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agreement import Case, Drawn, Operand, booleans, settings
from drawn_attention import (
    heads,
    lengths,
    mask,
    named_masks,
    others,
    padding,
    records,
    some,
    steps,
    unlike_masks,
    width,
)
from drawn_linear import mostly, near
from hypothesis import strategies as st
from torch import Tensor

common: dict[str, Any] = {
    "dim_feedforward_": st.integers(1, 5),
    "dropout": st.sampled_from([0.0, 0.1, 1.0]),
    "activation": mostly(st.sampled_from(["relu", "tanh"]), "gelu"),
    "layer_norm_eps": st.just(1e-3),
    "norm_first": booleans,
    "bias": booleans,
}


@st.composite
def sequences(draw: st.DrawFn, *counts: st.SearchStrategy[int]) -> tuple[Operand, ...]:
    """Mostly `[N, T, E]` for each number of steps."""
    found = []
    for count in counts:
        shape = draw(near((draw(records), draw(count), draw(width))))
        found.append(Operand(shape, draw(mostly(others, "f32"))))
    return tuple(found)


@st.composite
def encoder(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(settings(nhead_=heads, **common))
    count = draw(lengths)
    return given | draw(
        some(
            src_mask=mask(count, count),
            src_key_padding_mask=padding(count),
            is_causal=booleans,
        )
    )


def of_target(own: int, other: int) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "tgt_mask": mask(own, own),
        "memory_mask": mask(own, other),
        "tgt_key_padding_mask": padding(own),
        "memory_key_padding_mask": padding(other),
        "tgt_is_causal": booleans,
        "memory_is_causal": booleans,
    }


@st.composite
def decoder(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(settings(nhead_=heads, **common))
    return given | draw(some(**of_target(draw(lengths), draw(steps))))


@st.composite
def transformer(draw: st.DrawFn) -> dict[str, Any]:
    counts = {f"num_{side}_layers_": st.integers(1, 2) for side in ("encoder", "decoder")}
    given = draw(settings(nhead_=heads, **counts, **common))
    count = draw(steps)
    return given | draw(
        some(
            src_mask=mask(count, count),
            src_key_padding_mask=padding(count),
            src_is_causal=st.none() | booleans,
            **of_target(draw(lengths), count),
        )
    )


def sizes(first: Tensor, *rest: Tensor) -> dict[str, Any]:
    return {"d_model": first.shape[-1], "batch_first": True}


LOOKS = {
    "TransformerEncoderLayer": [("src_mask", "src_key_padding_mask", "is_causal")],
    "TransformerDecoderLayer": [
        (f"{side}_mask", f"{side}_key_padding_mask", f"{side}_is_causal")
        for side in ("tgt", "memory")
    ],
    "Transformer": [
        (f"{side}_mask", f"{side}_key_padding_mask", f"{side}_is_causal")
        for side in ("src", "tgt", "memory")
    ],
}


def stricter(case: Case) -> str:
    """Why a layer that torch runs is refused."""
    if any(len(each.shape) == 2 for each in case.inputs):
        return "the batch dimension is written"
    looks, pads, hints = zip(*LOOKS[case.layer], strict=True)
    return unlike_masks(case, looks, pads, hints)


def drawn(
    given: Callable[[], st.SearchStrategy[dict[str, Any]]], *counts: st.SearchStrategy[int]
) -> Drawn:
    return Drawn(
        given(),
        sequences(*counts),
        sizes,
        stricter=stricter,
        closed=named_masks,
        known=frozenset({1}),
    )


DRAWN = {
    "TransformerEncoderLayer": drawn(encoder, lengths),
    "TransformerDecoderLayer": drawn(decoder, lengths, steps),
    "Transformer": drawn(transformer, steps, lengths),
}
