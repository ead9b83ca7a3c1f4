"""Series in a data block: no split sees what it must not, and each value stands where it should."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from dlc.runtime.categories import Categories, OneHot
from dlc.runtime.dataset import Dataset, Field, Splits
from dlc.runtime.errors import DataError
from dlc.runtime.ordered_splits import chronological_split, group_split
from dlc.runtime.sequences import Ahead, Window
from dlc.runtime.sources import Csv, Literal
from dlc.runtime.splits import column_split, k_fold, random_split, stratified_split
from dlc.runtime.steps import Impute, Reshape, Scale, Standardize
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

PARTS = ("train", "validation", "test")


def numbered(count: int, window: int, ahead: int, split=None, **columns) -> Dataset:
    """Records that know their number: what each looks at can be read off it."""
    fields = {
        "past": Field("x", Window(window), shape=(window,), dtype="int64"),
        "next": Field("x", Ahead(ahead), dtype="int64"),
    }
    return Dataset(Literal(x=range(count), **columns), fields, split)


def parts(splits: Splits) -> dict[str, object]:
    return {part: each for part in PARTS if (each := getattr(splits, part)) is not None}


# What trains, and what tests


@given(
    st.integers(40, 150), st.integers(1, 9), st.integers(1, 5), st.integers(4, 7), st.integers(1, 2)
)
@settings(max_examples=40, deadline=None)
def test_nothing_that_trains_lies_in_a_later_split_and_each_later_value_is_forecast_once(
    count, window, ahead, train, validation
):
    shares = {"validation": validation / 10, "test": 1 - (train + validation) / 10}
    split = chronological_split(train / 10, **shares)
    splits = numbered(count, window, ahead, split).load([])
    rows = split.rows(count)
    own = {*rows["train"].tolist()}
    assert {*splits.train.past.unique().tolist()} | {*splits.train.next.tolist()} <= own
    assert splits.train.next.tolist() == [*range(window - 1 + ahead, len(own))]
    for part in ("validation", "test"):
        assert getattr(splits, part).next.tolist() == rows[part].tolist()
    for part in parts(splits).values():
        past, after = part.past, part.next
        assert torch.equal(past, after[:, None] - ahead - torch.arange(window - 1, -1, -1))


def test_what_looks_at_several_places_ahead_is_in_the_split_that_has_them_all(capsys):
    fields = {
        "past": Field("x", Window(3), shape=(3,), dtype="int64"),
        "next": Field("x", Window(4), Ahead(4), shape=(4,), dtype="int64"),
    }
    splits = Dataset(Literal(x=range(30)), fields, chronological_split(0.5, test=0.5)).load([])
    assert splits.train.next[[0, -1]].tolist() == [[3, 4, 5, 6], [11, 12, 13, 14]]
    assert splits.test.next[[0, -1]].tolist() == [[15, 16, 17, 18], [26, 27, 28, 29]]
    assert splits.test.past[0].tolist() == [12, 13, 14]
    said = capsys.readouterr().err
    assert "9 of 30 places are no record: 2 look back beyond the first, 4 look ahead" in said
    assert "3 look into another split" in said


def test_without_anything_ahead_a_record_is_where_its_own_row_is():
    fields = {
        "past": Field("x", Window(3), shape=(3,), dtype="int64"),
        "now": Field("x", dtype="int64"),
    }
    splits = Dataset(Literal(x=range(10)), fields, chronological_split(0.6, test=0.4)).load([])
    assert splits.train.now.tolist() == [2, 3, 4, 5]
    assert splits.test.now.tolist() == [6, 7, 8, 9]
    assert splits.test.past[0].tolist() == [4, 5, 6]


@pytest.mark.parametrize(
    "split", [chronological_split(0.6, test=0.4), column_split("part", train="a", test="b")]
)
def test_steps_learn_from_the_rows_of_the_training_split_alone(split):
    values = np.random.default_rng(1).normal(5, 3, 50) + np.arange(50)
    values[[3, 20, 40]] = np.nan
    given_ = [None if np.isnan(each) else float(each) for each in values]
    steps = (Impute("mean"), Standardize())
    fields = {
        "past": Field("x", *steps, Window(4), shape=(4,)),
        "next": Field("x", Impute("mean"), Standardize(), Ahead(1), shape=(1,)),
    }
    data = Dataset(Literal(x=given_, part=["a"] * 30 + ["b"] * 20), fields, split)
    splits = data.load([])
    filled = np.where(np.isnan(values), np.nanmean(values[:30]), values)[:, None]
    scaled = StandardScaler().fit(filled[:30]).transform(filled)[:, 0]
    wanted = np.stack([scaled[at - 3 : at + 1] for at in range(3, 49)])
    np.testing.assert_allclose(splits.train.past, wanted[:26], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(splits.test.past, wanted[26:], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(splits.test.next[:, 0], scaled[30:], rtol=1e-5, atol=1e-6)
    back = data.inverse("next", splits.test.next)
    np.testing.assert_allclose(back[:, 0], filled[30:, 0], rtol=1e-5)
    np.testing.assert_allclose(data.inverse("past", splits.test.past)[0], filled[26:30, 0], 1e-5)


def test_records_that_cannot_be_are_counted(capsys):
    numbered(100, 24, 2, chronological_split(0.5, test=0.5)).load([])
    assert capsys.readouterr().err == (
        "note: 25 of 100 places are no record: 23 look back beyond the first, 2 look ahead beyond "
        "the last.\n"
    )


def test_a_split_without_a_whole_record_is_told():
    with pytest.raises(DataError, match="The train split has no record: one looks at 25 places"):
        numbered(40, 24, 1, chronological_split(0.5, test=0.5)).load([])


# Series that are cut


def test_nothing_looks_from_one_file_into_the_next(tmp_path):
    for name, start in (("a", 0), ("b", 100)):
        rows = "\n".join(map(str, range(start, start + 10)))
        (tmp_path / f"{name}.csv").write_text(f"x\n{rows}\n")
    data = numbered(1, 3, 1)
    data.source = Csv(train="a.csv", test="b.csv")
    splits = data.load([tmp_path])
    assert splits.train.next.tolist() == [*range(3, 10)]
    assert splits.test.next.tolist() == [*range(103, 110)]
    assert splits.test.past[0].tolist() == [100, 101, 102]


@given(st.lists(st.sampled_from("abcd"), min_size=40, max_size=80), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_each_group_is_a_series_by_itself(names, window):
    if len({*names}) < 2:
        return
    split = group_split("g", 0.5, test=0.5)
    data = numbered(len(names), window, 1, split, g=names)
    try:
        splits = data.load([])
    except DataError as why:
        assert "has no record" in str(why)
        return
    own = {name: [row for row, each in enumerate(names) if each == name] for name in {*names}}
    wanted = {
        (tuple(rows[at - window : at]), rows[at])
        for rows in own.values()
        for at in range(window, len(rows))
    }
    found = [
        (tuple(past), after)
        for part in parts(splits).values()
        for past, after in zip(part.past.tolist(), part.next.tolist(), strict=True)
    ]
    assert {*found} == wanted and len(found) == len(wanted)
    groups = [{names[row] for row in part.next.tolist()} for part in parts(splits).values()]
    assert not groups[0] & groups[1]


def test_a_year_in_the_middle_tests_and_is_looked_at_by_nothing_that_trains():
    years = [2019] * 20 + [2020] * 20 + [2021] * 20
    split = column_split("year", train=[2019, 2021], test=2020)
    splits = numbered(60, 5, 1, split, year=years).load([])
    middle = {*range(20, 40)}
    assert not middle & ({*splits.train.past.unique().tolist()} | {*splits.train.next.tolist()})
    assert splits.test.next.tolist() == [*range(20, 40)]
    assert splits.test.past[0].tolist() == [15, 16, 17, 18, 19]


@pytest.mark.parametrize("split", [random_split(0.7, test=0.3, seed=1), k_fold(4, seed=2)])
def test_windows_drawn_at_random_are_each_in_one_split_and_whole(split):
    splits = numbered(60, 5, 1, split).load([], fold=1)
    rows = [*splits.train.next.tolist(), *splits.test.next.tolist()]
    assert sorted(rows) == [*range(5, 60)]
    for part in (splits.train, splits.test):
        assert torch.equal(part.past, part.next[:, None] + torch.arange(-5, 0))


def test_stratified_windows_go_by_the_label_that_they_predict():
    fields = {
        "past": Field("x", Window(4), shape=(4,)),
        "kind": Field("kind", Ahead(1), labels=("a", "b")),
    }
    kinds = (["a"] * 3 + ["b"]) * 25
    split = stratified_split("kind", 0.5, test=0.5)
    splits = Dataset(Literal(x=range(100), kind=kinds), fields, split).load([])
    for part in (splits.train, splits.test):
        assert abs(float(part.kind.float().mean()) - 0.25) < 0.02
        places = (part.past[:, -1] + 1).long().tolist()
        assert part.kind.tolist() == [int(kinds[place] == "b") for place in places]


# Steps before, between and behind windows


def oracle(values: np.ndarray, size: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(values, size, axis=0)


COLUMNS = {
    "a": [float(each**2 % 37) for each in range(50)],
    "b": [float(-each) for each in range(50)],
}


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (
            Field(["a", "b"], Window(4), shape=(4, 2)),
            lambda a, b: oracle(np.stack([a, b], 1), 4).swapaxes(1, 2),
        ),
        (Field("a", Window(6), Reshape(2, 3), shape=(2, 3)), lambda a, b: oracle(a, 6)),
        (Field("a", Window(6), shape=(6, 1)), lambda a, b: oracle(a, 6)),
        (Field("a", Window(4), Scale(0.5), shape=(4,)), lambda a, b: oracle(a, 4) / 2),
        (
            Field("a", Window(4), Window(6), shape=(6, 4)),
            lambda a, b: oracle(oracle(a, 4), 6).swapaxes(1, 2),
        ),
        (
            Field("a", Window(4), Window(6), Reshape(24), shape=(24,)),
            lambda a, b: oracle(oracle(a, 4), 6).swapaxes(1, 2),
        ),
        (
            Field("a", Window(3), Scale(2), Window(2), shape=(2, 3)),
            lambda a, b: oracle(oracle(a, 3) * 2, 2).swapaxes(1, 2),
        ),
        (
            Field("a", Window(4), Standardize(), shape=(4,)),
            lambda a, b: StandardScaler().fit_transform(oracle(a, 4)),
        ),
        (
            Field(lambda row: row["a"] / 2 + row["b"], Ahead(2), shape=()),
            lambda a, b: (a / 2 + b)[2:],
        ),
        (Field("a", Ahead(2), Window(3), shape=(3,)), lambda a, b: oracle(a, 3)),
    ],
)
def test_steps_around_windows_do_what_numpy_does(field, wanted):
    data = Dataset(Literal(**COLUMNS), {"x": field})
    values = wanted(*map(np.array, COLUMNS.values()))
    found = data.load([]).train.x
    np.testing.assert_allclose(found, values.reshape(found.shape), rtol=1e-5, atol=1e-6)


def test_labels_before_in_and_behind_a_window():
    kinds = ["up", "down", "down", "up", "down", "up"] * 5
    fields = {
        "seen": Field("kind", Window(3), labels=("up", "down"), shape=(3,)),
        "hot": Field("kind", Categories("up", "down"), Window(3), OneHot(2), shape=(3, 2)),
        "coming": Field("kind", Ahead(1), labels=("up", "down")),
        "named": Field("kind", Ahead(1), Categories("up", "down"), labels=("up", "down")),
    }
    data = Dataset(Literal(kind=kinds), fields)
    train = data.load([]).train
    codes = torch.tensor([["up", "down"].index(kind) for kind in kinds])
    assert torch.equal(train.seen, codes.unfold(0, 3, 1)[:-1])
    assert torch.equal(train.hot.argmax(-1), train.seen)
    assert torch.equal(train.coming, codes[3:]) and torch.equal(train.named, train.coming)
    assert data.fields["hot"].words(train.hot[:1]) == ["up, down, down"]


def test_a_hole_in_a_series_is_told_with_its_record():
    with pytest.raises(DataError, match="1 hole, the first in record 3 of the spec"):
        Dataset(Literal(x=[1, 2, None, 4]), {"x": Field("x", Window(2), shape=(2,))}).load([])


def test_windows_of_another_size_than_declared_are_told():
    data = Dataset(Literal(x=range(9)), {"x": Field("x", Window(4), shape=(5,))})
    with pytest.raises(DataError, match="has 4 values, and the shape"):
        data.load([])


# The same again


def test_what_was_learned_goes_through_json_and_gives_the_same_windows():
    def make() -> Dataset:
        fields = {
            "past": Field(["a", "b"], Standardize(), Window(4), Reshape(8), shape=(8,)),
            "next": Field("a", Standardize(), Ahead(1), shape=(1,)),
        }
        return Dataset(Literal(**COLUMNS), fields, chronological_split(0.6, test=0.4))

    trained, fresh = make(), make()
    splits = trained.load([])
    fresh.restore(json.loads(json.dumps(trained.state())))
    again = fresh.load([], fitted=True)
    assert torch.equal(again.test.past, splits.test.past)
    assert torch.equal(
        fresh.inverse("past", again.test.past[:3]), trained.inverse("past", splits.test.past[:3])
    )
    window = {name: values[27:31] for name, values in COLUMNS.items()}
    assert torch.equal(fresh.encode("past", [window])[0], splits.test.past[1])


def test_nothing_is_held_but_the_series():
    data = numbered(5_000, 500, 1, chronological_split(0.8, test=0.2))
    splits = data.load([])
    held = {part.tensors["past"].untyped_storage().data_ptr() for part in parts(splits).values()}
    assert len(held) == 1
    assert splits.train.tensors["past"].untyped_storage().nbytes() == 5_000 * 8
