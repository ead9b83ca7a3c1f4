"""What training reads and what a prediction encodes are the same tensors, for every step."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from dlc.compiler.catalog.data import STEPS
from dlc.runtime.categories import Categories, OneHot
from dlc.runtime.dataset import Dataset, Field, columns
from dlc.runtime.inputs import given
from dlc.runtime.sources import Csv
from dlc.runtime.splits import random_split
from dlc.runtime.steps import Impute, Normalize, Reshape, Scale, Standardize
from dlc.runtime.texts import Characters, Lower, Pad, Vocabulary, Words

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")
TABLE = """size,weight,kind,code,text
1.5,10,cat,007,"A cat, 3 kg"
2,,dog,12,Don't bark!
,30,,1e3,
4.25,40,bird,x,42
-3,50,cat,12,a dog a day
1e2,60,dog,007,A CAT
"""
WORDS = (Impute(""), Words(), Vocabulary(9), Pad(3))
FIELDS: dict[str, Callable[[], Field]] = {
    "scale": lambda: Field("size", Impute(0), Scale(1 / 7), shape=(1,)),
    "standardize": lambda: Field(["size", "weight"], Impute("mean"), Standardize(), shape=(2,)),
    "normalize": lambda: Field("weight", Impute("median"), Normalize(), shape=(1,)),
    "impute": lambda: Field(columns(0, 2), Impute("most_frequent"), shape=(2,)),
    "reshape": lambda: Field(columns("*i*e*"), Impute(1), Reshape(1, 1), shape=(1, 1)),
    "formula": lambda: Field(lambda row: row["size"] / row["weight"], Impute(0), shape=(1,)),
    "lower": lambda: Field("text", Lower(), *WORDS, tokens=9, shape=(3,)),
    "words": lambda: Field("text", *WORDS, tokens=9, shape=(3,)),
    "characters": lambda: Field("text", Impute("-"), Characters(), Vocabulary(9),
                                Pad(8, side="left"), tokens=9, shape=(8,)),
    "vocabulary": lambda: Field("code", Words(lower=False), Vocabulary(5), Pad(1), tokens=5,
                                shape=(1,)),
    "pad": lambda: Field("text", *WORDS[:-1], Pad(2, side="left"), tokens=9, shape=(2,)),
    "categories": lambda: Field("kind", Impute("most_frequent"), Categories(count=3), classes=3),
    "one_hot": lambda: Field("kind", Impute("none"), Categories("none", "bird", "cat", "dog"),
                             OneHot(4), shape=(4,)),
    "labels": lambda: Field("kind", Impute("cat"), labels=("bird", "cat", "dog")),
    "codes": lambda: Field("code", labels=("7", "12", "1000", "x")),
}  # fmt: skip


def both_ways(data: Dataset, path: Path) -> None:
    """All records loaded, and again as records one by one and together, from a restored state."""
    found = data.load([path.parent]).train
    state = json.loads(json.dumps(data.state()))
    again = Dataset(data.source, data.fields)
    again.restore(state)
    records = list(given([str(path)], again, list(again.fields)))
    assert len(records) == len(found)
    for name in data.fields:
        encoded = again.encode(name, records)
        assert encoded.dtype == found[name].dtype
        assert torch.equal(encoded, found[name]), name
        for row in range(0, len(records), max(1, len(records) // 40)):
            assert torch.equal(again.encode(name, [records[row]])[0], found[name][row]), name


def test_every_step_is_here() -> None:
    # Pictures, series and tokenizers have tests of their own.
    later = {"resize", "window", "ahead", "tokenize"}
    emitted = {name for name, step in STEPS.items() if step.module}
    assert emitted - later <= set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_prediction_encodes_what_training_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    both_ways(Dataset(Csv("t.csv"), {name: FIELDS[name]()}), tmp_path / "t.csv")


def test_numbers_of_json_are_what_the_file_has_as_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("n,k\n1,1\n2.5,2\n", encoding="utf-8")
    fields = {
        "n": Field("n", Standardize(), shape=(1,)),
        "k": Field("k", Categories("1", "2"), OneHot(2), shape=(2,)),
    }
    data = Dataset(Csv("t.csv"), fields)
    found = data.load([tmp_path]).train
    for records in (
        [{"n": 1, "k": 1}, {"n": 2.5, "k": 2.0}],
        [{"n": "1", "k": "1"}, {"n": " 2.50", "k": "2.0"}],
    ):
        assert torch.equal(data.encode("n", records), found.n)
        assert torch.equal(data.encode("k", records), found.k)


# Real tables

HOUSES = DATA / "houses/california_housing.csv"
TITANIC = DATA / "tabular/titanic_train.csv"
SENTENCES = DATA / "sentiment/uci_sentences.csv"
ADULT = DATA / "tabular/adult_10k_noheader.csv"
PENGUINS = DATA / "tabular/penguins.csv"
NEAR = ("<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN")


def houses() -> Dataset:
    plain = ["longitude", "total_rooms", "total_bedrooms", "population", "median_income"]
    features = [*plain, lambda row: row["total_rooms"] / row["households"]]
    fields = {
        "features": Field(features, Impute("median"), Standardize(), shape=(6,)),
        "near": Field("ocean_proximity", Categories(*NEAR), OneHot(5), shape=(5,)),
        "price": Field("median_house_value", Standardize(), shape=(1,)),
    }
    return Dataset(Csv(str(HOUSES)), fields)


def titanic() -> Dataset:
    fields = {
        "numbers": Field(["Age", "Fare", "SibSp"], Impute("median"), Standardize(), shape=(3,)),
        "port": Field("Embarked", Impute("most_frequent"), Categories("C", "Q", "S"), OneHot(3),
                      shape=(3,)),
        "sex": Field("Sex", Categories(count=2), OneHot(2), shape=(2,)),
        "rank": Field("Pclass", Categories("1", "2", "3"), OneHot(3), shape=(3,)),
        "name": Field("Name", Words(), Vocabulary(50), Pad(8), tokens=50, shape=(8,)),
        "survived": Field("Survived", labels=("died", "survived")),
    }  # fmt: skip
    return Dataset(Csv(str(TITANIC)), fields)


def sentences() -> Dataset:
    fields = {
        "tokens": Field("text", Words(), Vocabulary(1000), Pad(30, side="left"), tokens=1000,
                        shape=(30,)),
        "letters": Field("text", Characters(), Vocabulary(60), Pad(80), tokens=60, shape=(80,)),
        "label": Field("label", labels=("negative", "positive")),
    }  # fmt: skip
    return Dataset(Csv(str(SENTENCES)), fields)


def adult() -> Dataset:
    fields = {
        "work": Field("1", Impute("most_frequent"), Categories(count=8), OneHot(8), shape=(8,)),
        "hours": Field("12", Normalize(), shape=(1,)),
        "rich": Field("14", labels=("<=50K", ">50K")),
    }
    return Dataset(Csv(str(ADULT), header=False, missing=("?",)), fields)


def penguins() -> Dataset:
    fields = {
        "bill": Field(columns("bill_*"), Impute("mean"), Standardize(), shape=(2,)),
        "sex": Field("sex", Impute("unknown"), Categories(count=3), OneHot(3), shape=(3,)),
        "species": Field("species", Categories(count=3), classes=3),
    }
    return Dataset(Csv(str(PENGUINS)), fields)


@pytest.mark.parametrize(
    ("make", "path", "holes"),
    [(houses, HOUSES, {"total_bedrooms": 207}), (titanic, TITANIC, {"Age": 177, "Embarked": 2}),
     (sentences, SENTENCES, {}), (adult, ADULT, {}), (penguins, PENGUINS, {"sex": 11})],
)  # fmt: skip
def test_real_tables_are_encoded_as_they_were_read(
    make: Callable[[], Dataset], path: Path, holes: dict[str, int]
) -> None:
    if not path.exists():
        pytest.skip(f"DLC_DATA_DIR has no {path.name}")
    data = make()
    table = data.source.read([])
    for name, count in holes.items():
        assert table.texts(name).tolist().count(None) == count
    both_ways(data, path)


def test_steps_learn_from_the_training_split_and_predict_alike(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    split = random_split(train=0.5, test=0.5, seed=2)
    fields = {name: FIELDS[name]() for name in ("standardize", "words", "characters", "impute")}
    data = Dataset(Csv("t.csv"), fields, split)
    found = data.load([tmp_path])
    records = list(given([str(tmp_path / "t.csv")], data, list(data.fields)))
    assert found.test is not None
    for name in fields:
        for part, rows in split.rows(6).items():
            encoded = data.encode(name, [records[row] for row in rows])
            assert torch.equal(encoded, getattr(found, part)[name])
