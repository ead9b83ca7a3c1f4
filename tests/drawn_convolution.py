"""Convolutions as drawn for the comparison with torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agreement import (
    Case,
    Drawn,
    Operand,
    batched,
    booleans,
    each,
    settings,
    small,
)
from hypothesis import strategies as st
from torch import Tensor

FLOATS = ("f32", "f32", "f32", "f32", "f16", "bf16", "f64")
DTYPES = (*FLOATS, "i64", "u8", "bool")
modes = st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"])


def paddings(rank: int) -> st.SearchStrategy[Any]:
    return each(st.integers(0, 5 if rank < 3 else 2), rank) | st.sampled_from(["same", "valid"])


def convolution(rank: int) -> st.SearchStrategy[dict[str, Any]]:
    return settings(
        out_channels_=small,
        kernel_size_=each(st.integers(1, 5 if rank < 3 else 3), rank),
        stride=each(st.integers(1, 3), rank),
        padding=paddings(rank),
        dilation=each(st.integers(1, 3), rank),
        groups=st.integers(1, 3),
        bias=booleans,
        padding_mode=modes,
    )


def extents(rank: int) -> st.SearchStrategy[Any]:
    """Sizes asked for: mostly one an axis, also a whole shape or too few."""
    size = st.integers(1, 20)
    whole = st.tuples(st.just(2), st.just(3), *(size,) * rank)
    return st.tuples(*(size,) * rank) | whole | st.tuples(*(size,) * (rank + 1))


def transposed(rank: int) -> st.SearchStrategy[dict[str, Any]]:
    return settings(
        out_channels_=small,
        kernel_size_=each(st.integers(1, 5 if rank < 3 else 3), rank),
        stride=each(st.integers(1, 3), rank),
        padding=each(st.integers(0, 3), rank),
        output_padding=each(st.integers(0, 2), rank),
        groups=st.integers(1, 3),
        bias=booleans,
        dilation=each(st.integers(1, 3), rank),
    )


@st.composite
def sized(draw: st.DrawFn, rank: int) -> dict[str, Any]:
    """A transposed convolution that is told what comes out; strides leave a choice."""
    given = draw(transposed(rank))
    given["stride"] = draw(each(st.integers(2, 4), rank))
    given["output_size"] = draw(extents(rank))
    if draw(st.integers(0, 3)):
        given.pop("output_padding", None)
    return given


def weights(rank: int, most: int) -> st.SearchStrategy[Operand]:
    """Weights whose channels often fit, rarely of another rank or dtype."""
    kernel = st.integers(1, most)
    shape = st.tuples(st.sampled_from([2, 4, 6]), st.sampled_from([1, 2, 4]), *(kernel,) * rank)
    shapes = st.one_of(*(shape,) * 5, shape.map(lambda found: found[:-1]))
    return st.builds(Operand, shapes, st.sampled_from(DTYPES))


@st.composite
def functions(
    draw: st.DrawFn, rank: int, more: st.SearchStrategy[dict[str, Any]], turned: bool
) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """Arguments of a functional convolution and what flows in: weights that mostly fit it."""
    given = draw(more)
    weight = draw(weights(rank, 3))
    if draw(st.integers(0, 4)):
        weight = Operand(weight.shape, draw(st.sampled_from(FLOATS)))
    given["weight"] = weight
    groups = given.get("groups", 1)
    out = weight.shape[1] * groups if turned else weight.shape[0]
    wanted = weight.shape[0] if turned else weight.shape[1] * groups
    bias = draw(st.sampled_from([None, "left out", out, out, out, out + 1]))
    if bias != "left out":
        dtype = draw(st.sampled_from([weight.dtype] * 5 + ["f64"]))
        shape = draw(st.sampled_from([(bias,), (bias,), (bias,), (1, bias)]))
        given["bias"] = bias if bias is None else Operand(shape, dtype)
    (x,) = draw(batched(rank))
    dtype = draw(st.sampled_from([weight.dtype] * 6 + ["f32"]))
    channels = draw(st.sampled_from([wanted] * 5 + [x.shape[1]]))
    return given, (Operand((x.shape[0], channels, *x.shape[2:]), dtype),)


def convolving(rank: int) -> st.SearchStrategy[dict[str, Any]]:
    return settings(
        stride=each(st.integers(1, 3), rank),
        padding=paddings(rank),
        dilation=each(st.integers(1, 3), rank),
        groups=st.sampled_from([1, 1, 2, 3]),
    )


def transposing(rank: int) -> st.SearchStrategy[dict[str, Any]]:
    return settings(
        stride=each(st.integers(1, 3), rank),
        padding=each(st.integers(0, 2), rank),
        output_padding=each(st.integers(0, 2), rank),
        groups=st.sampled_from([1, 1, 2, 3]),
        dilation=each(st.integers(1, 3), rank),
    )


def unbatched(rank: int) -> Callable[[Case], str]:
    """The reasons for which a convolution that torch computes is refused."""

    def stricter(case: Case) -> str:
        (x,) = case.inputs
        if len(x.shape) == rank + 1:
            return "the batch dimension is written"
        if x.dtype in ("u8", "i32", "i64"):
            return "convolutions of whole numbers run on the processor alone"
        weight, bias = case.given.get("weight"), case.given.get("bias")
        if weight is not None and isinstance(bias, Operand) and bias.dtype != weight.dtype:
            return "some paths of torch take a bias of another dtype, and others do not"
        if case.given.get("output_size") and case.given.get("output_padding", 0) != 0:
            return "output_padding has no effect beside output_size"
        return ""

    return stricter


def weights_open(case: Case, names: Mapping[int, str]) -> str:
    """Weights need a number of channels; where only the last axis has one, they stand there."""
    shape = case.inputs[0].shape
    if shape[1] in names and shape[-1] not in names:
        return "the number of channels must be known"
    return ""


def channels(x: Tensor) -> dict[str, Any]:
    return {"in_channels": x.shape[1]}


def layer(rank: int, given: st.SearchStrategy[dict[str, Any]]) -> Drawn:
    return Drawn(
        given,
        st.one_of(*(batched(rank),) * 3, batched(rank, *DTYPES)),
        sizes=channels,
        stricter=unbatched(rank),
        closed=weights_open,
    )


def function(rank: int, given: st.SearchStrategy[dict[str, Any]], turned: bool) -> Drawn:
    nothing: st.SearchStrategy[Any] = st.nothing()
    drawn = functions(rank, given, turned)
    return Drawn(nothing, nothing, stricter=unbatched(rank), together=drawn)


RANKS = (1, 2, 3)
DRAWN: dict[str, Drawn] = {
    **{f"Conv{rank}d": layer(rank, convolution(rank)) for rank in RANKS},
    **{f"ConvTranspose{rank}d": layer(rank, transposed(rank) | sized(rank)) for rank in RANKS},
    **{f"conv{rank}d": function(rank, convolving(rank), False) for rank in RANKS},
    **{f"conv_transpose{rank}d": function(rank, transposing(rank), True) for rank in RANKS},
}
