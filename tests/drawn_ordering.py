"""Orders, largest places and diagonals as drawn: axes and offsets that are there or not."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, anything, axes, booleans, settings
from hypothesis import strategies as st

any_of = anything(*DTYPES)
ordered = settings(dim=axes, descending=booleans, stable=booleans)
at = settings(dim=axes | st.none(), keepdim=booleans)
offsets = st.integers(-4, 4)


def none(case: Case) -> str:
    """Why torch gives what is refused."""
    return "0 values of a scalar are the scalar" * (case.given["k"] == 0)


DRAWN = {
    "topk": Drawn(
        settings(k_=st.integers(0, 4), dim=axes, largest=booleans, sorted=booleans),
        any_of,
        stricter=none,
    ),
    "sort": Drawn(ordered, any_of),
    "argsort": Drawn(ordered, any_of),
    "argmax": Drawn(at, any_of),
    "argmin": Drawn(at, any_of),
    "tril": Drawn(settings(diagonal=offsets), any_of),
    "triu": Drawn(settings(diagonal=offsets), any_of),
    "diag": Drawn(settings(diagonal=offsets), anything(*DTYPES, most=3)),
    "diagonal": Drawn(settings(offset=offsets, dim1=axes, dim2=axes), any_of),
    "diag_embed": Drawn(settings(offset=offsets, dim1=axes, dim2=axes), any_of),
}
