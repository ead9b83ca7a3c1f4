"""Grids as drawn: pictures, volumes, places and maps, some of the wrong size or dtype."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, Operand, booleans, settings, small
from hypothesis import strategies as st

FLOATS = ["f32", "f32", "f32", "f64", "f16", "bf16"]


@st.composite
def sampled(draw: st.DrawFn) -> tuple[Operand, ...]:
    """A picture and its grid; one in a few times something does not fit."""
    axes, batch = draw(st.sampled_from([1, 2, 2, 3, 3])), draw(st.integers(1, 3))
    places = st.tuples(*(small,) * axes)
    dtype = draw(st.sampled_from(FLOATS) | st.sampled_from([*DTYPES]))
    picture = (batch, draw(small), *draw(places))
    grid = (batch, *draw(places), axes)
    wrong = draw(st.sampled_from(["", "", "", "batch", "last", "rank", "dtype"]))
    match wrong:
        case "batch":
            grid = (batch + 1, *grid[1:])
        case "last":
            grid = (*grid[:-1], draw(small))
        case "rank":
            grid = grid[1:]
    other = draw(st.sampled_from(FLOATS)) if wrong == "dtype" else dtype
    return Operand(picture, dtype), Operand(grid, other)


@st.composite
def maps(draw: st.DrawFn) -> tuple[Operand, ...]:
    """Maps of pictures and volumes."""
    axes = draw(st.sampled_from([2, 2, 3, 1]))
    shape = (draw(st.integers(1, 3)), axes, axes + 1)
    shape = draw(st.sampled_from([shape] * 4 + [shape[1:], (*shape, 1), (2, 3, 2)]))
    return (Operand(shape, draw(st.sampled_from(FLOATS) | st.sampled_from([*DTYPES]))),)


def half_of_one(case: Case) -> str:
    """Why torch refuses a grid that it makes in every other dtype and size."""
    alone = case.inputs[0].dtype in ("f16", "bf16") and 1 in case.given["size"][2:]
    return "torch's axis of one place has no half floats on the processor" * alone


corners = booleans | st.none()
DRAWN = {
    "grid_sample": Drawn(
        settings(
            mode=st.sampled_from(["bilinear", "nearest", "bicubic"]),
            padding_mode=st.sampled_from(["zeros", "border", "reflection"]),
            align_corners=corners,
        ),
        sampled(),
    ),
    # The first number of `size` is the batch: as it stands in the brackets it is never opened.
    "affine_grid": Drawn(
        settings(
            size_=st.lists(st.integers(1, 4), min_size=3, max_size=6).map(tuple),
            align_corners=corners,
        ),
        maps(),
        looser=half_of_one,
        opened=False,
    ),
}
