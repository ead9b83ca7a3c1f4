"""Axes moved, turned, added and dropped as drawn: axes that are there, and that are not."""

from __future__ import annotations

from collections.abc import Mapping

from agreement import DTYPES, Case, Drawn, Operand, anything, axes, axis_lists, settings
from hypothesis import strategies as st

ones = st.lists(st.sampled_from([1, 1, 2]), max_size=4).map(
    lambda shape: (Operand(tuple(shape), "f32"),)
)
any_of = anything(*DTYPES)
shifts = st.integers(-5, 5)
shift_lists = st.lists(shifts, max_size=3).map(tuple)


def stays(case: Case) -> str:
    """Why torch drops nothing where an axis is refused."""
    asked = case.given.get("dim")
    several = asked if isinstance(asked, tuple) else (asked,)
    shape = case.inputs[0].shape
    longer = any(isinstance(axis, int) and shape and shape[axis] != 1 for axis in several)
    return "an axis that is not 1 stays, silently" * longer


def unnamed(case: Case, names: Mapping[int, str]) -> str:
    """Why `squeeze()` is refused where sizes have names."""
    return "an open size that is 1 would be dropped, too" * (case.given.get("dim") is None)


DRAWN = {
    "squeeze": Drawn(
        settings(dim=axes | axis_lists),
        ones,
        stricter=stays,
        closed=unnamed,
        known=frozenset({1}),
    ),
    "unsqueeze": Drawn(settings(dim_=axes), any_of),
    "transpose": Drawn(settings(dim0_=axes, dim1_=axes), any_of),
    "swapdims": Drawn(settings(dim0_=axes, dim1_=axes), any_of),
    "swapaxes": Drawn(settings(axis0_=axes, axis1_=axes), any_of),
    **{
        name: Drawn(
            settings(source_=axes, destination_=axes)
            | settings(source_=axis_lists, destination_=axis_lists)
            | settings(
                source_=st.permutations(range(3)).map(tuple),
                destination_=st.permutations(range(-3, 0)).map(tuple),
            ),
            any_of,
        )
        for name in ("movedim", "moveaxis")
    },
    **{name: Drawn(settings(), any_of) for name in ("t", "fliplr", "flipud")},
    "flip": Drawn(settings(dims_=axis_lists), any_of),
    "roll": Drawn(
        settings(shifts_=shifts | shift_lists)
        | settings(
            shifts_=shifts | shift_lists, dims_=axes | st.lists(axes, max_size=3).map(tuple)
        ),
        any_of,
    ),
    "rot90": Drawn(settings(k=st.integers(-5, 5), dims=st.tuples(axes, axes) | axis_lists), any_of),
    "contiguous": Drawn(settings(), any_of),
    "clone": Drawn(settings(), any_of),
}
