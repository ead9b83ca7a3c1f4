"""Splits: sizes, membership that never changes, and classes in their shares."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from dlc.runtime.errors import DataError
from dlc.runtime.splits import hashes, random_split, stratified_split
from hypothesis import given
from hypothesis import strategies as st

GOLDEN = {
    "train": [2, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19],
    "validation": [0, 1, 3, 16],
    "test": [4, 6, 17, 18],
}
GOLDEN_STRATIFIED = {
    "train": [1, 3, 4, 5, 7, 9, 11, 12, 13, 17, 18],
    "test": [0, 2, 6, 8, 10, 14, 15, 16, 19],
}
SHARES = st.tuples(st.integers(1, 20), st.integers(0, 20), st.integers(0, 20))


def splitmix64(state: int, count: int) -> list[int]:
    """The generator as its authors define it, in Python's own integers."""
    mask = (1 << 64) - 1
    found = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        found.append(z ^ (z >> 31))
    return found


def sizes(split, count: int) -> dict[str, int]:
    return {name: len(rows) for name, rows in split.rows(count).items()}


# The generator


def test_the_reference_generator_gives_the_published_numbers():
    assert splitmix64(1234567, 5) == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(st.integers(-(2**70), 2**70))
def test_hashes_are_splitmix64_started_at_its_own_first_number(seed):
    (start,) = splitmix64(seed, 1)
    assert hashes(seed, 20).tolist() == splitmix64(start, 20)


# Membership


def test_membership_is_what_it_always_was():
    rows = random_split(train=0.6, validation=0.2, test=0.2, seed=0).rows(20)
    order = sorted(range(20), key=splitmix64(splitmix64(0, 1)[0], 20).__getitem__)
    assert rows["train"].tolist() == sorted(order[:12])
    assert {name: part.tolist() for name, part in rows.items()} == GOLDEN


def test_stratified_membership_is_what_it_always_was():
    classes = np.arange(20) % 3
    rows = stratified_split("label", train=0.5, test=0.5, seed=7).rows(20, classes)
    assert {name: part.tolist() for name, part in rows.items()} == GOLDEN_STRATIFIED


def test_another_process_draws_the_same():
    code = (
        "from dlc.runtime.splits import random_split;"
        "print(random_split(train=0.5, test=0.5, seed=3).rows(50)['test'].tolist())"
    )
    # Hash seeds differ between processes; nothing may depend on them.
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {str(random_split(train=0.5, test=0.5, seed=3).rows(50)["test"].tolist())}


@given(SHARES, st.integers(0, 300), st.integers(0, 5))
def test_shares_of_one_put_each_record_in_exactly_one_split(parts, count, seed):
    total = sum(parts)
    named = dict(zip(("train", "validation", "test"), (p / total for p in parts), strict=True))
    split = random_split(**named, seed=seed)
    stated = [name for name, share in named.items() if share]
    if count < len(stated):
        with pytest.raises(DataError, match="cannot be split"):
            split.rows(count)
        return
    rows = split.rows(count)
    assert list(rows) == stated
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(count))
    for name, part in rows.items():
        assert len(part) >= 1
        assert (np.diff(part) > 0).all()
        if count >= 60:  # below, "one at least" may outweigh the share
            assert abs(len(part) - named[name] * count) < 1


def test_shares_below_one_leave_records_out():
    split = random_split(train=0.5, test=0.25, seed=1)
    assert sizes(split, 100) == {"train": 50, "test": 25}


def test_sizes_go_by_the_largest_remainder():
    assert sizes(random_split(train=0.8, validation=0.1, test=0.1), 20640) == {
        "train": 16512,
        "validation": 2064,
        "test": 2064,
    }
    assert sizes(random_split(train=0.7, validation=0.15, test=0.15), 9) == {
        "train": 6,
        "validation": 2,
        "test": 1,
    }
    assert sizes(random_split(train=1 / 3, validation=1 / 3, test=1 / 3), 10) == {
        "train": 4,
        "validation": 3,
        "test": 3,
    }


def test_small_data_gives_each_split_one_record():
    split = random_split(train=0.98, validation=0.01, test=0.01)
    assert sizes(split, 3) == {"train": 1, "validation": 1, "test": 1}
    assert sizes(split, 10) == {"train": 8, "validation": 1, "test": 1}


def test_fewer_records_than_splits_are_refused():
    with pytest.raises(DataError) as caught:
        random_split(train=0.9, test=0.1).rows(1)
    assert caught.value.message == "1 records cannot be split into train and test."


def test_seeds_and_sizes_make_other_splits():
    drawn = [random_split(train=0.5, test=0.5, seed=seed).rows(200)["train"] for seed in range(4)]
    for one, other in combinations(drawn, 2):
        # Independent halves of 200 share 50 on average; 25 off is far beyond chance.
        assert 75 > len(np.intersect1d(one, other)) > 25


def test_records_are_drawn_evenly_from_everywhere():
    rows = random_split(train=0.5, test=0.5, seed=0).rows(100_000)["train"]
    tenths = np.bincount(rows // 10_000, minlength=10)
    assert (abs(tenths - 5000) < 250).all()  # five deviations of sqrt(10000) / 2
    assert abs(int((rows % 2).sum()) - 25_000) < 400


@pytest.mark.parametrize("shares", [{"train": 0.9, "test": 0.2}, {"train": 1.5}, {"train": -0.1}])
def test_shares_that_are_no_parts_of_one_are_refused(shares):
    with pytest.raises(ValueError, match="parts of 1"):
        random_split(**shares)


def test_a_split_without_training_is_refused():
    with pytest.raises(ValueError, match="trains"):
        random_split(test=0.5)


def test_a_share_of_nothing_is_no_split():
    assert sizes(random_split(train=1.0, validation=0.0, test=None), 5) == {"train": 5}


# Classes


def test_each_class_has_its_share_in_each_split():
    classes = np.repeat([0, 1, 2], [600, 300, 100])
    rows = stratified_split("label", train=0.8, validation=0.1, test=0.1, seed=5).rows(
        1000, classes
    )
    found = {name: np.bincount(classes[part]).tolist() for name, part in rows.items()}
    assert found == {"train": [480, 240, 80], "validation": [60, 30, 10], "test": [60, 30, 10]}
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(1000))


def test_classes_may_be_texts_with_holes():
    classes = np.array(["b", "a", None, "a", "b", None] * 10, object)
    rows = stratified_split("label", train=0.5, test=0.5).rows(60, classes)
    for part in rows.values():
        values = classes[part].tolist()
        assert [values.count(value) for value in ("a", "b", None)] == [10, 10, 10]


def test_the_order_within_a_class_is_that_of_random():
    order = hashes(4, 30).argsort(kind="stable")
    classes = np.arange(30) % 2
    rows = stratified_split("label", train=0.4, test=0.6, seed=4).rows(30, classes)
    for label in (0, 1):
        wanted = [row for row in order.tolist() if row % 2 == label][:6]
        assert [row for row in rows["train"].tolist() if row % 2 == label] == sorted(wanted)


def test_a_class_of_one_record_goes_to_the_largest_share():
    classes = np.array([0] * 10 + [1])
    rows = stratified_split("label", train=0.8, test=0.2).rows(11, classes)
    assert 10 in rows["train"]


def test_classes_too_small_for_every_split_are_refused():
    with pytest.raises(DataError, match="No class of `label` has enough records"):
        stratified_split("label", train=0.8, validation=0.1, test=0.1).rows(4, np.arange(4))
