"""Splits by time and by group, against what scikit-learn promises of its own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from dlc.runtime.errors import DataError
from dlc.runtime.ordered_splits import chronological_split, group_split
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupShuffleSplit

NAMES = st.lists(st.sampled_from("abcdefghij"), min_size=3, max_size=60)


def where(row: int) -> str:
    return f"line {row + 2}"


# By time


@given(st.integers(100, 500), st.integers(1, 80), st.integers(1, 20))
def test_the_first_records_train_and_the_last_ones_test(count, train, test):
    rows = chronological_split(train / 100, test=test / 100).rows(count)
    assert rows["train"].tolist() == list(range(len(rows["train"])))
    assert rows["test"].tolist() == list(range(count - len(rows["test"]), count))
    assert rows["train"][-1] < rows["test"][0]
    assert abs(len(rows["train"]) - count * train / 100) <= 1
    assert abs(len(rows["test"]) - count * test / 100) <= 1


def test_validation_stands_between_and_a_rest_behind_what_trains():
    rows = chronological_split(0.5, validation=0.2, test=0.1).rows(10)
    assert {name: part.tolist() for name, part in rows.items()} == {
        "train": [0, 1, 2, 3, 4],
        "validation": [7, 8],
        "test": [9],
    }
    whole = chronological_split(0.6, validation=0.2, test=0.2).rows(10)
    assert np.concatenate(list(whole.values())).tolist() == list(range(10))


def test_too_few_records_for_the_splits_are_told():
    with pytest.raises(DataError, match="1 records cannot be split into train and test"):
        chronological_split(0.5, test=0.5).rows(1)


# By group


@given(NAMES, st.integers(0, 5))
def test_no_group_is_parted_as_in_scikit_learn(names, seed):
    values = np.array(names, object)
    split = group_split("patient", 0.6, test=0.4, seed=seed)
    if len(set(names)) < 2:
        with pytest.raises(DataError, match="cannot be split into train and test"):
            split.rows_of(values, where)
        return
    ours = split.rows_of(values, where)
    theirs = next(
        GroupShuffleSplit(1, train_size=0.5, random_state=seed).split(values, groups=values)
    )
    for train, test in (ours.values(), theirs):
        assert not {*values[train]} & {*values[test]}
        assert sorted([*train, *test]) == list(range(len(values)))
        assert len(train) and len(test)


def test_the_order_of_records_and_how_a_value_is_written_change_nothing():
    names = np.array([f"p{number % 17}" for number in range(200)], object)
    split = group_split("patient", 0.7, validation=0.15, test=0.15, seed=4)
    shuffled = np.random.default_rng(0).permutation(200)
    first, second = split.rows_of(names, where), split.rows_of(names[shuffled], where)
    for part in first:
        assert {*names[first[part]]} == {*names[shuffled][second[part]]}
    numbers = np.arange(30) % 7
    one = split.rows_of(numbers.astype(float), where)
    other = split.rows_of(np.array([str(each) for each in numbers], object), where)
    assert {part: rows.tolist() for part, rows in one.items()} == {
        part: rows.tolist() for part, rows in other.items()
    }


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_records_are_met_about(seed):
    generator = np.random.default_rng(seed)
    values = np.repeat(np.arange(200), generator.integers(1, 30, 200)).astype(float)
    rows = group_split("patient", 0.7, validation=0.1, test=0.2, seed=seed).rows_of(values, where)
    for part, share in {"train": 0.7, "validation": 0.1, "test": 0.2}.items():
        assert abs(len(rows[part]) / len(values) - share) < 0.01


def test_a_rest_is_in_no_split():
    values = np.repeat(np.arange(100), 5).astype(float)
    rows = group_split("patient", 0.5, test=0.2).rows_of(values, where)
    assert abs(sum(map(len, rows.values())) / 500 - 0.7) < 0.05


def test_another_seed_draws_other_groups_and_another_process_the_same():
    code = (
        "import numpy as np; from dlc.runtime.ordered_splits import group_split;"
        "v = np.arange(40.) % 20;"
        "print(group_split('g', 0.5, test=0.5, seed=3).rows_of(v, str)['test'].tolist())"
    )
    values = np.arange(40.0) % 20
    drawn = {
        seed: group_split("g", 0.5, test=0.5, seed=seed).rows_of(values, where)["test"].tolist()
        for seed in (3, 4)
    }
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(drawn[3])
    assert drawn[3] != drawn[4]


def test_a_hole_in_the_group_is_told_with_its_line():
    with pytest.raises(DataError, match=r"`patient`.* has a hole in line 3"):
        group_split("patient", 0.5, test=0.5).rows_of(np.array(["a", None, "b"], object), where)
