"""Embeddings as drawn for the comparison with torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from agreement import DTYPES, Case, Drawn, Operand, booleans, settings, small
from drawn_linear import mostly, near
from hypothesis import strategies as st
from torch import Tensor

ROWS = 5  # so many rows where a case does not state them
bounds = mostly(st.sampled_from([0.0, -1.0]), 1.0) | st.none()
norms = mostly(st.sampled_from([0.0, -1.0]), 1.0) | st.sampled_from([2.0, float("inf")])
kinds = mostly(st.sampled_from(["i32", "f32", "u8", "bool"]), "i64")


@dataclass(frozen=True)
class Offsets(Operand):
    """Where bags begin: all at the start, which fits indices of any length."""

    def tensor(self, sizes: Mapping[int, int] | None = None) -> Tensor:
        shape = tuple((sizes or {}).get(size, size) for size in self.shape)
        return torch.zeros(shape).to(DTYPES[self.dtype])


@st.composite
def indices(draw: st.DrawFn, most: int) -> tuple[Operand, ...]:
    shape = tuple(draw(st.lists(small, max_size=most)))
    return (Operand(shape, draw(kinds), ROWS, is_token=draw(st.integers(0, 5)) > 0),)


common: dict[str, Any] = {
    "max_norm": bounds,
    "norm_type": norms,
    "scale_grad_by_freq": booleans,
    "padding_idx": st.none() | st.integers(-ROWS, 1) | mostly(st.sampled_from([-9, 4, 9]), 0),
}
rows: dict[str, Any] = {
    "embedding_dim_": small,
    "num_embeddings": mostly(st.integers(1, 9), ROWS + 2),
}


def sizes(*tensors: Tensor) -> dict[str, Any]:
    return {"num_embeddings": ROWS}


def stricter(case: Case) -> str:
    """Why an embedding that torch builds is refused."""
    bound, norm = case.given.get("max_norm"), case.given.get("norm_type", 2.0)
    if (bound is not None and bound <= 0) or norm <= 0:
        return "a norm and its bound are above 0"
    (x, *_) = case.inputs
    stated, pad = case.given.get("num_embeddings"), case.given.get("padding_idx")
    if not x.is_token and stated is None and case.record.is_layer:
        return "nothing tells how many indices there are"
    if stated is not None and stated < ROWS and x.is_token:
        return "an index could be behind the last row"
    if case.layer == "Embedding" and stated is None and pad is not None and pad >= 2:
        width = case.given["embedding_dim"]
        if width == ROWS or width > ROWS <= pad:
            return "torch's order of the two numbers: the rows first"
    if case.layer == "EmbeddingBag":
        if x.dtype not in ("i64", "i32"):
            return "without offsets torch takes i64 and i32 alone"
        if len(x.shape) == 2 and case.given.get("include_last_offset"):
            return "without offsets it has no effect"
        if pad is not None and pad >= 2 and case.given["embedding_dim"] >= ROWS:
            return "torch's order of the two numbers: the rows first"
    if case.layer == "embedding" and case.inputs[1].shape[0] < ROWS and x.is_token:
        return "an index could be behind the last row"
    return ""


def looser(case: Case) -> str:
    """Why what is taken may fail in torch: values that the type does not bound."""
    last = case.inputs[1].shape[:1] if case.layer == "embedding" else ()
    rows = last[0] if last else case.given.get("num_embeddings", ROWS)
    return "an index is behind the last row" if rows < ROWS and not case.inputs[0].is_token else ""


bag = st.shared(mostly(st.lists(small, min_size=1, max_size=3).map(tuple), (2, 3)), key="bag")


@st.composite
def bags(draw: st.DrawFn) -> tuple[Operand, ...]:
    return (Operand(draw(bag), draw(kinds), ROWS, is_token=draw(st.integers(0, 5)) > 0),)


@st.composite
def bag_given(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(
        settings(
            **rows,
            **common,
            mode=st.sampled_from(["sum", "mean", "max"]),
            include_last_offset=mostly(st.just(True), False),
        )
    )
    shape = draw(bag)
    if draw(st.integers(0, 9)) > (8 if len(shape) > 1 else 0):
        # A single last offset makes no bag, and torch then reads what is not its own.
        length = draw(st.integers(1, 4))
        given["offsets"] = Offsets(draw(near((length,))), draw(mostly(kinds, "i64")))
        if given["offsets"].shape == (1,):
            given.pop("include_last_offset", None)
    if draw(st.integers(0, 2)) == 0:
        kind = draw(mostly(st.sampled_from(["f16", "f64", "i64"]), "f32"))
        given["per_sample_weights"] = Operand(draw(near(shape)), kind)
        given["mode"] = draw(mostly(st.sampled_from(["mean", "max"]), "sum"))
    return given


@st.composite
def looked_up(draw: st.DrawFn) -> tuple[Operand, ...]:
    """Indices, and the matrix of rows."""
    weight = Operand(
        draw(near((draw(st.integers(ROWS - 1, ROWS + 2)), draw(small)))),
        draw(mostly(st.sampled_from([*DTYPES]), "f32")),
    )
    return (*draw(indices(3)), weight)


def closed(case: Case, names: Mapping[int, str]) -> str:
    """Why names are refused where torch has sizes."""
    if case.layer == "embedding" and case.inputs[1].shape[0] in names:
        return "how many rows there are decides which indices are legal"
    return looser(case)


DRAWN = {
    "Embedding": Drawn(
        settings(**rows, **common),
        indices(3),
        sizes,
        stricter=stricter,
        looser=looser,
        closed=closed,
    ),
    "embedding": Drawn(
        settings(**common), looked_up(), stricter=stricter, looser=looser, closed=closed
    ),
    "EmbeddingBag": Drawn(
        bag_given(), bags(), sizes, stricter=stricter, looser=looser, closed=closed
    ),
}
