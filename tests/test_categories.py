"""Categories, one-hot rows and filled holes against scikit-learn's encoders and imputer."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime.categories import Categories, OneHot
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.errors import DataError
from dlc.runtime.sources import Csv, Literal
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Impute, Standardize
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")
ADULT = DATA / "tabular/adult_10k_noheader.csv"
TITANIC = DATA / "tabular/titanic_train.csv"
NAMES = st.lists(st.text("abcÄ ", min_size=1), min_size=1)


def column(values: list[object]) -> np.ndarray:
    return np.array([*values, None], object)[:-1]


def load(field: Field, **literal: object) -> torch.Tensor:
    return Dataset(Literal(**literal), {"f": field}).load([]).train.f


def fault(data: Dataset, folder: Path | None = None) -> DataError:
    with pytest.raises(DataError) as caught:
        data.load([folder] if folder else [])
    return caught.value


# Against scikit-learn


@given(NAMES)
def test_learned_categories_are_sklearns(values: list[str]) -> None:
    ours = Categories()
    ours.fit(column(values))
    oracle = OrdinalEncoder()
    wanted = oracle.fit_transform(np.array(values, object)[:, None])
    assert ours.apply(column(values)).tolist() == wanted[:, 0].tolist()
    assert list(ours.names or ()) == oracle.categories_[0].tolist()


@given(NAMES)
def test_one_hot_rows_are_sklearns_and_come_back(values: list[str]) -> None:
    names = sorted(set(values))
    steps = Categories(*names), OneHot(len(names))
    array = steps[1].apply(steps[0].apply(column(values)))
    oracle = OneHotEncoder(categories=[names], sparse_output=False)
    np.testing.assert_array_equal(array, oracle.fit_transform(np.array(values, object)[:, None]))
    assert steps[0].inverse(steps[1].inverse(array)).tolist() == values


@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1).filter(any))
def test_holes_in_texts_are_filled_as_sklearn_fills_them(values: list[str | None]) -> None:
    frequent, constant = Impute("most_frequent"), Impute("none")
    given_values = column(values)
    for ours, oracle in (
        (frequent, SimpleImputer(missing_values=None, strategy="most_frequent")),
        (constant, SimpleImputer(missing_values=None, strategy="constant", fill_value="none")),
    ):
        ours.fit(given_values)
        wanted = oracle.fit_transform(given_values[:, None])[:, 0]
        assert ours.apply(given_values).tolist() == wanted.tolist()
        other = Impute(ours.value)
        other.restore(json.loads(json.dumps(ours.state())))
        assert other.apply(given_values).tolist() == wanted.tolist()


@pytest.mark.skipif(not TITANIC.exists(), reason="DLC_DATA_DIR has no titanic")
def test_titanics_ports_and_ages_are_those_of_sklearn() -> None:
    fields = {
        "port": Field("Embarked", Impute("most_frequent"), Categories(count=3), OneHot(3),
                      shape=(3,)),
        "age": Field("Age", Impute("median"), shape=(1,)),
    }  # fmt: skip
    data = Dataset(Csv(str(TITANIC)), fields)
    found = data.load([]).train
    table = data.source.read([])
    ports, ages = table.texts("Embarked")[:, None], table.columns["Age"][:, None]
    assert (ports == np.array(None)).sum() == 2
    assert np.isnan(ages).sum() == 177
    filled = SimpleImputer(missing_values=None, strategy="most_frequent").fit_transform(ports)
    np.testing.assert_array_equal(
        found.port.numpy(), OneHotEncoder(sparse_output=False).fit_transform(filled)
    )
    np.testing.assert_allclose(
        found.age.numpy(), SimpleImputer(strategy="median").fit_transform(ages), rtol=1e-6
    )


@pytest.mark.skipif(not ADULT.exists(), reason="DLC_DATA_DIR has no adult")
def test_a_table_with_spaces_and_question_marks_is_read_as_sklearn_does() -> None:
    source = Csv(str(ADULT), header=False, missing=("?",))
    fields = {
        "work": Field("1", Impute("most_frequent"), Categories(count=8), OneHot(8), shape=(8,)),
        "sex": Field("9", Categories("Female", "Male"), labels=("Female", "Male")),
        "rich": Field("14", labels=("<=50K", ">50K")),
        "hours": Field("12", Standardize(), shape=(1,)),
    }
    data = Dataset(source, fields)
    found = data.load([]).train
    cells = [[cell.strip() for cell in line.split(",")] for line in ADULT.open()]
    raw = np.array([cells[row] for row in range(len(cells)) if len(cells[row]) == 15], object)
    raw[raw == "?"] = None
    assert len(raw) == 10_000
    filled = SimpleImputer(missing_values=None, strategy="most_frequent").fit_transform(raw[:, [1]])
    oracle = OneHotEncoder(sparse_output=False).fit_transform(filled)
    np.testing.assert_array_equal(found.work.numpy(), oracle)
    assert found.sex.tolist() == [["Female", "Male"].index(sex) for sex in raw[:, 9]]
    assert found.rich.sum() == (raw[:, 14] == ">50K").sum()


# Names and their numbers


def test_names_keep_their_order_and_learned_ones_are_sorted() -> None:
    wanted = [2, 0, 1, 0]
    values = ["low", "high", "mid", "high"]
    assert (
        load(Field("f", Categories("high", "mid", "low"), classes=3), f=values).tolist() == wanted
    )
    learned = Field("f", Categories(count=3), classes=3)
    assert load(learned, f=values).tolist() == [1, 0, 2, 0]
    assert learned.labels == ("high", "low", "mid")


def test_numbers_may_be_categories_and_are_sorted_by_their_value() -> None:
    field = Field("f", Categories(count=3), classes=3)
    assert load(field, f=[10, 9, 100.0]).tolist() == [1, 0, 2]
    assert field.labels == ("9", "10", "100")
    named = Field("f", Categories("3", "1", "2"), OneHot(3), shape=(3,))
    assert load(named, f=[1, 2.0, 3]).argmax(1).tolist() == [1, 2, 0]


def test_ordered_categories_may_be_a_number() -> None:
    field = Field("f", Categories("low", "mid", "high"), Standardize(), shape=(1,))
    found = load(field, f=["low", "mid", "high"])
    assert found.flatten().tolist() == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    assert field.inverse(found).flatten().tolist() == pytest.approx([0, 1, 2], abs=1e-6)
    between = field.inverse(torch.tensor([[0.5]]))
    assert between.item() == pytest.approx(1 + 0.5 * (2 / 3) ** 0.5)


def test_one_hot_predictions_have_no_other_units() -> None:
    field = Field("f", Categories("a", "b"), OneHot(2), shape=(2,))
    load(field, f=["a", "b"])
    assert field.inverse(torch.tensor([[0.3, 0.7]])).tolist() == [pytest.approx([0.3, 0.7])]


def test_labels_of_numbers_become_one_hot_rows() -> None:
    assert load(Field("f", OneHot(3), shape=(3,)), f=[2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]


def test_the_state_goes_through_json_and_gives_the_same_numbers() -> None:
    field = Field("f", Impute("most_frequent"), Categories(count=2), OneHot(2), shape=(2,))
    data = Dataset(Literal(f=["a", None, "b", "b"]), {"f": field})
    found = data.load([]).train.f
    again = Field("f", Impute("most_frequent"), Categories(count=2), OneHot(2), shape=(2,))
    other = Dataset(Literal(f=["x"]), {"f": again})
    other.restore(json.loads(json.dumps(data.state())))
    records = [{"f": "a"}, {"f": None}, {"f": "b"}, {"f": "b"}]
    assert torch.equal(other.encode("f", records), found)
    assert again.words(found) == ["a", "b", "b", "b"]


# What does not fit


@pytest.mark.parametrize("names", [("INLAND", "ISLAND"), ()])
def test_a_category_that_there_is_not_is_told_with_its_line(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    """Named ones in any split, learned ones where the training split does not have it."""
    rows = ["INLAND", "ISLAND"] * 20
    split = random_split(train=0.5, test=0.5, seed=1)
    bad = int(split.rows(40)["test"][3])
    rows[bad] = "INLND"
    (tmp_path / "t.csv").write_text("near\n" + "\n".join(rows) + "\n", encoding="utf-8")
    fields = {"near": Field("near", Categories(*names, count=2), classes=2)}
    error = fault(Dataset(Csv("t.csv"), fields, split), tmp_path)
    assert error.message == (
        f"The column `near` has `INLND` in line {bad + 2} of {tmp_path}/t.csv, which is none of "
        "the 2 categories."
    )
    assert error.help == "Did you mean `INLAND`? There are: `INLAND`, `ISLAND`."


def test_an_unseen_category_of_a_prediction_is_told_by_record() -> None:
    data = Dataset(Literal(f=["cat", "dog"]), {"f": Field("f", Categories(count=2), classes=2)})
    data.load([])
    with pytest.raises(DataError) as caught:
        data.encode("f", [{"f": "cat"}, {"f": "dgo"}])
    assert "has `dgo` in record 2, which is none of the 2" in caught.value.message
    assert "Did you mean `dog`?" in caught.value.help


@pytest.mark.parametrize(("count", "found"), [(2, ["a", "b", "c"]), (4, ["a", "b", "c"])])
def test_another_number_of_learned_categories_is_told_with_both(
    count: int, found: list[str]
) -> None:
    error = fault(Dataset(Literal(f=found), {"f": Field("f", Categories(count=count))}))
    assert error.message == (
        f'The training split has 3 categories, and the field declares {count}: "a", "b", "c".'
    )
    assert 'categories("a", "b", "c")' in error.help


def test_holes_are_told_and_how_to_fill_them() -> None:
    error = fault(Dataset(Literal(f=["a", None]), {"f": Field("f", Categories("a", "b"))}))
    assert error.message == "The column `f` has 1 hole, the first in record 2 of the spec."
    assert error.help == "Write `-> impute(most_frequent)` behind the column of `f`."


def test_a_number_that_is_no_label_is_told() -> None:
    for bad in (3, -1, 0.5):
        error = fault(Dataset(Literal(f=[0, bad]), {"f": Field("f", OneHot(3), shape=(3,))}))
        assert f"has `{bad}` in record 2 of the spec" in error.message


def test_a_text_for_holes_among_numbers_and_a_mean_of_texts_are_refused() -> None:
    error = fault(Dataset(Literal(f=[1, None]), {"f": Field("f", Impute("none"))}))
    assert "Holes among numbers cannot become the text 'none'." in error.message
    steps = Impute("mean"), Categories("a", "b")
    error = fault(Dataset(Literal(f=["a", None]), {"f": Field("f", *steps)}))
    assert error.message == "There is no mean of texts."


def test_a_column_without_any_text_to_learn_from_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("f,x\n,1\n,2\n", encoding="utf-8")
    field = Field("f", Impute("most_frequent"), Categories("a", "b"))
    error = fault(Dataset(Csv("t.csv"), {"f": field}), tmp_path)
    assert error.message == "The column `f` has no value in the whole training split."


def test_pictures_are_no_texts(tmp_path: Path) -> None:
    error = fault(Dataset(Literal(f=[[1, 2], [3, 4]]), {"f": Field("f", Categories("a", "b"))}))
    assert "has 2 values a record where a text is wanted" in error.message


# Labels with holes


def test_labels_may_be_filled() -> None:
    field = Field("y", Impute("most_frequent"), labels=("cat", "dog"))
    assert load(field, y=["dog", None, "dog", "cat"]).tolist() == [1, 1, 1, 0]
    assert load(Field("y", Impute(0), classes=3), y=[2, None, 1]).tolist() == [2, 0, 1]
    assert load(Field("y", Impute("most_frequent"), classes=3), y=[2, None, 2]).tolist() == [
        2,
        2,
        2,
    ]
