"""Data blocks: loading, splitting, batching, and the same steps again for predictions."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from dlc.runtime.dataset import Dataset, Field, columns
from dlc.runtime.errors import DataError
from dlc.runtime.idx import read_idx
from dlc.runtime.sources import Csv, Literal, Mnist
from dlc.runtime.splits import column_split, k_fold, random_split, stratified_split
from dlc.runtime.steps import Impute, Reshape, Scale, Standardize
from dlc.runtime.table import Table
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")
SPECS = Path(__file__).parent.parent / "specs"
NUMBERS = "longitude latitude total_rooms total_bedrooms households".split()


class Pictures:
    """Like `mnist`: small images, and parts of its own."""

    missing = ("",)
    images = np.random.default_rng(0).integers(0, 256, (30, 1, 4, 4), dtype=np.uint8)
    labels = np.arange(30) % 3

    def read(self, folders, progress=None) -> Table:
        parts = {"train": slice(0, 20), "test": slice(20, 30)}
        raw = {"image": self.images, "label": self.labels}
        return Table(raw, "pictures", lambda row: f"record {row + 1}", parts)


def pictures(split=None, *steps) -> Dataset:
    fields = {
        "image": Field("image", *(steps or [Scale(1 / 255)]), shape=(1, 4, 4)),
        "label": Field("label", classes=3),
    }
    return Dataset(Pictures(), fields, split)


def digits(split=None) -> Dataset:
    pixels = Field(columns(0, 64), Scale(1 / 16), Reshape(1, 8, 8), shape=(1, 8, 8))
    fields = {"image": pixels, "label": Field("64", classes=10)}
    return Dataset(Csv("digits.csv.gz", header=False), fields, split)


def houses() -> Dataset:
    features = [*NUMBERS, lambda row: row["total_rooms"] / row["households"]]
    fields = {
        "features": Field(features, Impute("median"), Standardize(), shape=(6,)),
        "price": Field("median_house_value", Standardize(), shape=(1,)),
    }
    split = random_split(train=0.8, validation=0.1, test=0.1, seed=0)
    return Dataset(Csv("houses/california_housing.csv"), fields, split)


# Loading


def test_without_split_all_records_train_in_their_order():
    data = Dataset(Literal(x=[1, 2, 3], y=range(2, 8, 2)), {"x": Field("x"), "y": Field("y")})
    splits = data.load([])
    assert splits.train.x.tolist() == [1, 2, 3]
    assert splits.train.y.tolist() == [2, 4, 6]
    assert splits.validation is None
    assert splits.test is None
    assert splits.sizes == {"train": 3}


def test_a_split_hands_out_the_rows_that_it_drew():
    split = random_split(train=0.6, validation=0.2, test=0.2, seed=3)
    splits = Dataset(Literal(x=range(50)), {"x": Field("x", dtype="int64")}, split).load([])
    found = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    assert {name: part.x.tolist() for name, part in found.items()} == {
        name: rows.tolist() for name, rows in split.rows(50).items()
    }


def test_fields_keep_their_order_and_stay_together():
    split = random_split(train=0.5, test=0.5)
    fields = {"b": Field(lambda row: row["a"] ** 2), "a": Field("a")}
    train = Dataset(Literal(a=range(20)), fields, split).load([]).train
    assert list(train.tensors) == ["b", "a"]
    assert torch.equal(train.b, train.a**2)


def test_the_sources_own_test_part_stays_the_test_split():
    splits = pictures(random_split(train=0.9, validation=0.1, seed=0)).load([])
    assert splits.sizes == {"train": 18, "validation": 2, "test": 10}
    assert splits.test.label.tolist() == (np.arange(20, 30) % 3).tolist()
    together = torch.cat([splits.train.image, splits.validation.image])
    assert len(torch.unique(together, dim=0)) == 20
    assert pictures().load([]).sizes == {"train": 20, "test": 10}


def test_the_sources_own_part_goes_before_a_share_of_that_name():
    splits = pictures(random_split(train=0.5, test=0.5)).load([])
    assert splits.sizes == {"train": 10, "test": 10}
    assert torch.equal(splits.test.image, pictures().load([]).test.image)


def test_classes_are_drawn_from_the_training_part():
    splits = pictures(stratified_split("label", train=0.5, validation=0.5)).load([])
    # Of 7, 7 and 6; a half goes to the first split.
    assert torch.bincount(splits.train.label).tolist() == [4, 4, 3]
    assert torch.bincount(splits.validation.label).tolist() == [3, 3, 3]


def test_steps_learn_from_the_training_split_alone():
    values = [float(v) for v in np.random.default_rng(1).normal(5, 3, 40)]
    values[::4] = [None] * 10
    split = random_split(train=0.5, validation=0.25, test=0.25, seed=2)
    fields = {"x": Field("x", Impute("median"), Standardize(), shape=(1,))}
    splits = Dataset(Literal(x=values), fields, split).load([])
    rows = split.rows(40)
    raw = np.array(values, float)[:, None]
    oracle = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    oracle.fit(raw[rows["train"]])
    for name, part in (("train", splits.train), ("validation", splits.validation)):
        wanted = oracle.transform(raw[rows[name]])
        np.testing.assert_allclose(part.x.numpy(), wanted, rtol=1e-5, atol=1e-6)
    # Learned from all records, they would be other numbers.
    everything = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(raw)
    assert abs(everything[1].mean_ - oracle[1].mean_) > 0.01


def test_loading_twice_gives_the_same():
    data = digits(stratified_split("label", train=0.8, test=0.2, seed=1))
    one, two = data.load([SPECS]), data.load([SPECS])
    assert torch.equal(one.train.image, two.train.image)
    assert torch.equal(one.test.label, two.test.label)


def test_what_was_loaded_knows_the_block_that_made_it():
    data = digits()
    assert data.load([SPECS]).dataset is data


def test_each_fold_tests_its_own_records_and_learns_from_the_others():
    data = Dataset(
        Literal(x=range(10)), {"x": Field("x", Standardize(), shape=(1,))}, k_fold(3, seed=1)
    )
    tested = []
    for fold in (1, 2, 3):
        splits = data.load([], fold=fold)
        rows = data.split.rows(10, None, fold)
        assert splits.validation is None
        assert data.inverse("x", splits.test.x)[:, 0].round().tolist() == rows["test"].tolist()
        assert data.fields["x"].steps[0].shift == pytest.approx(rows["train"].mean())
        tested += rows["test"].tolist()
    assert sorted(tested) == list(range(10))


def test_without_a_fold_all_records_train_and_none_test():
    splits = pictures(k_fold(4)).load([])
    assert splits.sizes == {"train": 20}
    assert splits.test is None
    assert pictures(k_fold(4)).load([], fold=2).sizes == {"train": 15, "test": 5}


def test_a_column_may_tell_the_split(capsys):
    split = column_split("part", train="a", test=["b", "c"])
    columns = {"x": range(7), "part": ["b", "a", "a", "d", "c", "a", "d"]}
    splits = Dataset(Literal(**columns), {"x": Field("x", dtype="int64")}, split).load([])
    assert splits.train.x.tolist() == [1, 2, 5]
    assert splits.test.x.tolist() == [0, 4]
    said = capsys.readouterr().err
    assert said == "note: 2 records are in no split: their part is `d`.\n"


def test_no_records_are_refused():
    with pytest.raises(DataError, match="no records in the spec"):
        Dataset(Literal(x=[]), {"x": Field("x")}).load([])


def test_digits_are_those_of_sklearn():
    from sklearn.datasets import load_digits

    splits = digits().load([SPECS])
    published = load_digits()
    assert splits.train.image.dtype == torch.float32
    np.testing.assert_array_equal(splits.train.image[:, 0].numpy(), published.images / 16)
    np.testing.assert_array_equal(splits.train.label.numpy(), published.target)


def test_bytes_are_scaled_as_torch_scales_them():
    wanted = torch.from_numpy(Pictures.images).float() * (1 / 255)
    splits = pictures().load([])
    assert torch.equal(torch.cat([splits.train.image, splits.test.image]), wanted)


def test_progress_and_folders_reach_the_source(tmp_path):
    seen = []

    class Asking(Pictures):
        def read(self, folders, progress=None) -> Table:
            seen.append((folders, progress))
            return super().read(folders)

    data = pictures()
    data.source = Asking()
    data.load([tmp_path], "cpu", print)
    assert seen == [([tmp_path], print)]


def test_tensors_go_to_the_device():
    splits = pictures().load([], torch.device("meta"))
    assert splits.train.image.device.type == "meta"
    assert splits.train.label.device.type == "meta"


# The same steps again


def records_of(data: Dataset, rows) -> list[dict[str, object]]:
    columns = data.source.read([SPECS, DATA]).columns
    names = [name for name in columns if columns[name].dtype != object]
    return [{name: columns[name][row].item() for name in names} for row in rows]


def test_prediction_gives_the_tensors_of_training():
    split = random_split(train=0.7, test=0.3, seed=1)
    data = digits(split)
    splits = data.load([SPECS])
    drawn = split.rows(1797)
    for name, part in (("train", splits.train), ("test", splits.test)):
        records = records_of(data, drawn[name][:50])
        assert torch.equal(data.encode("image", records), part.image[:50])
        assert torch.equal(data.encode("label", records), part.label[:50])


@pytest.mark.skipif(not (DATA / "houses").exists(), reason="DLC_DATA_DIR has no houses")
def test_houses_train_and_predict_alike_and_prices_come_back():
    data = houses()
    splits = data.load([DATA])
    assert splits.sizes == {"train": 16512, "validation": 2064, "test": 2064}
    rows = data.split.rows(20640)["test"]
    records = records_of(data, rows)
    holes = sum(np.isnan(record["total_bedrooms"]) for record in records)
    assert holes > 5
    assert torch.equal(data.encode("features", records), splits.test.features)
    prices = [record["median_house_value"] for record in records]
    np.testing.assert_allclose(data.inverse("price", splits.test.price).squeeze(), prices, 1e-5)
    assert abs(splits.train.features.mean(0)).max() < 1e-5
    assert abs(splits.train.features.std(0, correction=0) - 1).max() < 1e-4


@pytest.mark.parametrize("steps", [(Scale(1 / 255),), (Scale(1 / 255), Standardize()), ()])
def test_images_are_encoded_bit_by_bit_as_in_training(steps):
    data = pictures(None, *steps)
    test = data.load([]).test
    for nested in (lambda i: i.tolist(), lambda i: i[0].tolist(), lambda i: i.ravel().tolist()):
        records = [{"image": nested(image)} for image in Pictures.images[20:]]
        assert torch.equal(data.encode("image", records), test.image)


def test_state_goes_through_json_into_another_process_of_the_same_code():
    for make in (lambda: digits(random_split(train=0.5, test=0.5)), pictures):
        trained, fresh = make(), make()
        splits = trained.load([SPECS])
        fresh.restore(json.loads(json.dumps(trained.state())))
        records = [{"image": splits.train.image[0].mul(16).tolist()}]
        if make is pictures:
            records = [{"image": Pictures.images[0]}]
        assert torch.equal(fresh.encode("image", records), trained.encode("image", records))
        assert torch.equal(fresh.inverse("image", splits.train.image),
                           trained.inverse("image", splits.train.image))  # fmt: skip


def test_formulas_and_patterns_are_restored():
    def make() -> Dataset:
        raw = ["b", lambda row: row["a"] + 1, columns("p*"), lambda row: row["b"] * 2]
        fields = {"f": Field(raw, Standardize(), shape=(5,))}
        return Dataset(Literal(a=[1, 2], p0=[3, 5], b=[5, 7], p1=[7, 0]), fields)

    trained, fresh = make(), make()
    wanted = trained.load([]).train.f
    fresh.restore(json.loads(json.dumps(trained.state())))
    records = [{"a": 1, "p0": 3, "b": 5, "p1": 7}, {"a": 2, "p0": 5, "b": 7, "p1": 0}]
    assert torch.equal(fresh.encode("f", records), wanted)


def test_a_state_of_other_fields_is_refused():
    data = pictures()
    for state in ({}, {"image": {}}, {**digits_state(), "image": digits_state()["label"]}):
        with pytest.raises(DataError, match="does not fit the fields"):
            data.restore(state)


def digits_state() -> dict[str, dict[str, object]]:
    data = digits()
    data.load([SPECS])
    return data.state()


# Import and real images


def test_reading_needs_neither_pandas_nor_pillow():
    code = (
        "import sys, torch, numpy; before = set(sys.modules); import dlc.runtime.dataset;"
        "new = set(sys.modules) - before;"
        "print(sorted(new & {'csv', 'gzip', 'PIL', 'pandas', 'difflib', 'urllib.request',"
        " 'dlc.runtime.mnist', 'dlc.compiler'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.skipif(not (DATA / "mnist").exists(), reason="DLC_DATA_DIR has no mnist")
def test_mnist_becomes_the_tensors_that_torch_makes_of_its_files():
    fields = {
        "image": Field("image", Scale(1 / 255), shape=(1, 28, 28)),
        "label": Field("label", classes=10),
    }
    split = random_split(train=0.9, validation=0.1, seed=0)
    data = Dataset(Mnist(), fields, split)
    splits = data.load([DATA])
    assert splits.sizes == {"train": 54000, "validation": 6000, "test": 10000}
    images = torch.from_numpy(read_idx(DATA / "mnist" / "train-images-idx3-ubyte.gz"))
    wanted = images[split.rows(60000)["validation"]].unsqueeze(1).float() * (1 / 255)
    assert torch.equal(splits.validation.image, wanted)
    record = {"image": images[split.rows(60000)["train"][7]].tolist()}
    assert torch.equal(data.encode("image", [record])[0], splits.train.image[7])
