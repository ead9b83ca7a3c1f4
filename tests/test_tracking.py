"""The losses of an epoch: their mean, the first that is no number, and how they come over."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from dlc.runtime.tracking import PACK, Tracked, brought, train_measures
from hypothesis import given, settings
from hypothesis import strategies as st


def tracked(losses: list[float], counts: list[int], pack_every: int = 3) -> Tracked:
    found = Tracked()
    for step, (loss, count) in enumerate(zip(losses, counts, strict=True), 1):
        found.losses.append(torch.tensor(loss))
        found.counts.append(count)
        found.steps.append(step)
        if step % pack_every == 0:
            found.pack()
    return found


PAIRS = st.lists(st.tuples(st.floats(0, 100, width=32), st.integers(1, 50)), min_size=1)


@settings(deadline=None, max_examples=60)
@given(PAIRS, st.integers(1, 5))
def test_the_mean_of_an_epoch_counts_each_record_once(pairs, pack_every):
    losses, counts = map(list, zip(*pairs, strict=True))
    expected = np.average(np.float32(losses).astype(np.float64), weights=counts)
    found = float(tracked(losses, counts, pack_every).mean())
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-300)


@settings(deadline=None, max_examples=30)
@given(PAIRS)
def test_the_mean_is_the_same_to_the_bit_however_losses_were_packed(pairs):
    losses, counts = map(list, zip(*pairs, strict=True))
    means = [float(tracked(losses, counts, every).mean()) for every in (1, 2, 1000)]
    assert means[0] == means[1] == means[2]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", [0, 3, 9])
def test_one_loss_that_is_not_finite_shows_in_the_mean_and_is_found(bad, place):
    losses = [1.0] * 10
    losses[place] = bad
    found = tracked(losses, [4] * 10)
    assert not np.isfinite(float(found.mean()))
    step, value = found.fault()
    assert step == place + 1
    assert repr(value) == repr(bad)


def test_losses_go_on_after_a_checkpoint():
    whole = tracked([1.0, 2.0, 4.0, 8.0], [1, 2, 3, 4])
    half = tracked([1.0, 2.0], [1, 2])
    again = Tracked()
    again.load_state_dict(half.state_dict(), torch.device("cpu"))
    for step, loss, count in ((3, 4.0, 3), (4, 8.0, 4)):
        again.losses.append(torch.tensor(loss))
        again.counts.append(count)
        again.steps.append(step)
    assert float(again.mean()) == float(whole.mean())
    assert again.state_dict()["steps"] == [1, 2, 3, 4]


def test_single_losses_are_few_at_any_time():
    found = Tracked()
    for _ in range(3):
        found.losses += [torch.tensor(1.0)] * PACK
        found.pack()
    assert found.losses == []
    assert [len(each) for each in found.packed] == [PACK] * 3


def test_measures_come_over_as_numbers_and_tables_with_their_names():
    results = {
        "test": {"loss": torch.tensor(0.25), "matrix": torch.tensor([[1, 2], [3, 4]])},
        "train": {"loss": torch.tensor(0.5, dtype=torch.float64), "hits": torch.tensor(7)},
    }
    found, more = brought(results, [torch.tensor(3, dtype=torch.int64)])
    assert found == {
        "test": {"loss": 0.25, "matrix": [[1, 2], [3, 4]]},
        "train": {"loss": 0.5, "hits": 7.0},
    }
    assert more == [3.0]
    assert brought({}) == ({}, [])


def test_a_loss_without_a_name_is_the_loss_and_others_have_their_step():
    assert train_measures({"": 0.5}) == {"loss": 0.5}
    assert train_measures({"D": 0.5, "G": 2.0}) == {"D": {"loss": 0.5}, "G": {"loss": 2.0}}
