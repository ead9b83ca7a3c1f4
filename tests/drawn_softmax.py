"""Softmax and its kin, and the logarithm of sums."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, anything, axes, axis_lists, batched, booleans, settings
from hypothesis import strategies as st

any_dtype = anything(*DTYPES)


def stricter(case: Case) -> str:
    shape = case.inputs[0].shape
    if case.layer == "Softmax2d" and len(shape) == 3:
        return "the batch dimension is written"
    axis = 1 if case.layer == "Softmax2d" else case.given.get("dim", -1)
    if not shape or shape[axis] == 1:
        return "shares of one unit are constant"
    return ""


def no_axes(case: Case) -> str:
    return "torch documents no sum without an axis" if case.given["dim"] == () else ""


DRAWN = {
    **{
        name: Drawn(settings(dim_=axes), any_dtype, stricter=stricter)
        for name in ("Softmax", "softmax", "LogSoftmax", "log_softmax", "Softmin", "softmin")
    },
    "gumbel_softmax": Drawn(
        settings(tau=st.sampled_from([0.5, 1, 2]), hard=booleans, dim=axes),
        any_dtype,
        stricter=stricter,
    ),
    "Softmax2d": Drawn(settings(), batched(2, *DTYPES), stricter=stricter),
    "logsumexp": Drawn(
        settings(dim_=axes | axis_lists | st.just(()), keepdim=booleans),
        any_dtype,
        stricter=no_axes,
    ),
}
