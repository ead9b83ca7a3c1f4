"""Tables in text files, gzipped or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .errors import DataError
from .table import Table, choose, find, text_column, texts

if TYPE_CHECKING:
    from .download import Progress

PARTS = ("train", "validation", "test")
LARGEST_UNPACKED = 1 << 30  # bytes; what unpacks to more may have been made to fill the memory

Row = list[str]


@dataclass(frozen=True)
class Csv:
    """A table in a text file, gzipped or not; or one file for each of the parts that are named.

    `names` are the columns' names for a file that has no header row; with `header=False` alone
    they are "0", "1", …. A column is numeric if all its cells but those in `missing` are
    numbers; spaces around cells do not count. `on_error="skip"` leaves rows of another width out.
    """

    path: str = ""
    header: bool = True
    names: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ("", "NA")
    separator: str = ","
    train: str = ""
    validation: str = ""
    test: str = ""
    on_error: str = "stop"

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The columns of the first such file that the folders have, parts one after the other."""
        parts = {part: path for part in PARTS if (path := getattr(self, part))}
        files = [self._file(find(path, folders)) for path in parts.values() or [self.path]]
        for other in files[1:]:
            same_columns(files[0], other)

        def cells(name: str) -> Row:
            return [cell for file in files for cell in file.column(name)]

        ends = list(accumulate(map(len, files)))
        starts = [0, *ends]
        return Table(
            {name: text_column(cells(name), self.missing) for name in files[0].names},
            " and ".join(str(file.path) for file in files),
            lambda row: self._where(files, row),
            {part: slice(*both) for part, *both in zip(parts, starts, ends, strict=False)},
            lambda name: texts(cells(name), self.missing),
            tuple(note for file in files for note in file.notes),
        )

    def alone(self, path: str | Path) -> Csv:
        """One file that is cut and read as this one's, any fault of it an error."""
        return replace(
            self, path=str(path), train="", validation="", test="", on_error=Csv.on_error
        )

    def _file(self, path: Path) -> _File:
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
        skipped = []
        # Rows kept as lists would set off the garbage collector again and again.
        for row, line in rows:
            if len(row) == width:
                cells += row
            elif self.on_error == "skip":
                skipped.append(line)
            else:
                raise self._wrong_width(path, line, len(row), width)
        if not cells:
            raise _fault(path, "holds no records", "Name a file that has some.")
        if len(set(names)) < width:
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise _fault(
                path,
                f"has two columns named {twice!r}",
                "Rename one of them in the first line.",
            )
        return _File(path, names, cells, _notes(path, width, skipped))

    def _rows(self, path: Path) -> Iterator[tuple[Row, int]]:
        """Rows that are not blank, each with the number of its last line, from 1 on."""
        import csv
        import zlib
        from io import StringIO

        if len(self.separator) != 1:
            raise _fault(
                path,
                f"cannot be cut at {self.separator!r}",
                'A separator is one character: csv(…, separator=";")',
            )
        content = b""
        try:
            content = unpacked(path)
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as why:
            line = content.count(b"\n", 0, why.start) + 1
            raise _fault(
                path, f"is not UTF-8 text: see line {line}", "Save the file as UTF-8."
            ) from why
        except (OSError, EOFError, zlib.error) as why:
            raise _fault(
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
            raise _fault(
                path, f"has a fault in line {reader.line_num}: {why}", "Correct the line."
            ) from why

    def _where(self, files: Sequence[_File], row: int) -> str:
        """The file and the line of a record."""
        for file in files:
            if row < len(file):
                break
            row -= len(file)
        # A quoted cell may hold line breaks, so that only reading again tells the line.
        rows = self._rows(file.path)
        if self.header and self.names is None:
            next(rows)
        lines = (line for cells, line in rows if len(cells) == len(file.names))
        return f"line {next(islice(lines, row, None))} of {file.path}"

    def _wrong_width(self, path: Path, line: int, count: int, width: int) -> DataError:
        return _fault(
            path,
            f"has {count} {'cell' if count == 1 else 'cells'} in line {line}, and {width} "
            f"{'column' if width == 1 else 'columns'}",
            "Correct the line; or say what parts the cells: "
            'csv(…, separator=";"), and put cells that hold it in quotes. `on_error = skip` leaves '
            "such lines out.",
        )


@dataclass(frozen=True)
class _File:
    """One text table: its columns' names, and its cells row by row."""

    path: Path
    names: tuple[str, ...]
    cells: Row
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.cells) // len(self.names)

    def column(self, name: str) -> Row:
        return self.cells[self.names.index(name) :: len(self.names)]


def _notes(path: Path, width: int, skipped: Sequence[int]) -> tuple[str, ...]:
    if not skipped:
        return ()
    rows = "1 row" if len(skipped) == 1 else f"{len(skipped):,} rows"
    return (
        f"{rows} of {path} without its {width} cells left out, the first in line {skipped[0]}.",
    )


class Named(Protocol):
    """A file of columns."""

    @property
    def path(self) -> Path: ...

    @property
    def names(self) -> Sequence[str]: ...


def same_columns(first: Named, other: Named) -> None:
    """Raise a DataError where two parts of a source do not have the same columns."""
    for one, two in ((first, other), (other, first)):
        for name in one.names:
            if name not in two.names:
                raise DataError(
                    f"{one.path} has the column `{name}`, and {two.path} does not.",
                    f"Parts of a source have the same columns. {choose(name, two.names)}",
                    str(two.path),
                )


def unpacked(path: Path) -> bytes:
    """The content of a file, unpacked where it is gzipped; a DataError where that has no end."""
    import gzip

    with open(path, "rb") as file:
        if file.read(2) != b"\x1f\x8b":
            file.seek(0)
            return file.read()
    with gzip.open(path) as packed:
        content = packed.read(LARGEST_UNPACKED + 1)
    if len(content) > LARGEST_UNPACKED:
        raise _fault(
            path,
            f"unpacks to more than {LARGEST_UNPACKED >> 20:,} MiB",
            "If that is what it should hold, unpack it, and name the unpacked file.",
        )
    return content


def _fault(path: Path, fault: str, help: str) -> DataError:
    return DataError(f"The file {path} {fault}.", help, str(path))
