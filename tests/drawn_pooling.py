"""Pools, unpools and windows written out, as drawn for the comparison with torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch.nn.functional as F
from agreement import (
    Case,
    Drawn,
    Operand,
    batched,
    booleans,
    each,
    plain_call,
    settings,
    sizes,
    small,
)
from drawn_convolution import RANKS, extents
from hypothesis import strategies as st
from torch import Tensor

DTYPES = ("f32", "f32", "f32", "f32", "f16", "bf16", "f64", "u8", "i32", "i64", "bool")
Givens = st.SearchStrategy[dict[str, Any]]


def pool(rank: int, **more: st.SearchStrategy[Any]) -> Givens:
    return settings(
        kernel_size_=each(st.integers(1, 5), rank),
        stride=st.none() | each(st.integers(1, 4), rank),
        padding=each(st.integers(0, 3), rank),
        ceil_mode=booleans,
        **more,
    )


def maxima(rank: int) -> Givens:
    return pool(rank, dilation=each(st.integers(1, 3), rank), return_indices=booleans)


def means(rank: int) -> Givens:
    divisor = {"divisor_override": st.none() | small} if rank > 1 else {}
    return pool(rank, count_include_pad=booleans, **divisor)


def norms(rank: int) -> Givens:
    return settings(
        norm_type_=st.sampled_from([1, 2, 2.0, 3, 0.5, 1.5, float("inf"), -1.0]),
        kernel_size_=each(st.integers(1, 5), rank),
        stride=st.none() | each(st.integers(1, 4), rank),
        ceil_mode=booleans,
    )


def adaptive(rank: int, **more: st.SearchStrategy[Any]) -> Givens:
    several = st.lists(sizes | st.none(), min_size=rank - 1, max_size=rank + 1).map(tuple)
    return settings(output_size_=sizes | (several if rank > 1 else st.none()), **more)


def fractional(rank: int, layer: bool) -> Givens:
    ratio = st.sampled_from([0.5, 0.75, 0.25, 0.3, 0.7, 0.9, 0.0, 1.0])
    several = st.tuples(*(ratio,) * rank)
    size = each(st.integers(1, 6), rank)
    return st.one_of(
        *(
            settings(kernel_size_=each(st.integers(1, 3), rank), return_indices=booleans, **more)
            for more in (
                {"output_size_": size},
                {"output_ratio_": ratio | several if layer else several},
                {"output_size": size, "output_ratio": several},
            )
        )
    )


def stricter(case: Case) -> str:
    """The reasons for which a pool that torch computes is refused."""
    rank, given = int(case.layer[-2]), case.given
    (x, *_) = case.inputs
    if len(x.shape) == rank + 1:
        return "the batch dimension is written"
    if case.layer.lower().startswith("adaptive") and len(x.shape) == rank + 3:
        return "torch does not document it"
    if x.dtype in ("u8", "i32", "i64", "bool"):
        return "most devices have no pools of whole numbers"
    if given.get("norm_type", 1) < 0:
        return "a norm has powers above 0"
    if given.get("output_size") is not None and given.get("output_ratio") is not None:
        return "output_ratio has no effect beside output_size"
    ratio = given.get("output_ratio") or 0.5
    if not all(0 < part < 1 for part in (ratio if isinstance(ratio, tuple) else (ratio,))):
        return "a share of an axis lies between none and all of it"
    return ""


def large(rank: int) -> st.SearchStrategy[tuple[Operand, ...]]:
    """Maps that mostly have room for the windows that are asked for."""
    shape = st.tuples(st.just(2), st.integers(1, 3), *(st.integers(6, 9),) * rank)
    return shape.map(lambda found: (Operand(found),))


def rounded(case: Case, names: Mapping[int, str]) -> str:
    """Shares of open sizes that only floating point can tell."""
    ratio = case.given.get("output_ratio") or 0.5
    parts = ratio if isinstance(ratio, tuple) else (ratio,)
    opened = any(size in names for size in case.inputs[0].shape[2:])
    if opened and any(part not in (0.25, 0.5, 0.75) for part in parts):
        return "a share of an open size is no whole number"
    return ""


def without_none(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """torch's functions in C++ take no None for an argument that is left out."""
    return plain_call(case, {k: v for k, v in given.items() if v is not None}, tensors)


def layer(rank: int, given: Givens) -> Drawn:
    inputs = st.one_of(*(batched(rank),) * 3, batched(rank, *DTYPES))
    return Drawn(given, inputs, stricter=stricter)


def function(rank: int, given: Givens) -> Drawn:
    return replace(layer(rank, given), call=without_none)


@st.composite
def unpooled(draw: st.DrawFn, rank: int) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """Values with an index each, which is 0, and sometimes not: the places are data."""
    more = {"output_size": st.none() | extents(rank)} if draw(booleans) else {}
    given = draw(
        settings(
            kernel_size_=each(st.integers(1, 4), rank),
            stride=st.none() | each(st.integers(1, 4), rank),
            padding=each(st.integers(0, 2), rank),
            **more,
        )
    )
    if more and draw(booleans):
        given["output_size"] = (draw(st.integers(2, 8)),) * rank
        given["kernel_size"] = given["stride"] = 3
    (x,) = draw(batched(rank) | batched(rank, *DTYPES))
    shape = draw(st.sampled_from([x.shape] * 5 + [(*x.shape[:-1], 4), x.shape[1:]]))
    dtype = draw(st.sampled_from(["i64"] * 6 + ["i32", "f32"]))
    return given, (x, Operand(shape, dtype, below=1))


def unpools(rank: int) -> Drawn:
    nothing: st.SearchStrategy[Any] = st.nothing()
    return Drawn(nothing, nothing, stricter=stricter, together=unpooled(rank))


WINDOW: dict[str, st.SearchStrategy[Any]] = {
    "kernel_size_": each(st.integers(1, 4), 2),
    "dilation": each(st.integers(1, 3), 2),
    "padding": each(st.integers(0, 2), 2),
    "stride": each(st.integers(1, 3), 2),
}


@st.composite
def folded(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """Columns that mostly are those of an image."""
    given = draw(settings(**WINDOW))
    size = draw(st.tuples(sizes, sizes))
    given["output_size"] = draw(st.sampled_from([size, size, size[0]]))
    image = Operand((2, draw(small), size[0], size[given["output_size"] == size])).tensor()
    try:
        shape = tuple(F.unfold(image, **{k: v for k, v in given.items() if k in KEYS}).shape)
    except RuntimeError:
        shape = (2, 8, 9)
    wrong = (shape[0], shape[1], shape[2] + 1), (shape[0], shape[1] + 1, shape[2]), shape[1:]
    found = draw(st.sampled_from([shape] * 6 + [*wrong]))
    return given, (Operand(found, draw(st.sampled_from(DTYPES))),)


KEYS = {key.rstrip("_") for key in WINDOW}


def folding_stricter(rank: int) -> Callable[[Case], str]:
    return lambda case: (
        "the batch dimension is written" if len(case.inputs[0].shape) == rank else ""
    )


unfolds = Drawn(settings(**WINDOW), batched(2) | batched(2, *DTYPES), stricter=folding_stricter(3))
folds = Drawn(st.nothing(), st.nothing(), stricter=folding_stricter(2), together=folded())

DRAWN: dict[str, Drawn] = {
    **{f"MaxPool{rank}d": layer(rank, maxima(rank)) for rank in RANKS},
    **{f"max_pool{rank}d": function(rank, maxima(rank)) for rank in RANKS},
    **{f"AvgPool{rank}d": layer(rank, means(rank)) for rank in RANKS},
    **{f"avg_pool{rank}d": function(rank, means(rank)) for rank in RANKS},
    **{f"LPPool{rank}d": layer(rank, norms(rank)) for rank in RANKS},
    **{f"lp_pool{rank}d": function(rank, norms(rank)) for rank in RANKS},
    **{f"AdaptiveAvgPool{rank}d": layer(rank, adaptive(rank)) for rank in RANKS},
    **{f"adaptive_avg_pool{rank}d": layer(rank, adaptive(rank)) for rank in RANKS},
    **{
        name: layer(rank, adaptive(rank, return_indices=booleans))
        for rank in RANKS
        for name in (f"AdaptiveMaxPool{rank}d", f"adaptive_max_pool{rank}d")
    },
    **{
        name: unpools(rank)
        for rank in RANKS
        for name in (f"MaxUnpool{rank}d", f"max_unpool{rank}d")
    },
    **{
        name: replace(
            layer(rank, fractional(rank, "F" in name)),
            inputs=large(rank) | batched(rank, *DTYPES),
            closed=rounded,
        )
        for rank in (2, 3)
        for name in (f"FractionalMaxPool{rank}d", f"fractional_max_pool{rank}d")
    },
    **dict.fromkeys(("Unfold", "unfold"), unfolds),
    **dict.fromkeys(("Fold", "fold"), folds),
}
