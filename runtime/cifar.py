"""The sources `cifar10` and `cifar100`: the published binary files, on this machine or downloaded.

A record is a byte for each label, then 3 x 32 x 32 bytes, channel by channel (Krizhevsky, Learning
Multiple Layers of Features from Tiny Images, 2009). The version for Python is pickled, and what is
pickled is never read.
"""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from .download import Patience, Published, download
from .errors import DataError
from .idx import Bytes
from .mnist import cache_folder
from .table import Table, searched

if TYPE_CHECKING:
    from .download import Progress

PIXELS = 3 * 32 * 32  # bytes of a picture
LARGEST = 1 << 30  # bytes of one file in an archive
MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
PATIENCE = Patience(total=3600.0)  # 160 MB from one server
FAULTS = (OSError, EOFError, zlib.error, tarfile.TarError)


@dataclass(frozen=True, slots=True)
class Collection:
    """A published collection: its archive, the folder in it, and the files of its two parts.

    `labels` are the columns of the bytes that stand before each picture, `pickled` is the folder
    of the version for Python.
    """

    name: str
    archive: Published
    folder: str
    train: tuple[str, ...]
    test: str
    labels: tuple[str, ...]
    pickled: str


CIFAR10 = Collection(
    name="cifar10",
    archive=Published(
        "cifar-10-binary.tar.gz",
        170_052_171,
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        archive=True,
    ),
    folder="cifar-10-batches-bin",
    train=tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    test="test_batch.bin",
    labels=("label",),
    pickled="cifar-10-batches-py",
)
CIFAR100 = Collection(
    name="cifar100",
    archive=Published(
        "cifar-100-binary.tar.gz",
        168_513_733,
        "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        archive=True,
    ),
    folder="cifar-100-binary",
    train=("train.bin",),
    test="test.bin",
    labels=("coarse_label", "label"),
    pickled="cifar-100-python",
)
TRAINING, TESTING = 50_000, 10_000  # records of the whole collections


@dataclass(frozen=True)
class Cifar10:
    """60,000 pictures of ten kinds of things: `image` u8[3, 32, 32], `label` from 0 to 9.

    `path` is a folder with the binary files, or their archive; without it they are looked for in
    the folders `cifar10/` and `cifar-10-batches-bin/`, and then downloaded.
    """

    path: str | None = None
    missing: ClassVar[tuple[str, ...]] = ("",)
    collection: ClassVar[Collection] = CIFAR10

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """Both parts, training first, as found on this machine or downloaded."""
        return load(self.collection, self.path, folders, progress)


class Cifar100(Cifar10):
    """60,000 pictures of a hundred kinds of things: `label`, and `coarse_label` of 20 families."""

    collection: ClassVar[Collection] = CIFAR100


def load(
    collection: Collection,
    path: str | None,
    folders: Sequence[str | Path],
    progress: Progress | None = None,
    *,
    mirrors: Sequence[str] = MIRRORS,
    patience: Patience = PATIENCE,
) -> Table:
    """The collection from the first place that has it; downloaded where none has.

    Files that the user put somewhere may be a subset and are checked for structure; an archive
    in the cache must have the published bytes. A DataError for what is damaged or not to be had.
    """
    places = _places(collection, path, folders)
    for place in places:
        files = _files(collection, place)
        if files:
            return _table(collection, files, place)
    if path is not None:
        raise _not_there(collection, path, places)
    cache = cache_folder() / collection.name
    archive = cache / collection.archive.name
    if archive.is_file() and collection.archive.matches(np.fromfile(archive, np.uint8)):
        return _table(collection, _unpacked(collection, archive), archive)
    if os.environ.get("DLC_OFFLINE", "0") not in ("", "0"):
        raise _offline(collection, [*places, archive])
    download(collection.archive, mirrors, cache, progress, patience)
    return _table(collection, _unpacked(collection, archive), archive)


def _places(collection: Collection, path: str | None, folders: Sequence[str | Path]) -> list[Path]:
    """Folders and archives that may hold the files, each once."""
    found: list[Path] = []
    for root in searched(folders):
        if path is not None:
            given = root / os.path.expanduser(path)
            found += [given, given / collection.folder, given / collection.archive.name]
            continue
        for name in (collection.name, ""):
            found += [root / name / each for each in (collection.folder, collection.archive.name)]
            found += [root / name] if name else []
    return list(dict.fromkeys(found))


def _files(collection: Collection, place: Path) -> dict[str, Bytes]:
    """The files of a folder or an archive by name; none where the place has none."""
    if place.is_file():
        return _unpacked(collection, place)
    names = [*collection.train, collection.test]
    there = [name for name in names if os.path.isfile(place / name)]
    try:
        return {name: np.fromfile(place / name, np.uint8) for name in there}
    except OSError as why:
        raise _damaged(collection, place, str(why.strerror or why)) from why


def _unpacked(collection: Collection, archive: Path) -> dict[str, Bytes]:
    """The files of an archive by name; nothing is written anywhere."""
    wanted = {*collection.train, collection.test}
    found: dict[str, Bytes] = {}
    try:
        with tarfile.open(archive, "r:*") as packed:
            for member in packed:
                name = member.name.rpartition("/")[2]
                if not member.isfile() or name not in wanted or name in found:
                    continue
                if member.size > LARGEST:
                    raise _damaged(collection, archive, f"{name} unpacks to {member.size:,} bytes")
                file = packed.extractfile(member)
                assert file is not None
                found[name] = np.frombuffer(file.read(), np.uint8)
    except FAULTS as why:
        raise _damaged(collection, archive, str(why)) from why
    if not found:
        raise _damaged(collection, archive, f"it holds none of {', '.join(sorted(wanted))}")
    return found


def _table(collection: Collection, files: Mapping[str, Bytes], place: Path) -> Table:
    names = [name for name in collection.train if name in files]
    if collection.test not in files or not names:
        lacks = collection.test if names else collection.train[0]
        raise _damaged(collection, place, f"{lacks} is missing")
    wide = len(collection.labels) + PIXELS
    for name in (*names, collection.test):
        if not files[name].size or files[name].size % wide:
            fault = f"{name} has {files[name].size:,} bytes, and a record has {wide:,}"
            raise _damaged(collection, place, fault)
    train, test = (
        np.concatenate([files[name].reshape(-1, wide) for name in part])
        for part in (names, (collection.test,))
    )
    records = np.concatenate([train, test])
    columns = {
        name: records[:, number].astype(np.int64) for number, name in enumerate(collection.labels)
    }
    images = records[:, len(columns) :].reshape(-1, 3, 32, 32)
    return Table(
        {"image": images, **columns},
        str(place),
        lambda row: f"record {row + 1} of {place}",
        {"train": slice(0, len(train)), "test": slice(len(train), len(records))},
        notes=_notes(collection, place, len(train), len(test)),
    )


def _notes(collection: Collection, place: Path, train: int, test: int) -> tuple[str, ...]:
    if (train, test) == (TRAINING, TESTING):
        return ()
    return (
        f"{collection.name} in {place} is not the whole collection: it has {train:,} + {test:,} "
        f"records of {TRAINING:,} + {TESTING:,}.",
    )


def _damaged(collection: Collection, place: Path, fault: str) -> DataError:
    return DataError(
        f"What is at {place} cannot be read as {collection.name}: {fault.rstrip('.')}.",
        f"Put the files of {collection.archive.name} there, or move the others away.",
        str(place),
    )


def _pickled(collection: Collection, places: Sequence[Path]) -> str:
    """A word on the version for Python, where it lies beside a place."""
    for place in places:
        for folder in (place, place.parent):
            if (folder / collection.pickled).is_dir():
                return (
                    f"\nThe version for Python in {folder / collection.pickled} is pickled, and "
                    "pickles are never read."
                )
    return ""


def _not_there(collection: Collection, path: str, places: Sequence[Path]) -> DataError:
    listed = "\n".join(f"  {place}" for place in places)
    return DataError(
        f"The data set {collection.name} is not at {path}. These places were searched:\n{listed}"
        + _pickled(collection, places),
        f"Put the files of {collection.archive.name} there, or leave the path out: "
        f"{collection.name}() looks where they usually are, and downloads them.",
        str(places[0]),
    )


def _offline(collection: Collection, places: Sequence[Path]) -> DataError:
    listed = "\n".join(f"  {place}" for place in places)
    return DataError(
        f"The data set {collection.name} is not on this machine, and DLC_OFFLINE forbids "
        f"downloading it. These places were searched:\n{listed}" + _pickled(collection, places),
        f"Put {collection.archive.name} or its files there, or let it be downloaded: unset "
        "DLC_OFFLINE",
        str(places[0]),
    )
