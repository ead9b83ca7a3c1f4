"""Activations: elementwise, with slopes, and gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agreement import DTYPES, Case, Drawn, Operand, anything, axes, settings
from dlc.compiler.layers.activation import PAIRS
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

any_dtype = anything(*DTYPES)
ends = st.sampled_from([-1, -1.0, -0.5, 0, 0.5, 1, 6.0, 300, 1e9, float("inf")])
widths = st.sampled_from([0, 0.5, 2, 1e9, float("inf")])
slopes = st.sampled_from([-0.5, 0.0, 0.125, 0.3, float("inf")])

SETTINGS = {
    "leaky_relu": settings(negative_slope=st.sampled_from([0, 0.1, -1.0, 1e9])),
    "elu": settings(alpha=st.sampled_from([1, 0.5, 0.0, -1.0])),
    "celu": settings(alpha=st.sampled_from([1, 0.5, 0.0])),
    "gelu": settings(approximate=st.sampled_from(["none", "tanh", "sigmoid"])),
    "softplus": settings(beta=st.sampled_from([1, 0.5]), threshold=st.sampled_from([20, 1.5])),
    "hardtanh": settings(min_val=ends, max_val=ends),
    "hardshrink": settings(lambd=widths),
    "softshrink": settings(lambd=widths | st.just(-1.0)),
    "threshold": settings(threshold_=ends, value_=ends),
}


def training(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    return functional.rrelu(*tensors, **given, training=True)


PLAIN = {
    name: Drawn(SETTINGS.get(function, settings()), any_dtype)
    for layer, function, *_ in PAIRS
    for name in (layer, function)
}
RANDOM = Drawn(settings(lower=slopes, upper=slopes), any_dtype)
GLU = Drawn(settings(dim=axes), any_dtype)
slope_row = st.one_of(st.tuples(st.integers(1, 3)), st.just((3,)), st.just(()), st.just((1, 1)))
few = st.lists(st.sampled_from([1, 2, 3, 3]), max_size=4).map(tuple)
few_channels = st.builds(
    lambda shape, dtype: (Operand(shape, dtype),), few, st.sampled_from([*DTYPES])
)

DRAWN = {
    **PLAIN,
    "Identity": Drawn(settings(), any_dtype),
    "RReLU": RANDOM,
    "rrelu": replace(RANDOM, call=training),
    "GLU": GLU,
    "glu": GLU,
    "PReLU": Drawn(
        settings(num_parameters=st.integers(1, 3), init=st.just(0.1)),
        few_channels | st.builds(lambda shape: (Operand(shape),), few),
    ),
    "prelu": Drawn(
        settings(
            weight_=st.builds(
                Operand, slope_row, st.sampled_from(["f32", "f32", "f64", "f16", "i64"])
            )
        ),
        few_channels | st.builds(lambda shape: (Operand(shape),), few),
    ),
}
