"""Windows of a series: what numpy makes of them, and that nothing is copied before a batch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from dlc.runtime.batches import Split
from dlc.runtime.sequences import Ahead, Reach, Window, looked_at, reach
from dlc.runtime.series import beside, looked_ahead
from dlc.runtime.steps import Standardize
from dlc.runtime.windows import Windows, chosen
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor


def address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


@given(st.integers(1, 6), st.integers(0, 6), st.integers(0, 3))
def test_a_window_of_an_array_and_of_a_tensor_are_the_slices_of_it(size, more, columns):
    shape = (size + more, *([columns] if columns else []))
    array = np.random.default_rng(0).normal(size=shape)
    wanted = np.stack([array[at : at + size] for at in range(more + 1)])
    step = Window(size)
    np.testing.assert_array_equal(step.apply(array), wanted)
    assert torch.equal(step.view(torch.from_numpy(array)), torch.from_numpy(wanted))
    np.testing.assert_array_equal(step.inverse(wanted), np.concatenate(list(wanted)))


def test_a_window_copies_nothing():
    array, tensor = np.zeros((50, 3)), torch.zeros(50, 3)
    assert np.shares_memory(Window(8).apply(array), array)
    assert address(Window(8).view(tensor)) == address(tensor)


@pytest.mark.parametrize(
    ("steps", "of_text", "expected"),
    [
        ([Standardize()], False, (0, 0)),
        ([Window(24)], False, (-23, 0)),
        ([Ahead(3)], False, (3, 3)),
        ([Window(8), Ahead(8)], False, (1, 8)),
        ([Ahead(1), Standardize(), Window(4)], False, (-2, 1)),
        ([Window(4), Window(6)], False, (-8, 0)),
        ([Window(64)], True, (0, 63)),
        ([Window(64), Ahead(1)], True, (1, 64)),
    ],
)
def test_how_far_a_field_looks(steps, of_text, expected):
    found = reach(steps, of_text)
    assert (found.first, found.last) == expected
    assert found.length == expected[1] - expected[0] + 1


@pytest.mark.parametrize(
    ("reaches", "expected"),
    [
        ([(-23, 0), (1, 1)], (1, 1)),
        ([(-23, 0), (1, 8)], (1, 8)),
        ([(-23, 0), (1, 1), (7, 7)], (1, 7)),
        ([(0, 63), (1, 64)], (1, 64)),
        ([(0, 63)], (0, 63)),
        ([(-23, 0), (0, 0)], (0, 0)),
        ([(-23, 0), (-11, 12)], (-11, 12)),
    ],
)
def test_the_split_of_a_record_is_told_by_what_lies_ahead(reaches, expected):
    every = [Reach(*each) for each in reaches]
    assert looked_ahead(every) == Reach(*expected)
    assert looked_at(every) == Reach(min(a for a, _ in reaches), max(b for _, b in reaches))


def test_windows_side_by_side_begin_anew_behind_a_gap():
    rows = np.array([3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23])
    assert beside(rows, 3).tolist() == [3, 6, 9, 20, 23]
    assert beside(rows, 1).tolist() == rows.tolist()


# On the device


@pytest.mark.parametrize("rows", [[2], [2, 3, 4, 5], [0, 4, 8], [0, 1, 5], [7, 8, 11]])
def test_rows_that_are_chosen_are_those_of_the_view(rows):
    view = Window(4).view(torch.arange(20.0))
    found = chosen(view, torch.tensor(rows))
    wanted = view[rows]
    assert torch.equal(found.whole() if isinstance(found, Windows) else found, wanted)
    gaps = {b - a for a, b in pairwise(rows)}
    # Evenly spaced windows are a view; others are gathered when a batch has them.
    assert isinstance(found, Windows) == (len(gaps) > 1)
    held = found.view if isinstance(found, Windows) else found
    assert address(held) == address(view)


def test_single_values_that_stand_apart_are_copied_once():
    values = torch.arange(20.0)
    found = chosen(values, torch.tensor([1, 2, 7]))
    assert isinstance(found, Tensor) and found.tolist() == [1, 2, 7]
    assert address(found) != address(values)


def split(rows: list[int]) -> tuple[Split, Tensor]:
    series = torch.arange(40)
    view = Window(5).view(series)
    places = torch.tensor(rows)
    return Split({"past": chosen(view, places), "row": chosen(series, places)}), view


@pytest.mark.parametrize("rows", [list(range(3, 33)), [0, 1, 2, 9, 11, 12, 30, 31]])
def test_every_batch_has_whole_windows_of_its_own(rows):
    part, view = split(rows)
    for batches in (part.shuffled(4, 0, 1), part.batches(4), part.batches(100)):
        seen = []
        for past, row in batches:
            assert torch.equal(past, view[row])
            assert past.is_contiguous()
            seen += row.tolist()
        assert sorted(seen) == rows
    assert torch.equal(part.past, view[torch.tensor(rows)])
    past, row = part.at(torch.tensor([1, 0]))
    assert row.tolist() == [rows[1], rows[0]] and torch.equal(past, view[row])


@pytest.mark.parametrize("rows", [list(range(30)), [0, 1, 2, 9, 11, 12, 30, 31]])
def test_the_order_of_windows_is_made_by_seed_and_epoch_and_goes_on_where_it_stopped(rows):
    def order(epoch: int, skipped: int = 0) -> list[list[int]]:
        part, _ = split(rows)
        return [row.tolist() for _, row in part.shuffled(4, 7, epoch).skip(skipped)]

    assert order(1) == order(1) != order(2)
    assert order(1, 1) == order(1)[1:]


def test_an_epoch_of_windows_is_never_gathered_at_once(monkeypatch):
    series = torch.arange(100_000)
    part = Split({"past": chosen(Window(64).view(series), torch.arange(90_000))})
    gathered = []
    real = Tensor.index_select

    def noted(self, *arguments):
        found = real(self, *arguments)
        gathered.append(found.nbytes)
        return found

    monkeypatch.setattr(Tensor, "index_select", noted)
    for _ in zip(range(3), part.shuffled(8, 0, 1), strict=False):
        pass
    assert gathered and max(gathered) == 8 * 64 * 8
