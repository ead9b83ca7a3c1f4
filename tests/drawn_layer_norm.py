"""Norms over the last axes, chosen axes and neighbouring channels."""

from __future__ import annotations

from math import prod
from typing import Any

from agreement import Case, Drawn, anything, axes, axis_lists, booleans, settings
from drawn_normalization import EVERY, beside, channelled, eps, few
from hypothesis import strategies as st
from torch import Tensor

stated = few | st.lists(few, min_size=0, max_size=3).map(tuple)
extents = st.lists(few, min_size=0, max_size=3).map(tuple)


def last(x: Tensor) -> dict[str, Any]:
    return {"normalized_shape": x.shape[-1]}


def single(case: Case) -> str:
    """Why the norm of a single value is refused."""
    asked = case.given.get("normalized_shape")
    shape = case.inputs[0].shape
    if asked is None:
        asked = shape[-1:]
    if shape and prod(asked if isinstance(asked, tuple) else (asked,)) == 1:
        return "the norm of one value is constant"
    return ""


def no_axes(case: Case) -> str:
    return "without an axis all records would be mixed" if case.given.get("dim") == () else ""


def whole(case: Case) -> str:
    return "" if case.inputs[0].dtype != "i64" else "means of whole numbers are refused elsewhere"


RESPONSE = Drawn(
    settings(
        size_=st.integers(0, 6),
        alpha=st.sampled_from([1e-3, 0.5]),
        beta=st.sampled_from([0.5, 1]),
        k=st.sampled_from([1, 2.0]),
    ),
    anything(*EVERY, most=5),
    stricter=whole,
)

DRAWN = {
    "LayerNorm": Drawn(
        settings(normalized_shape=stated, eps=eps, elementwise_affine=booleans, bias=booleans)
        | settings(elementwise_affine=booleans),
        channelled(*EVERY),
        sizes=last,
        stricter=single,
    ),
    "RMSNorm": Drawn(
        settings(normalized_shape=stated, eps=st.none() | eps, elementwise_affine=booleans)
        | settings(elementwise_affine=booleans),
        channelled(*EVERY),
        sizes=last,
        stricter=single,
    ),
    "layer_norm": Drawn(
        settings(normalized_shape_=extents, weight=beside(), bias=beside(), eps=eps),
        channelled(*EVERY),
        stricter=single,
    ),
    "rms_norm": Drawn(
        settings(
            normalized_shape_=extents,
            weight=beside("f32", "f64", "f16", "i64"),
            eps=st.none() | eps,
        ),
        channelled(*EVERY),
        stricter=single,
    ),
    "normalize": Drawn(
        settings(
            p=st.sampled_from([0, 1, 2, 3.5, -1.0, float("inf")]),
            dim=axes | axis_lists | st.just(()),
            eps=st.sampled_from([0, 1e-6]),
        ),
        anything(*EVERY),
        stricter=no_axes,
    ),
    "LocalResponseNorm": RESPONSE,
    "local_response_norm": RESPONSE,
}
