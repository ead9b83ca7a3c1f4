"""The source `fashion_mnist`: the machinery of `mnist` under other names and checksums."""

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.download import Published
from dlc.runtime.errors import DataError
from dlc.runtime.mnist import FASHION_MNIST, MNIST, ImageRecord, load_mnist
from dlc.runtime.sources import FashionMnist, Mnist
from dlc.runtime.steps import Scale
from mnist_mirrors import (
    ARRAYS,
    CONTENTS,
    NAMES,
    SMALL,
    files_below,
    idx,
    lonely,
    pixels,
    put,
    serving,
)

DATA = Path(os.environ.get("DLC_DATA_DIR") or "nowhere")
FOLDERS = ("fashion-mnist", "fashion_mnist", "fashion-mnist-subset")
PACKED = {name: gzip.compress(content, mtime=0) for name, content in CONTENTS.items()}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return lonely(tmp_path, monkeypatch)


def small(*mirrors: str) -> ImageRecord:
    """The record with small files, told by the MD5 of their packed form."""
    files = tuple(
        Published(name, len(CONTENTS[name]), md5=hashlib.md5(PACKED[name]).hexdigest())
        for name in NAMES
    )
    return replace(FASHION_MNIST, image=SMALL.image, files=files, mirrors=mirrors)


def test_the_record_has_what_its_authors_publish():
    """Names, mirror and MD5 as in the README of zalandoresearch/fashion-mnist."""
    assert [file.name for file in FASHION_MNIST.files] == [file.name for file in MNIST.files]
    assert [file.size for file in FASHION_MNIST.files] == [file.size for file in MNIST.files]
    assert [file.md5 for file in FASHION_MNIST.files] == [
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ]


@pytest.mark.parametrize("name", FOLDERS)
def test_each_name_of_its_folder_is_known(name, home):
    put(home / "spec" / name)
    parts = load_mnist(None, [home / "spec"], record=small())
    assert parts.place == str(home / "spec" / name)
    np.testing.assert_array_equal(parts.train_images, ARRAYS[NAMES[0]])
    assert parts.note == ""


def test_the_files_of_mnist_are_not_taken_for_it(home, monkeypatch):
    monkeypatch.setenv("DLC_OFFLINE", "1")
    put(home / "spec")
    put(home / "spec" / "mnist")
    with pytest.raises(DataError, match="The data set fashion_mnist is not on this machine"):
        load_mnist(None, [home / "spec"], record=small())
    assert load_mnist("mnist", [home / "spec"], record=small()).place.endswith("mnist")


def test_a_subset_is_taken_and_said(home):
    changed = {
        "train_images_idx3_ubyte": idx(pixels(5, 4, 3)),
        "train_labels_idx1_ubyte": idx(pixels(5)),
    }
    folder = put(home / "spec" / FOLDERS[2], **changed)
    parts = load_mnist(None, [home / "spec"], record=small())
    assert parts.note == (
        f"fashion_mnist in {folder} is not the whole collection: it has 5 + 7 records of 50 + 7."
    )


def test_what_is_downloaded_is_kept_packed_and_told_by_its_md5(home):
    with serving() as mirrors:
        record = small(mirrors.address("other_bytes"), mirrors.address("good"))
        first = load_mnist(None, [home], record=record)
        asked = list(mirrors.requests)
        second = load_mnist(None, [home], record=record)
        assert mirrors.requests == asked
    assert asked[:2] == [f"/other_bytes/{NAMES[0]}.gz", f"/good/{NAMES[0]}.gz"]
    for parts in (first, second):
        np.testing.assert_array_equal(parts.test_labels, ARRAYS[NAMES[3]])
    kept = home / "cache" / "fashion-mnist"
    assert files_below(kept) == sorted(f"{name}.gz" for name in NAMES)
    assert all((kept / f"{name}.gz").read_bytes() == PACKED[name] for name in NAMES)


def test_another_content_says_that_the_md5_differs(home):
    with serving() as mirrors, pytest.raises(DataError, match=r"\(MD5 differs\)"):
        load_mnist(None, [home], record=small(mirrors.address("other_bytes")))
    assert files_below(home / "cache") == []


def test_a_file_in_the_cache_that_is_another_is_fetched_again(home):
    folder = home / "cache" / "fashion-mnist"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / f"{name}.gz").write_bytes(PACKED[name])
    other = gzip.compress(CONTENTS[NAMES[1]][:-1] + b"\x07", mtime=0)
    (folder / f"{NAMES[1]}.gz").write_bytes(other)
    with serving() as mirrors:
        parts = load_mnist(None, [home], record=small(mirrors.address("good")))
        assert mirrors.requests == [f"/good/{NAMES[1]}.gz"]
    np.testing.assert_array_equal(parts.train_labels, ARRAYS[NAMES[1]])


@pytest.mark.parametrize("copy", ["work/FashionMNIST/raw", "home/.keras/datasets/fashion-mnist"])
def test_copies_of_other_programs_are_taken_where_they_are_the_published_files(copy, home):
    folder = home / copy
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / f"{name}.gz").write_bytes(PACKED[name])
    assert load_mnist(None, [home / "spec"], record=small()).place == str(folder)


def test_a_packed_copy_goes_before_an_unpacked_one(home):
    """Only the packed one can be told to be the published file."""
    folder = home / "work" / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / f"{name}.gz").write_bytes(PACKED[name])
        (folder / name).write_bytes(CONTENTS[name][:-1] + b"\x01")
    parts = load_mnist(None, [home / "spec"], record=small())
    np.testing.assert_array_equal(parts.test_images, ARRAYS[NAMES[2]])


def test_the_two_sources_differ_in_their_collection_alone():
    assert FashionMnist() != Mnist()
    assert FashionMnist("a") == FashionMnist("a")
    assert (Mnist.collection, FashionMnist.collection) == ("MNIST", "FASHION_MNIST")


@pytest.mark.skipif(not (DATA / FOLDERS[2]).exists(), reason="DLC_DATA_DIR has no fashion-mnist")
def test_the_real_subset_loads_where_mnist_did(capsys):
    fields = {
        "image": Field("image", Scale(1 / 255), shape=(1, 28, 28)),
        "label": Field("label", classes=10),
    }
    splits = Dataset(FashionMnist(), fields).load([DATA])
    assert splits.sizes == {"train": 10_000, "test": 2_000}
    # The labels of the first records, as published.
    assert splits.train.label[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert splits.test.label[:5].tolist() == [9, 2, 1, 1, 6]
    assert "it has 10,000 + 2,000 records of 60,000 + 10,000" in capsys.readouterr().err
