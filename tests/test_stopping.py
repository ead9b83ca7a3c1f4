"""Which epoch is best, and when to stop waiting for a better one."""

from __future__ import annotations

from math import inf, nan

import pytest
from dlc.runtime.errors import DataError
from dlc.runtime.stopping import Patience, patience, watching
from hypothesis import given
from hypothesis import strategies as st


def fed(watch: Patience, values: list[float | None]) -> int:
    """The epoch after which it stops; the last where it does not."""
    for epoch, value in enumerate(values, 1):
        watch.better(epoch, value)
        if watch.stops:
            return epoch
    return len(values)


@pytest.mark.parametrize(
    ("values", "ended", "best"),
    [
        ([5, 4, 3, 4, 5, 2], 5, 3),  # two worse ones in a row
        ([5, 4, 4, 4, 1], 4, 2),  # equal is not better
        ([5, 6, 4, 6, 3, 6, 2], 7, 7),  # every other one is better
        ([5], 1, 1),
        ([nan, nan, 1], 2, 0),  # never a number
        ([nan, 5, nan, nan, 1], 4, 2),
        ([5, None, 4, 3], 4, 4),  # null in metrics.jsonl stands for nan
        ([inf, inf, 5], 3, 3),
        ([-inf, 5, 5], 3, 1),
    ],
)
def test_patience_of_two_epochs_for_a_lower_value(values, ended, best):
    watch = patience(2)
    assert fed(watch, values) == ended
    assert watch.best_epoch == best


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.integers(1, 4))
def test_higher_is_lower_upside_down(values, epochs):
    lower, higher = patience(epochs), patience(epochs, better="higher")
    assert fed(lower, values) == fed(higher, [-value for value in values])
    assert lower.best_epoch == higher.best_epoch


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=12))
def test_the_best_epoch_is_the_first_with_the_least_value(values):
    watch = watching()
    assert fed(watch, values) == len(values), "what only watches never stops"
    assert watch.best_epoch == 1 + values.index(min(values))
    assert watch.best == min(values)


def test_a_gain_that_is_too_small_is_none():
    watch = patience(2, min_delta=0.5)
    assert [watch.better(*each) for each in enumerate([3.0, 2.6, 2.5, 2.4], 1)] == [
        *(True, False, False),
        True,
    ]
    assert watch.best == 2.4


def test_the_watched_measure_is_found_by_its_dotted_name():
    entry = {"epoch": 1, "train": {"D": {"loss": 0.5}}, "validation": {"accuracy": 0.9}}
    assert patience(1, on="train.D.loss").value(entry) == 0.5
    assert patience(1, on="validation.accuracy").value(entry) == 0.9


def test_a_measure_that_no_epoch_has_is_named_with_those_that_there_are():
    entry = {"epoch": 1, "train": {"loss": 0.5}, "validation": {"matrix": [[1]], "loss": 2.0}}
    for on in ("validation.accuracy", "validation.matrix", "validation", "train.loss.more"):
        with pytest.raises(DataError) as caught:
            patience(1, on=on).value(entry)
        assert f"`{on}`" in caught.value.message
        assert caught.value.help == "Measured is: train.loss, validation.loss."


@pytest.mark.parametrize("better", ["", "Lower", "max"])
def test_a_direction_is_lower_or_higher(better):
    with pytest.raises(ValueError, match="lower"):
        patience(1, better=better)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=12), st.data())
def test_waiting_goes_on_after_a_checkpoint(values, data):
    cut = data.draw(st.integers(0, len(values)))
    whole, before, after = patience(99), patience(99), patience(99)
    fed(whole, values)
    fed(before, values[:cut])
    after.load_state_dict(before.state_dict())
    for epoch, value in list(enumerate(values, 1))[cut:]:
        after.better(epoch, value)
    assert after.state_dict() == whole.state_dict()


def test_the_end_is_told_with_what_was_waited_for_and_what_is_kept():
    watch = patience(2)
    ended = fed(watch, [3, 1, 2, 2])
    assert watch.told(ended, watch.best_epoch) == (
        "stopped after epoch 4: validation.loss has not improved for 2 epochs; "
        "the weights of epoch 2 are kept"
    )
    short = patience(1)
    assert "for 1 epoch;" in short.told(fed(short, [1, 2]), 1)
    never = patience(9)
    fed(never, [3, 1, 2])
    assert (
        never.told(3, 2) == "the weights of epoch 2 are kept: the best validation.loss of 3 epochs"
    )
