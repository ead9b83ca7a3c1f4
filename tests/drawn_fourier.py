"""Fourier transforms and complex numbers as drawn: points, axes, norms, every dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from agreement import COMPLEX, DTYPES, Case, Drawn, Operand, anything, settings, small
from drawn_products import grown, kinds
from hypothesis import strategies as st
from torch import Tensor

axes = st.integers(-3, 3)
axis_lists = axes | st.lists(axes, max_size=3).map(tuple)
norms = st.none() | st.sampled_from(["forward", "backward", "ortho"])
points = st.lists(small, min_size=1, max_size=3).map(tuple)
numbers = anything("f32", "f32", "f64", "c64", *DTYPES, *COMPLEX)


def of_fourier(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """The function of `torch.fft`."""
    return getattr(torch.fft, case.layer)(*tensors, **given)


def of_torch(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """The function of `torch`; a view wants its values one behind the other."""
    return getattr(torch, case.layer)(*(each.contiguous() for each in tensors))


def half(case: Case) -> str:
    """Why complex numbers of half floats are refused."""
    halves = any(each.dtype == "f16" for each in case.inputs)
    return "complex numbers of two f16 are an experiment of torch's" if halves else ""


def of_two(case: Case) -> str:
    """Why two parts are not put together."""
    return half(case) or grown(*(each.shape for each in case.inputs))


def nothing(case: Case) -> str:
    """Why no points are refused, of which torch gives a frequency."""
    return "no points have no frequency" if case.given["n"] < 1 else ""


@st.composite
def two_parts(draw: st.DrawFn) -> tuple[Operand, ...]:
    """Two tensors of one shape, or one of them smaller from behind."""
    shape = draw(st.lists(small, max_size=3).map(tuple))
    other = draw(st.sampled_from([shape, shape, shape[1:], (*shape, 2)]))
    pair = (Operand(shape), Operand(other))
    return tuple(Operand(o.shape, d) for o, d in zip(pair, draw(kinds(2)), strict=True))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Operand, ...]:
    """A last axis of two, mostly."""
    shape = draw(st.lists(small, max_size=3).map(tuple))
    last = draw(st.sampled_from([(2,), (2,), (2,), (3,), ()]))
    return (Operand((*shape, *last), draw(st.sampled_from(["f32", "f64", *DTYPES, *COMPLEX]))),)


DRAWN = {
    **{
        name: Drawn(settings(n=small, dim=axes, norm=norms), numbers, call=of_fourier)
        for name in ("fft", "ifft", "rfft", "irfft")
    },
    **{
        name: Drawn(settings(s=points, dim=axis_lists, norm=norms), numbers, call=of_fourier)
        for name in ("fft2", "ifft2", "rfft2", "irfft2")
    },
    **{
        name: Drawn(
            settings(s=points, dim=st.none() | axis_lists, norm=norms), numbers, call=of_fourier
        )
        for name in ("fftn", "ifftn", "rfftn", "irfftn")
    },
    **{
        name: Drawn(settings(dim=st.none() | axis_lists), numbers, call=of_fourier)
        for name in ("fftshift", "ifftshift")
    },
    **{
        name: Drawn(
            settings(n_=st.integers(-1, 9), d=st.sampled_from([0.5, 1.0, 2, -1.0])),
            st.just(()),
            call=of_fourier,
            stricter=nothing,
        )
        for name in ("fftfreq", "rfftfreq")
    },
    **{
        name: Drawn(settings(), numbers, call=of_torch)
        for name in ("real", "imag", "angle", "conj", "view_as_real")
    },
    "view_as_complex": Drawn(settings(), pairs(), call=of_torch, stricter=half),
    **{
        name: Drawn(settings(), two_parts(), call=of_torch, stricter=of_two, known=frozenset({1}))
        for name in ("complex", "polar")
    },
}
