"""Norms, traces, determinants and inverses as drawn: orders, axes, square matrices and others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from agreement import COMPLEX, DTYPES, Case, Drawn, Operand, anything, booleans, settings
from hypothesis import strategies as st
from torch import Tensor

axes = st.integers(-3, 3)
orders = st.sampled_from(["fro", "nuc", 0, 1, 2, 1.5, -1, float("inf"), -float("inf")])
every = [*DTYPES, *COMPLEX]


def of_torch(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """The function of `torch`."""
    return getattr(torch, case.layer)(*tensors, **given)


@st.composite
def squares(draw: st.DrawFn) -> tuple[Operand, ...]:
    """Square matrices, mostly."""
    size = draw(st.integers(1, 4))
    front = draw(st.lists(st.integers(1, 3), max_size=2).map(tuple))
    shape = draw(st.sampled_from([(size, size)] * 4 + [(size, 2), (size,), ()]))
    return (Operand((*front, *shape), draw(st.sampled_from(["f32", "f64", *every]))),)


DRAWN = {
    "norm": Drawn(
        settings(
            p=st.none() | orders,
            dim=st.none() | axes | st.lists(axes, max_size=3).map(tuple),
            keepdim=booleans,
        ),
        anything("f32", "f32", "f64", *every),
        call=of_torch,
    ),
    "trace": Drawn(settings(), anything(*every, most=3) | squares(), call=of_torch),
    **{name: Drawn(settings(), squares(), call=of_torch) for name in ("det", "logdet", "inverse")},
}
