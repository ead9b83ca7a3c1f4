"""Where examples come from: a table in a text file, MNIST, or the spec itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from .errors import DataError
from .table import Array, Table, find, searched, text_column

if TYPE_CHECKING:
    from .download import Progress

Row = list[str]


class Source(Protocol):
    """What a data block reads from; `missing` are the texts that stand for a hole."""

    @property
    def missing(self) -> tuple[str, ...]: ...

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """All raw columns; a DataError where they are not to be had."""


@dataclass(frozen=True)
class Csv:
    """A table in a text file, gzipped or not.

    `names` are the columns' names for a file that has no header row; with `header=False` alone
    they are "0", "1", …. A column is numeric if all its cells but those in `missing` are
    numbers; spaces around cells do not count.
    """

    path: str
    header: bool = True
    names: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ("", "NA")
    separator: str = ","

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The columns of the first such file that the folders have."""
        path = find(self.path, folders)
        rows = self._rows(path)
        names = self.names
        cells: list[str] = []
        if names is None:
            first, _ = next(rows, ([], 0))
            names = tuple(cell.strip() for cell in first)
            if not self.header:
                names = tuple(map(str, range(len(first))))
                cells += first
        width = len(names)
        # Rows kept as lists would set off the garbage collector again and again.
        for row, line in rows:
            if len(row) != width:
                raise self._wrong_width(path, line, len(row), width)
            cells += row
        if not cells:
            raise self._fault(path, "holds no records", "Name a file that has some.")
        if len(set(names)) < width:
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise self._fault(
                path,
                f"has two columns named {twice!r}",
                "Rename one of them in the first line.",
            )
        columns = {
            name: text_column(cells[place::width], self.missing) for place, name in enumerate(names)
        }
        above = int(self.header and self.names is None)
        return Table(
            columns, str(path), lambda row: f"line {self._line(path, row + above)} of {path}"
        )

    def _rows(self, path: Path) -> Iterator[tuple[Row, int]]:
        """Rows that are not blank, each with the number of its last line, from 1 on."""
        import csv
        import gzip
        import zlib
        from io import StringIO

        if len(self.separator) != 1:
            raise self._fault(
                path,
                f"cannot be cut at {self.separator!r}",
                'A separator is one character: csv(…, separator=";")',
            )
        try:
            content = path.read_bytes()
            if content.startswith(b"\x1f\x8b"):
                content = gzip.decompress(content)
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as why:
            line = content.count(b"\n", 0, why.start) + 1
            raise self._fault(
                path, f"is not UTF-8 text: see line {line}", "Save the file as UTF-8."
            ) from why
        except (OSError, EOFError, zlib.error) as why:
            raise self._fault(
                path, f"cannot be read: {why}", "Replace the file with an undamaged copy."
            ) from why
        reader = csv.reader(
            StringIO(text, newline=""),
            delimiter=self.separator,
            skipinitialspace=self.separator != " ",
            strict=True,  # otherwise a quote that is never closed swallows the rest of the file
        )
        try:
            for row in reader:
                if row:
                    yield row, reader.line_num
        except csv.Error as why:
            raise self._fault(
                path, f"has a fault in line {reader.line_num}: {why}", "Correct the line."
            ) from why

    def _line(self, path: Path, row: int) -> int:
        # A quoted cell may hold line breaks, so that only reading again tells the line.
        return next(line for i, (_, line) in enumerate(self._rows(path)) if i == row)

    def _wrong_width(self, path: Path, line: int, count: int, width: int) -> DataError:
        return self._fault(
            path,
            f"has {count} cells in line {line}, and {width} columns",
            "Correct the line; or say what parts the cells: "
            'csv(…, separator=";"), and put cells that hold it in quotes.',
        )

    def _fault(self, path: Path, fault: str, help: str) -> DataError:
        return DataError(f"The file {path} {fault}.", help, str(path))


@dataclass(frozen=True)
class Mnist:
    """60,000 handwritten digits to train on and 10,000 to test on: `image` u8, `label` i64."""

    path: str | None = None
    missing: ClassVar[tuple[str, ...]] = ("",)

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """Both parts, training first, as found on this machine or downloaded."""
        from .mnist import load_mnist

        both = load_mnist(self.path, searched(folders), progress)
        images = np.concatenate([both.train_images, both.test_images])
        labels = np.concatenate([both.train_labels, both.test_labels])
        count = len(both.train_labels)
        return Table(
            {"image": images[:, None], "label": labels.astype(np.int64)},
            both.place,
            lambda row: f"record {row + 1} of {both.place}",
            {"train": slice(0, count), "test": slice(count, len(labels))},
        )


class Literal:
    """Data that stands in the spec itself: one sequence a column, nested ones for arrays."""

    missing: ClassVar[tuple[str, ...]] = ("",)

    def __init__(self, /, **columns: Sequence[Any]) -> None:
        self.columns: Mapping[str, Sequence[Any]] = columns

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The columns as arrays."""
        columns = {name: _literal(name, values) for name, values in self.columns.items()}
        sizes = {name: len(column) for name, column in columns.items()}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"`{name}` has {size}" for name, size in sizes.items())
            raise DataError(
                f"The columns of the spec have unequal lengths: {listed}.",
                "Give each column one value a record.",
            )
        return Table(columns, "the spec", lambda row: f"record {row + 1} of the spec")


def _literal(name: str, values: Sequence[Any]) -> Array:
    try:
        column = np.asarray(values)
    except ValueError as why:  # numpy's word for lists of unequal lengths
        raise DataError(
            f"The values of `{name}` in the spec have unequal shapes.",
            "Give each record as many values.",
        ) from why
    if column.dtype.kind in "UO":
        given = np.array(values, object)
        holes_alone = all(value is None or not isinstance(value, str) for value in given.flat)
        return given.astype(np.float64) if holes_alone else _texts(given)
    return column if column.dtype.kind == "i" else column.astype(np.float64)


def _texts(given: Array) -> Array:
    texts = np.empty(given.size, object)
    texts[:] = [None if value is None else str(value) for value in given.flat]
    return texts.reshape(given.shape)
