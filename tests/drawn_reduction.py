"""Cases of reductions: sums, means, variances, extremes, truths, medians and quantiles."""

from __future__ import annotations

import math

from agreement import (
    DTYPES,
    Case,
    Drawn,
    anything,
    axes,
    axis_lists,
    booleans,
    settings,
)
from dlc.compiler.layers.reduction import REDUCTIONS
from hypothesis import strategies as st

INPUTS = anything(*DTYPES, "f32", "f32")
some_axes = axes | axis_lists | st.just(()) | st.none()
several = settings(dim=some_axes, keepdim=booleans)
# torch has no keepdim of these without dim, not even False.
alone = settings() | settings(keepdim_=st.just(True))
one = alone | settings(dim_=axes, keepdim=booleans) | settings(dim_=axes)
varied = settings(
    dim=some_axes,
    keepdim=booleans,
    correction=st.sampled_from([0, 1, 2, 5, 0.5, 1.5, -1, -0.5, math.inf]),
)
shared = settings(
    q_=st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.5, -0.1]),
    dim=axes | st.none(),
    keepdim=booleans,
    interpolation=st.sampled_from(["linear", "lower", "higher", "midpoint", "nearest", "cubic"]),
)
GIVEN = {
    "sum": alone | settings(dim_=some_axes, keepdim=booleans),
    "mean": alone | settings(dim_=some_axes, keepdim=booleans),
    "prod": one,
    "max": one,
    "min": one,
    "median": one,
    "nanmedian": one,
    "aminmax": one,
    "count_nonzero": settings(dim=some_axes),
    "quantile": shared,
    "nanquantile": shared,
    **{f"{spread}{mean}": varied for spread in ("std", "var") for mean in ("", "_mean")},
}


def without_axes(case: Case) -> str:
    """Keeping axes where none is named."""
    if case.layer in ("sum", "mean") and case.given.get("dim", 0) is None:
        return "keepdim without dim: torch takes it only where dim=None is written"
    return ""


def divided_by_nothing(case: Case) -> str:
    """A variance of as many values as are taken off."""
    (x,) = case.inputs
    asked = case.given.get("dim")
    named = (asked,) if isinstance(asked, int) else asked or range(len(x.shape))
    count = math.prod(x.shape[axis] for axis in named if x.shape)
    few = count <= case.given.get("correction", 1)
    return "the variance of so few values is no number" if few else ""


DRAWN = {
    record.name: Drawn(
        GIVEN.get(record.name, several),
        INPUTS,
        stricter=divided_by_nothing if "correction" in record.signature else without_axes,
    )
    for record in REDUCTIONS
}
