"""Cross-validation against scikit-learn's promises, and splits by the values of a column."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from dlc.runtime.errors import DataError
from dlc.runtime.splits import column_split, hashes, k_fold
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold, StratifiedKFold

GOLDEN = {1: [5, 11, 14, 15, 16], 2: [1, 6, 7, 13], 3: [2, 4, 9, 12], 4: [0, 3, 8, 10]}
COLOURS = np.array(["red", "blue", "green", "red", "blue", "red"], object)


def where(row: int) -> str:
    return f"record {row + 1}"


def held_out(folds: int, count: int, classes: np.ndarray | None = None, seed: int = 0) -> list:
    """The records that test in each fold, after a look that the others train."""
    split = k_fold(folds, "y" if classes is not None else None, seed)
    found = []
    for fold in range(1, folds + 1):
        rows = split.rows(count, classes, fold)
        assert list(rows) == ["train", "test"]
        assert sorted([*rows["train"], *rows["test"]]) == list(range(count))
        assert all((np.diff(part) > 0).all() for part in rows.values())
        found.append(rows["test"])
    return found


# Folds


@given(st.integers(2, 12), st.integers(2, 200), st.integers(-5, 5))
def test_each_record_tests_once_in_folds_of_sklearns_sizes(
    folds: int, count: int, seed: int
) -> None:
    if count < folds:
        with pytest.raises(DataError, match=f"{count} records cannot be split into {folds} folds"):
            k_fold(folds, seed=seed).rows(count, None, 1)
        return
    found = held_out(folds, count, seed=seed)
    assert sorted(np.concatenate(found).tolist()) == list(range(count))
    oracle = KFold(folds, shuffle=True, random_state=0).split(np.zeros(count))
    assert sorted(map(len, found)) == sorted(len(part) for _, part in oracle)


@given(st.integers(2, 6), st.lists(st.integers(0, 3), min_size=6, max_size=120))
def test_stratified_folds_share_each_class_as_evenly_as_can_be(folds: int, given_: list) -> None:
    classes = np.array(given_)
    found = held_out(folds, len(classes), classes)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(classes)))
    sizes = list(map(len, found))
    assert max(sizes) - min(sizes) <= 1
    for label in set(given_):
        counts = [int((classes[part] == label).sum()) for part in found]
        assert max(counts) - min(counts) <= 1


def test_stratified_folds_have_sklearns_counts_where_classes_divide_evenly() -> None:
    classes = np.repeat([0, 1, 2], [50, 100, 25])
    oracle = StratifiedKFold(5, shuffle=True, random_state=0).split(classes, classes)
    wanted = [np.bincount(classes[part]).tolist() for _, part in oracle]
    assert [np.bincount(classes[part]).tolist() for part in held_out(5, 175, classes)] == wanted


def test_classes_may_be_texts_with_holes() -> None:
    classes = np.array(["b", "a", None, "a", "b", None] * 10, object)
    for part in held_out(5, 60, classes):
        assert [classes[part].tolist().count(value) for value in ("a", "b", None)] == [4, 4, 4]


def test_without_a_fold_all_records_train() -> None:
    rows = k_fold(3).rows(7)
    assert {name: part.tolist() for name, part in rows.items()} == {"train": [0, 1, 2, 3, 4, 5, 6]}


def test_membership_is_what_it_always_was() -> None:
    found = {fold: part.tolist() for fold, part in enumerate(held_out(4, 17, seed=5), 1)}
    order = hashes(5, 17).argsort().tolist()
    assert found == {fold: sorted(order[fold - 1 :: 4]) for fold in range(1, 5)}
    assert found == GOLDEN


def test_another_process_deals_the_same() -> None:
    code = (
        "from dlc.runtime.splits import k_fold;"
        "print(k_fold(5, seed=3).rows(50, None, 2)['test'].tolist())"
    )
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
    assert found == {str(k_fold(5, seed=3).rows(50, None, 2)["test"].tolist())}


def test_other_seeds_deal_otherwise() -> None:
    drawn = [held_out(2, 200, seed=seed)[0] for seed in range(4)]
    for one, other in combinations(drawn, 2):
        assert 75 > len(np.intersect1d(one, other)) > 25


def test_a_single_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="two folds or more"):
        k_fold(1)


# By the values of a column


def test_each_split_has_the_records_whose_value_it_names() -> None:
    split = column_split("colour", train=["red", "green"], test="blue")
    assert split.column == "colour"
    rows = split.rows(COLOURS, where)
    assert {name: part.tolist() for name, part in rows.items()} == {
        "train": [0, 2, 3, 5], "test": [1, 4],
    }  # fmt: skip
    assert split.left_out(COLOURS) == ""


def test_records_of_no_split_are_counted() -> None:
    split = column_split("colour", train="red", validation="green")
    assert list(split.rows(COLOURS, where)) == ["train", "validation"]
    assert split.left_out(COLOURS) == "2 records are in no split: their colour is `blue`."


@pytest.mark.parametrize("years", [np.array([2007, 2008, 2009]), np.array([2007.0, 2008, 2009])])
def test_numbers_are_named_as_numbers_or_as_texts(years: np.ndarray) -> None:
    rows = column_split("year", train=[2007, "2008"], test=2009.0).rows(years, where)
    assert {name: part.tolist() for name, part in rows.items()} == {"train": [0, 1], "test": [2]}


def test_zero_is_a_value_like_any_other() -> None:
    rows = column_split("fold", train=[1, 2], test=0).rows(np.array([0, 1, 2, 0]), where)
    assert rows["test"].tolist() == [0, 3]


def test_a_value_that_no_record_has_is_told_with_the_nearest() -> None:
    with pytest.raises(DataError) as caught:
        column_split("colour", train="red", test="bleu").rows(COLOURS, where)
    assert caught.value.message == (
        "No record has `bleu` in the column `colour`, which is named for test."
    )
    assert caught.value.help == "Did you mean `blue`? There are: `blue`, `green`, `red`."


@pytest.mark.parametrize("values", [np.array(["a", None, "b"], object), np.array([1, np.nan, 2.0])])
def test_a_record_without_a_value_is_told(values: np.ndarray) -> None:
    with pytest.raises(DataError) as caught:
        column_split("c", train=["a", 1], test=["b", 2]).rows(values, where)
    assert caught.value.message == (
        "The column `c`, which tells the split, has a hole in record 2."
    )


@pytest.mark.parametrize("parts", [{"train": ["a", "a"]}, {"train": "a", "test": ["b", "a"]}])
def test_a_value_in_two_splits_is_refused(parts: dict) -> None:
    with pytest.raises(ValueError, match="in one split alone"):
        column_split("c", **parts)


def test_a_split_that_names_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(ValueError, match="train"):
        column_split("c", train=[], test="a")
