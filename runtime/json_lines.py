"""The source `json_lines`: one object a line, gzipped or not, its keys the columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .csv_files import unpacked
from .errors import DataError
from .record_files import InFiles, table_of
from .table import Array, Table
from .values import column_of, written

if TYPE_CHECKING:
    from .download import Progress

LONGEST = 18  # digits of whole numbers that stay whole; longer ones are read as floats


@dataclass(frozen=True)
class JsonLines(InFiles):
    """One JSON object a line: its keys are columns, a key that a line lacks is a hole, as null is.

    Values are numbers, texts, True and False (1 and 0), or lists of numbers in lists, of one shape
    in all records. `on_error="skip"` leaves lines out that hold no object.
    """

    on_error: str = "stop"
    missing: ClassVar[tuple[str, ...]] = ()

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The columns of the first such file that the folders have, parts one after the other."""
        return table_of(self, folders, lambda path: _Lines(path, self.on_error == "skip"))


class _Lines:
    """One file: an object for each line that is not blank, and the number of that line."""

    def __init__(self, path: Path, skip: bool) -> None:
        self.path = path
        self.rows: list[dict[str, Any]] = []
        self.lines: list[int] = []
        skipped: list[int] = []
        for number, line in enumerate(_text(path).split("\n"), 1):
            if not line.strip():
                continue
            record = parsed(line)
            if record is not None:
                self.rows.append(record)
                self.lines.append(number)
            elif skip:
                skipped.append(number)
            else:
                raise _no_object(path, number)
        self.names = list(dict.fromkeys(name for row in self.rows for name in row))
        self.notes = _notes(path, skipped)
        if not self.rows:
            raise DataError(f"The file {path} holds no records.", "Name a file that has some.")

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Array:
        return column_of(self._values(name), name, str(self.path), self.where)

    def written(self, name: str) -> Array:
        return written(self._values(name))

    def where(self, row: int) -> str:
        return f"line {self.lines[row]} of {self.path}"

    def _values(self, name: str) -> list[object]:
        return [row.get(name) for row in self.rows]


def parsed(line: str) -> dict[str, Any] | None:
    """The object that a line of JSON holds; None where it holds something else."""
    try:
        found = json.loads(line, parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST else float(digits)


def _text(path: Path) -> str:
    import zlib

    content = b""
    try:
        content = unpacked(path)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        line = content.count(b"\n", 0, why.start) + 1
        raise DataError(
            f"The file {path} is not UTF-8 text: see line {line}.",
            "Save the file as UTF-8.",
            str(path),
        ) from why
    except (OSError, EOFError, zlib.error) as why:
        raise DataError(
            f"The file {path} cannot be read: {why}.",
            "Replace the file with an undamaged copy.",
            str(path),
        ) from why


def _no_object(path: Path, line: int) -> DataError:
    return DataError(
        f"Line {line} of {path} is no JSON object.",
        'Write one object a line, its keys the columns: {"x": 7, "y": "cat"}. `on_error = skip` '
        "leaves other lines out.",
        str(path),
    )


def _notes(path: Path, skipped: Sequence[int]) -> tuple[str, ...]:
    if not skipped:
        return ()
    lines = "1 line" if len(skipped) == 1 else f"{len(skipped):,} lines"
    return (f"{lines} of {path} without a JSON object left out, the first is line {skipped[0]}.",)
