"""Raw records of a prediction in files of arrays, in Parquet files, and as sounds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from .dataset import Dataset
from .errors import DataError
from .given import Given
from .sources import Source
from .table import Table

TABLES = ("npz", "parquet")


def table_records(path: Path, kind: str, columns: Sequence[str]) -> Iterator[Given]:
    """The records of a table, with those of the columns that it has."""
    table = _reader(path, kind).read([])
    found = {name: _values(table, name) for name in columns if name in table.columns}
    for row in range(len(table)):
        yield Given(
            [(name, values[row]) for name, values in found.items()],
            lambda row=row: table.where(row),  # type: ignore[misc]
        )


def _reader(path: Path, kind: str) -> Source:
    whole = os.path.abspath(path)
    if kind == "npz":
        from .npz import Npz

        return Npz(whole)
    from .parquet import Parquet

    return Parquet(whole)


def _values(table: Table, name: str) -> Sequence[object]:
    """Arrays as they are, single values as they were written: "007" among texts is no 7."""
    column = table.columns[name]
    return column if column.ndim > 1 else table.texts(name).tolist()  # type: ignore[return-value]


def sound(path: Path, name: str, data: Dataset) -> Given:
    """A sound file as a record of the first field that is made of sounds."""
    return Given([(sound_column(data), os.path.abspath(path))], lambda: str(path), name)


def hears(data: Dataset) -> bool:
    """Whether a field of the data is made of sounds."""
    return any(field.rate is not None for field in data.fields.values())


def sound_column(data: Dataset) -> str:
    """The raw column of the first field that is made of sounds; a DataError where there is none."""
    for field in data.fields.values():
        if field.rate is not None:
            return field.selection.names()[0]
    listed = ", ".join(f"`{name}`" for name in data.fields)
    raise DataError(
        f"No field of this data block is made of sounds; it has {listed}.",
        "Give the records as JSON lines or CSV.",
    )
