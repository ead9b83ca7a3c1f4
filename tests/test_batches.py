"""Splits and their batches: whole fields, orders, and epochs that go on where they stopped."""

import pickle

import numpy as np
import pytest
import torch
from dlc.runtime import batches as module
from dlc.runtime.dataset import Split


def numbered(count: int) -> Split:
    rows = torch.arange(count)
    return Split({"x": rows[:, None].float(), "row": rows})


def test_fields_are_reached_by_attribute_and_by_name():
    split = Split({"x": torch.arange(3), "batches": torch.ones(3)})
    assert split.x is split["x"] is split.tensors["x"]
    assert split["batches"].tolist() == [1, 1, 1]
    assert len(split) == 3
    with pytest.raises(AttributeError, match="no field 'y'; there are x, batches"):
        _ = split.y
    assert torch.equal(pickle.loads(pickle.dumps(split)).x, split.x)


def test_batches_are_views_in_order_with_the_rest_at_the_end():
    split = numbered(10)
    batches = list(split.batches(4))
    assert [row.tolist() for _, row in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    for x, row in batches:
        assert torch.equal(x[:, 0], row.float())
        assert row.untyped_storage().data_ptr() == split.row.untyped_storage().data_ptr()


@pytest.fixture(params=["gathered at once", "gathered by batch"])
def way(request, monkeypatch) -> str:
    """Small data, and data too large to be copied."""
    if request.param == "gathered by batch":
        monkeypatch.setattr(module, "LARGEST_COPY", 0)
    return request.param


@pytest.mark.parametrize("count", [10, 11, 12, 13])
def test_an_epoch_has_each_record_once_and_fields_stay_together(count, way):
    batches = list(numbered(count).shuffled(4, seed=0, epoch=0))
    assert [len(row) for _, row in batches] == [4] * (count // 4) + [count % 4] * (count % 4 > 0)
    assert sorted(torch.cat([row for _, row in batches]).tolist()) == list(range(count))
    assert all(torch.equal(x[:, 0], row.float()) for x, row in batches)


@pytest.mark.parametrize("count", [10, 12])
def test_drop_last_leaves_out_what_fills_no_batch(count, way):
    full = list(numbered(count).shuffled(4, 0, 0))
    dropped = list(numbered(count).shuffled(4, 0, 0, drop_last=True))
    assert len(dropped) == count // 4
    for one, other in zip(dropped, full, strict=False):
        assert torch.equal(one[1], other[1])


@pytest.mark.parametrize("size", [10, 11, 1000])
@pytest.mark.parametrize("drop_last", [False, True])
def test_records_that_fit_one_batch_are_given_as_they_stand(size, drop_last):
    split = numbered(10)
    ((x, row),) = split.shuffled(size, 0, 0, drop_last)
    assert x is split.x
    assert row is split.row


def order(seed: int, epoch: int) -> list[int]:
    return torch.cat([row for _, row in numbered(50).shuffled(7, seed, epoch)]).tolist()


def test_the_order_is_made_by_seed_and_epoch_alone():
    orders = {(seed, epoch): order(seed, epoch) for seed in range(3) for epoch in range(3)}
    assert len({tuple(each) for each in orders.values()}) == 9
    torch.manual_seed(99)
    torch.rand(5)
    before = torch.get_rng_state()
    assert order(2, 1) == orders[2, 1]
    assert torch.equal(torch.get_rng_state(), before)


def test_both_ways_to_gather_give_the_same_order(monkeypatch):
    at_once = order(0, 0)
    monkeypatch.setattr(module, "LARGEST_COPY", 0)
    assert order(0, 0) == at_once


def test_shuffling_moves_records_anywhere():
    places = np.array([order(0, epoch).index(0) for epoch in range(200)])
    assert places.min() < 5
    assert places.max() > 44
    assert abs(places.mean() - 24.5) < 5  # five deviations of 50 / sqrt(12 * 200)


def test_any_integer_is_a_seed():
    assert sorted(order(-1, 0)) == sorted(order(2**70, 3)) == list(range(50))


@pytest.mark.parametrize(
    ("size", "drop_last"), [(4, False), (4, True), (10, True), (3, False), (99, True)]
)
def test_the_number_of_batches_is_known_before_they_come(size, drop_last):
    batches = numbered(10).shuffled(size, 0, 0, drop_last)
    assert len(batches) == len(list(batches))


# Going on


@pytest.mark.parametrize("size", [3, 4, 10, 99])
@pytest.mark.parametrize("drop_last", [False, True])
def test_skipped_batches_are_left_out_and_the_others_stay(size, drop_last, way):
    every = list(numbered(10).shuffled(size, 1, 2, drop_last))
    for count in range(len(every) + 2):
        rest = numbered(10).shuffled(size, 1, 2, drop_last).skip(count)
        found = list(rest)
        assert len(rest) == len(found) == max(0, len(every) - count)
        for one, other in zip(found, every[count:], strict=True):
            assert all(torch.equal(*pair) for pair in zip(one, other, strict=True))


def test_skipping_twice_skips_both():
    every = [row.tolist() for _, row in numbered(20).shuffled(3, 0, 1)]
    rest = numbered(20).shuffled(3, 0, 1).skip(2).skip(3)
    assert [row.tolist() for _, row in rest] == every[5:]
    assert len(list(numbered(20).shuffled(3, 0, 1))) == 7


def test_batches_may_be_gone_through_again():
    batches = numbered(10).shuffled(4, 0, 1).skip(1)
    assert [row.tolist() for _, row in batches] == [row.tolist() for _, row in batches]
