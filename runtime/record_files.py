"""Files of records, one or one for each part, as one table that is read column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Protocol, Self, TypeVar

import numpy as np

from .csv_files import PARTS, same_columns
from .errors import DataError
from .table import Array, Table, find


class RecordFile(Protocol):
    """One file: its columns by name, each read when it is asked for.

    `written` gives a column as texts, as they stand in the file; `notes` say what was left out.
    """

    @property
    def path(self) -> Path: ...

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def __len__(self) -> int: ...

    def column(self, name: str) -> Array: ...

    def written(self, name: str) -> Array: ...

    def where(self, row: int) -> str: ...


@dataclass(frozen=True)
class InFiles:
    """What sources of files have in common: one path, or one for each of the parts."""

    path: str = ""
    train: str = ""
    validation: str = ""
    test: str = ""

    def alone(self, path: str | Path) -> Self:
        """The same source of one file."""
        return replace(self, path=str(path), train="", validation="", test="")


def table_of(
    source: InFiles, folders: Sequence[str | Path], opened: Callable[[Path], RecordFile]
) -> Table:
    """The records of the files that a source names, parts one after the other."""
    named = {part: path for part in PARTS if (path := getattr(source, part))}
    files = [opened(find(path, folders)) for path in named.values() or [source.path]]
    for other in files[1:]:
        same_columns(files[0], other)
    ends = list(accumulate(map(len, files)))
    starts = [0, *ends]

    def where(row: int) -> str:
        place = next(place for place, end in enumerate(ends) if row < end)
        return files[place].where(row - starts[place])

    return Table(
        Columns(files[0].names, lambda name: _joined(name, files)),
        " and ".join(str(file.path) for file in files),
        where,
        {part: slice(*both) for part, *both in zip(named, starts, ends, strict=False)},
        lambda name: np.concatenate([file.written(name) for file in files]),
        tuple(note for file in files for note in file.notes),
        count=ends[-1],
    )


class Columns(Mapping[str, Array]):
    """Columns by name, in their order, each made once and not before it is asked for."""

    def __init__(self, names: Sequence[str], read: Callable[[str], Array]) -> None:
        self.names = dict.fromkeys(names)
        self.read = read
        self.made: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self.made:
            if name not in self.names:
                raise KeyError(name)
            self.made[name] = self.read(name)
        return self.made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


File = TypeVar("File", bound=RecordFile)


def _joined(name: str, files: Sequence[RecordFile]) -> Array:
    """A column of all parts: texts where one of them has texts."""
    columns = [file.column(name) for file in files]
    for file, column in zip(files, columns, strict=True):
        if column.shape[1:] != columns[0].shape[1:]:
            raise DataError(
                f"The column `{name}` has records of {_shape(columns[0])} in {files[0].path}, and "
                f"of {_shape(column)} in {file.path}.",
                "Give all parts records of one shape.",
                str(file.path),
            )
    kinds = {column.dtype == object for column in columns}
    if len(kinds) > 1 and columns[0].ndim == 1:
        columns = [file.written(name) for file in files]
    return np.concatenate(columns) if len(columns) > 1 else columns[0]


def _shape(column: Array) -> str:
    return f"{'x'.join(map(str, column.shape[1:]))} values" if column.ndim > 1 else "one value"
