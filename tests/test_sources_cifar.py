"""The sources `cifar10` and `cifar100`: where they are found, read, fetched, and each fault."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.cifar import CIFAR10, CIFAR100, Cifar10, Cifar100, Collection, load
from dlc.runtime.download import Patience
from dlc.runtime.errors import DataError

QUICK = Patience(answer=2.0, total=5.0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory and a cache of our own, and no network."""
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    monkeypatch.setenv("DLC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DLC_OFFLINE", "1")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def records(count: int, seed: int, collection: Collection = CIFAR10) -> np.ndarray:
    """So many records: labels below ten, then noise."""
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 10, (count, len(collection.labels)), np.uint8)
    return np.concatenate([labels, chance.integers(0, 256, (count, 3072), np.uint8)], 1)


def contents(collection: Collection = CIFAR10) -> dict[str, bytes]:
    names = (*collection.train, collection.test)
    return {name: records(2, seed, collection).tobytes() for seed, name in enumerate(names)}


def put(folder: Path, collection: Collection = CIFAR10) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents(collection).items():
        (folder / name).write_bytes(content)
    return folder


def archive(files: dict[str, bytes], inside: str = CIFAR10.folder) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{inside}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def fails(source: Cifar10, *folders: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        source.read(folders)
    return caught.value


def test_a_record_is_a_label_and_three_planes(home):
    table = Cifar10(str(put(home / "own"))).read([])
    whole = np.concatenate([records(2, seed) for seed in range(6)])
    np.testing.assert_array_equal(table.column("label"), whole[:, 0])
    assert table.column("label").dtype == np.int64
    image = table.column("image")
    assert image.shape == (12, 3, 32, 32) and image.dtype == np.uint8
    np.testing.assert_array_equal(image[3, 1, 2], whole[3, 1 + 1024 + 64 : 1 + 1024 + 96])
    assert dict(table.parts) == {"train": slice(0, 10), "test": slice(10, 12)}
    assert "not the whole collection: it has 10 + 2 records of 50,000 + 10,000" in table.notes[0]


def test_of_a_hundred_the_family_stands_before_the_label(home):
    table = Cifar100(str(put(home / "own", CIFAR100))).read([])
    whole = np.concatenate([records(2, seed, CIFAR100) for seed in range(2)])
    np.testing.assert_array_equal(table.column("coarse_label"), whole[:, 0])
    np.testing.assert_array_equal(table.column("label"), whole[:, 1])
    np.testing.assert_array_equal(table.column("image").reshape(4, -1), whole[:, 2:])


@pytest.mark.parametrize(
    "place", ["cifar10", "cifar-10-batches-bin", "cifar10/cifar-10-batches-bin"]
)
def test_it_is_found_below_the_folders_of_the_data(place, home, monkeypatch):
    put(home / "data" / place)
    assert len(Cifar10().read([home / "data"])) == 12
    monkeypatch.setenv("DLC_DATA_DIR", str(home / "data"))
    assert len(Cifar10().read([])) == 12


@pytest.mark.parametrize("path", ["a", "a/cifar-10-binary.tar.gz"])
def test_an_archive_is_read_as_it_lies_and_nothing_is_unpacked(path, home):
    (home / "a").mkdir()
    (home / "a" / "cifar-10-binary.tar.gz").write_bytes(archive(contents()))
    table = Cifar10(path).read([home])
    plain = Cifar10(str(put(home / "own"))).read([])
    np.testing.assert_array_equal(table.column("image"), plain.column("image"))
    assert [each.name for each in (home / "a").iterdir()] == ["cifar-10-binary.tar.gz"]


def test_one_batch_and_the_test_part_are_taken_and_said(home):
    own = put(home / "own")
    for number in (1, 2, 4, 5):
        (own / f"data_batch_{number}.bin").unlink()
    table = Cifar10("own").read([home])
    assert dict(table.parts) == {"train": slice(0, 2), "test": slice(2, 4)}
    np.testing.assert_array_equal(table.column("label")[:2], records(2, 2)[:, 0])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("test_batch.bin", None, "test_batch.bin is missing"),
        ("data_batch_2.bin", b"\0" * 3072, "3,072 bytes, and a record has 3,073"),
        ("data_batch_2.bin", b"", "0 bytes"),
    ],
)
def test_a_fault_of_files_of_ones_own_is_told(name, content, says, home):
    own = put(home / "own")
    (own / name).unlink() if content is None else (own / name).write_bytes(content)
    assert says in fails(Cifar10("own"), home).message


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", archive({"readme.html": b"x"}), archive(contents())[:20_000]],
)
def test_a_fault_of_an_archive_is_told(content, home):
    (home / "cifar-10-binary.tar.gz").write_bytes(content)
    assert "cannot be read as cifar10" in fails(Cifar10(), home).message


def test_what_stands_outside_of_its_folder_in_an_archive_is_written_nowhere(home):
    files = {f"../../{name}": content for name, content in contents().items()}
    (home / "cifar-10-binary.tar.gz").write_bytes(archive(files))
    before = sorted(home.rglob("*"))
    assert len(Cifar10().read([home])) == 12
    assert sorted(home.rglob("*")) == before


def test_the_pickled_version_is_named_and_never_read(home):
    (home / "cifar-10-batches-py").mkdir()
    (home / "cifar-10-batches-py" / "data_batch_1").write_bytes(b"cos\nsystem\n(S'touch x'\ntR.")
    error = fails(Cifar10(), home)
    assert "pickles are never read" in error.message
    assert "DLC_OFFLINE forbids" in error.message and str(home / "cifar10") in error.message


def test_a_path_is_the_only_place(home):
    put(home / "cifar10")
    error = fails(Cifar10("elsewhere"), home)
    assert f"  {home / 'elsewhere'}" in error.message
    assert "cifar10() looks where they usually are" in error.help


# Downloads: an archive served from a folder


def published(home: Path, content: bytes) -> tuple[Collection, list[str]]:
    """The collection with this archive as the published one, and a mirror that serves it."""
    (home / "mirror").mkdir(exist_ok=True)
    (home / "mirror" / CIFAR10.archive.name).write_bytes(content)
    sha = hashlib.sha256(content).hexdigest()
    known = replace(CIFAR10.archive, size=len(content), sha256=sha)
    return replace(CIFAR10, archive=known), [f"{(home / 'mirror').as_uri()}/"]


def test_it_is_downloaded_once_and_kept_as_it_came(home, monkeypatch):
    monkeypatch.delenv("DLC_OFFLINE")
    content = archive(contents())
    collection, mirrors = published(home, content)
    table = load(collection, None, [], mirrors=mirrors, patience=QUICK)
    assert len(table) == 12
    kept = home / "cache" / "cifar10" / CIFAR10.archive.name
    assert kept.read_bytes() == content
    again = load(collection, None, [], mirrors=[], patience=QUICK)
    np.testing.assert_array_equal(again.column("image"), table.column("image"))


def test_other_bytes_than_the_published_ones_are_not_taken(home, monkeypatch):
    monkeypatch.delenv("DLC_OFFLINE")
    content = archive(contents())
    collection, mirrors = published(home, content)
    (home / "mirror" / CIFAR10.archive.name).write_bytes(content[:-1] + b"\1")
    with pytest.raises(DataError, match="SHA-256 differs") as caught:
        load(collection, None, [], mirrors=mirrors, patience=QUICK)
    assert f"get {CIFAR10.archive.name} in another way" in caught.value.help
    assert not list((home / "cache").rglob("*.gz"))


def test_a_damaged_copy_in_the_cache_is_fetched_anew(home, monkeypatch):
    monkeypatch.delenv("DLC_OFFLINE")
    collection, mirrors = published(home, archive(contents()))
    kept = home / "cache" / "cifar10" / CIFAR10.archive.name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"damaged")
    assert len(load(collection, None, [], mirrors=mirrors, patience=QUICK)) == 12
    assert kept.read_bytes() == (home / "mirror" / CIFAR10.archive.name).read_bytes()


def test_what_is_published_is_as_its_authors_say():
    assert (CIFAR10.archive.size, CIFAR100.archive.size) == (170_052_171, 168_513_733)
    assert all(len(each.archive.sha256) == 64 for each in (CIFAR10, CIFAR100))
    assert all(each.archive.served == each.archive.name for each in (CIFAR10, CIFAR100))
