"""Pictures side by side."""

from __future__ import annotations

import pytest
import torch
from dlc.compiler.catalog.pictures import PICTURES
from dlc.compiler.dims import dim, name
from dlc.compiler.layers.record import Mismatch
from dlc.compiler.tensor import Type
from dlc.runtime.grid import make_grid


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("count", "nrow", "padding"), [(6, 3, 1), (5, 3, 2), (2, 8, 0), (1, 1, 4)])
def test_each_picture_is_in_its_place_and_all_else_is_black(
    channels: int, count: int, nrow: int, padding: int
) -> None:
    images = torch.rand(count, channels, 4, 5) + 0.1
    grid = make_grid(images, nrow, padding)
    rest = grid.clone()
    for index in range(count):
        row, column = divmod(index, min(nrow, count))
        top, left = padding + row * (4 + padding), padding + column * (5 + padding)
        place = (slice(None), slice(top, top + 4), slice(left, left + 5))
        assert torch.equal(grid[place], images[index].expand(3, -1, -1))
        rest[place] = 0
    assert not rest.any()


@pytest.mark.parametrize(("count", "nrow", "padding"), [(64, 8, 2), (10, 4, 1), (3, 8, 0)])
def test_the_checker_knows_the_size_of_a_grid(count: int, nrow: int, padding: int) -> None:
    arguments = {"nrow": nrow, "padding": padding}
    given = Type("f32", (dim(count), dim(1), dim(6), dim(7)))
    found = PICTURES["make_grid"].gives((given,), arguments)
    made = make_grid(torch.zeros(count, 1, 6, 7), **arguments)
    assert isinstance(found, Type)
    assert tuple(size.value for size in found.shape) == made.shape


@pytest.mark.parametrize(
    "shape",
    [
        (dim(4), dim(784)),
        (dim(4), dim(2), dim(8), dim(8)),
        (name("N"), dim(1), dim(8), dim(8)),
    ],
)
def test_what_is_no_row_of_pictures_is_refused_with_what_to_write(shape: tuple) -> None:
    found = PICTURES["make_grid"].gives((Type("f32", shape),), {"nrow": 8, "padding": 2})
    assert isinstance(found, Mismatch)
    assert found.write


def test_indices_are_no_pictures() -> None:
    given = Type("i64", (dim(4), dim(1), dim(8), dim(8)))
    assert isinstance(PICTURES["make_grid"].gives((given,), {"nrow": 8, "padding": 2}), Mismatch)
