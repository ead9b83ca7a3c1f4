"""Files below folders that are named after their classes: the records of several sources."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import DataError
from .table import Array, find


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """The files of a source, sorted by part, class and name, and the class of each.

    `parts` are the source's own splits, `classes` the folders of the training part, `place` is
    its folder, and `others` are the files that were passed over.
    """

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    parts: Mapping[str, slice]
    classes: tuple[str, ...]
    place: str
    others: tuple[str, ...]

    def column(self) -> Array:
        """The labels as a column of texts."""
        column = np.empty(len(self.labels), object)
        column[:] = self.labels
        return column

    def notes(self, what: str) -> tuple[str, ...]:
        """What to say about files that were passed over; `what` is "pictures", say."""
        if not self.others:
            return ()
        if len(self.others) == 1:
            return (f"1 file is no {what[:-1]} and was left out: {self.others[0]}.",)
        return (
            f"{len(self.others):,} files are no {what} and were left out, first: {self.others[0]}.",
        )


def class_folders(
    named: Mapping[str, str], folders: Sequence[str | Path], suffixes: Sequence[str], what: str
) -> ClassFolders:
    """What the folders of the parts hold; parts without a path are left out.

    Records stand alike on every machine, as names are compared code point by code point. Names
    that begin with a dot are passed over. A DataError for a folder that is not there, has no
    classes, or a class without a file that ends as `suffixes` say.
    """
    paths: list[str] = []
    labels: list[str] = []
    others: list[str] = []
    parts: dict[str, slice] = {}
    found = {part: find(path, folders, "folder") for part, path in named.items() if path}
    for part, folder in found.items():
        start = len(paths)
        for label in _classes(folder, what):
            wanted, passed = _files(folder / label, suffixes)
            if not wanted:
                raise _empty(folder / label, suffixes, what)
            paths += wanted
            others += passed
            labels += [label] * len(wanted)
        parts[part] = slice(start, len(paths))
    classes = tuple(dict.fromkeys(labels[parts["train"]]))
    place = str(found["train"])
    return ClassFolders(tuple(paths), tuple(labels), parts, classes, place, tuple(others))


def _classes(folder: Path, what: str) -> list[str]:
    """The names of the class folders, sorted."""
    names = sorted(entry.name for entry in _entries(folder) if entry.is_dir())
    if names:
        return names
    raise DataError(
        f"The folder {folder} has no folders below it, one a class.",
        f"Put the {what} into folders named after their classes: {folder / 'cats'}, …",
        str(folder),
    )


def _files(folder: Path, suffixes: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files below a class folder that end as wanted, sorted, and all others."""
    found: list[str] = []
    others: list[str] = []
    for name in sorted(_walked(folder), key=lambda name: name.split(os.sep)):
        wanted = found if name.lower().endswith(tuple(suffixes)) else others
        wanted.append(str(folder / name))
    return found, others


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


def _empty(folder: Path, suffixes: Sequence[str], what: str) -> DataError:
    known = ", ".join(suffixes)
    return DataError(
        f"The class folder {folder} holds no {what} ({known}).",
        f"Put its {what} there, or take the folder away.",
        str(folder),
    )
