"""The source `image_folder`: pictures in one folder a class."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from .errors import DataError
from .pictures import SUFFIXES, Pictures
from .table import Table, find

if TYPE_CHECKING:
    from .download import Progress


@dataclass(frozen=True)
class ImageFolder:
    """Pictures below folders named after their classes: `image`, and `label` as text.

    `path` is a folder of such folders; `train`, `validation` and `test` are one for each part
    instead. Records are sorted by class and name, code point by code point, so that they stand
    alike on every machine. Names that begin with a dot are passed over.
    """

    path: str = ""
    train: str = ""
    validation: str = ""
    test: str = ""
    on_error: str = "stop"  # "skip" leaves out pictures that cannot be read
    missing: ClassVar[tuple[str, ...]] = ("",)

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The pictures' paths and labels, training first; nothing is decoded yet."""
        named = {"train": self.path or self.train, "validation": self.validation, "test": self.test}
        paths: list[str] = []
        labels: list[str] = []
        others: list[str] = []
        parts: dict[str, slice] = {}
        found = {part: find(path, folders, "folder") for part, path in named.items() if path}
        for part, folder in found.items():
            start = len(paths)
            for label in _classes(folder):
                pictures, passed = _files(folder / label)
                if not pictures:
                    raise _no_pictures(folder, label)
                paths += pictures
                others += passed
                labels += [label] * len(pictures)
            parts[part] = slice(start, len(paths))
        column = np.empty(len(labels), object)
        column[:] = labels
        return Table(
            {"label": column},
            str(found["train"]),
            paths.__getitem__,
            parts,
            notes=_notes(others),
            pictures={"image": Pictures(tuple(paths), self.on_error == "skip")},
            classes={"label": tuple(dict.fromkeys(labels[parts["train"]]))},
        )


def _notes(others: Sequence[str]) -> tuple[str, ...]:
    if not others:
        return ()
    if len(others) == 1:
        return (f"1 file is no picture and was left out: {others[0]}.",)
    return (f"{len(others):,} files are no pictures and were left out, first: {others[0]}.",)


def _classes(folder: Path) -> list[str]:
    """The names of the class folders, sorted."""
    names = sorted(entry.name for entry in _entries(folder) if entry.is_dir())
    if names:
        return names
    raise DataError(
        f"The folder {folder} has no folders below it, one a class.",
        f"Put the pictures into folders named after their classes: {folder / 'cats'}, …",
        str(folder),
    )


def _files(folder: Path) -> tuple[list[str], list[str]]:
    """The pictures below a class folder, sorted, and the files that are none."""
    pictures: list[str] = []
    others: list[str] = []
    for name in sorted(_walked(folder), key=lambda name: name.split(os.sep)):
        wanted = pictures if name.lower().endswith(SUFFIXES) else others
        wanted.append(str(folder / name))
    return pictures, others


def _walked(folder: Path, above: str = "") -> Iterator[str]:
    for entry in _entries(folder):
        name = os.path.join(above, entry.name)
        if entry.is_file():
            yield name
        # A link to a folder may lead back up.
        elif entry.is_dir(follow_symlinks=False):
            yield from _walked(folder / entry.name, name)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What a folder holds, hidden things apart."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as why:
        raise DataError(
            f"The folder {folder} cannot be read: {why.strerror or why}.",
            "Check the permissions of the folder.",
            str(folder),
        ) from why


def _no_pictures(folder: Path, label: str) -> DataError:
    known = ", ".join(SUFFIXES)
    return DataError(
        f"The class folder {folder / label} holds no pictures ({known}).",
        "Put its pictures there, or take the folder away.",
        str(folder / label),
    )
