"""What a person hands over for predictions: files, folders and lines as raw records."""

from __future__ import annotations

import gzip
import json
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .csv_files import Csv
from .dataset import Dataset
from .errors import DataError
from .forecasts import origins
from .given import Given
from .other_inputs import TABLES, hears, sound, table_records
from .pictures import SUFFIXES
from .sounds import SUFFIXES as SOUNDS
from .table import Table
from .text_files import SUFFIXES as TEXTS
from .text_files import TextFolder, read_text

__all__ = ["Given", "given"]

KINDS = (
    "a .csv, .jsonl, .npz, .parquet or .txt file, pictures, sounds or texts, a folder of them, or "
    "- for JSON lines"
)


def given(inputs: Sequence[str], data: Dataset, fields: Sequence[str]) -> Iterator[Given]:
    """The records of all inputs, one after another, for the fields that feed the model.

    The fields are fitted already. A DataError for an input that is not there, holds nothing, or
    cannot be read; what came before it has been given by then.
    """
    for each in inputs:
        count = 0
        records = origins(_records(each, data, fields), data, fields, _named(each))
        for count, record in enumerate(records, 1):  # noqa: B007
            yield record
        if count == 0:
            place = _named(each)
            raise DataError(f"There are no records in {place}.", "Give one at least.", place)


def _named(text: str) -> str:
    return "standard input" if text == "-" else text


def _records(text: str, data: Dataset, fields: Sequence[str]) -> Iterator[Given]:
    if text == "-":
        yield from _json_lines(_lines(sys.stdin.buffer, "standard input"), text, data, fields)
        return
    path = Path(text)
    if path.is_dir():
        yield from _folder(path, data, fields)
        return
    if not path.is_file():
        raise DataError(f"There is no file `{text}`.", f"Give {KINDS}.", text)
    match path.name.lower().removesuffix(".gz").rpartition(".")[2]:
        case "csv" | "tsv" | "data":
            yield from _table(path, data, fields)
        case "txt" if _reads_files(data, fields):
            yield _text(path, "", data, fields)
        case "txt":
            yield from _text_lines(path, data, fields)
        case suffix if suffix in TABLES:
            yield from table_records(path, suffix, _columns(data, fields))
        case suffix if f".{suffix}" in SOUNDS:
            yield sound(path, path.name, data)
        case suffix if f".{suffix}" in SUFFIXES:
            yield _picture(path, path.name, data)
        case _:
            with _opened(path) as file:
                yield from _json_lines(_lines(file, text), text, data, fields)


def _folder(folder: Path, data: Dataset, fields: Sequence[str]) -> Iterator[Given]:
    """The pictures, sounds or texts below a folder, in the order of their paths."""
    if _reads_files(data, fields):
        yield from _texts(folder, data, fields)
        return
    what, read = ("sound", sound) if hears(data) else ("picture", _picture)
    suffixes = SOUNDS if hears(data) else SUFFIXES
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in suffixes]
    if not paths:
        raise DataError(f"The folder {folder} holds no {what}.", f"Give {KINDS}.", str(folder))
    for path in sorted(paths):
        yield read(path, str(path.relative_to(folder)), data)


def _texts(folder: Path, data: Dataset, fields: Sequence[str]) -> Iterator[Given]:
    paths = [path for path in folder.rglob("*") if path.name.lower().endswith(TEXTS)]
    if not paths:
        raise DataError(f"The folder {folder} holds no text.", f"Give {KINDS}.", str(folder))
    for path in sorted(paths):
        yield _text(path, str(path.relative_to(folder)), data, fields)


def _text(path: Path, name: str, data: Dataset, fields: Sequence[str]) -> Given:
    (column,) = _columns(data, fields)
    return Given([(column, read_text(path))], lambda: str(path), name)


def _reads_files(data: Dataset, fields: Sequence[str]) -> bool:
    """Whether a file of text is one record, as it is where the data comes from."""
    of_text = any(data.fields[field].of_text for field in fields)
    return (of_text or isinstance(data.source, TextFolder)) and _columns(data, fields) == ["text"]


def _picture(path: Path, name: str, data: Dataset) -> Given:
    (record,) = data.read_images(data.image_field(), [path])
    return Given(record.items(), lambda: str(path), name)


def _table(path: Path, data: Dataset, fields: Sequence[str]) -> Iterator[Given]:
    table = _cut(path, data, fields)
    # As written: "007" in a column of texts is no 7.
    columns = {name: table.texts(name).tolist() for name in table.columns}
    for row, values in enumerate(zip(*columns.values(), strict=True)):
        yield Given(
            zip(columns, values, strict=True),
            lambda row=row: table.where(row),  # type: ignore[misc]
        )


def _cut(path: Path, data: Dataset, fields: Sequence[str]) -> Table:
    """A text table, cut and named as the source's own; where it has no header, the columns that
    only targets are made of may be left out.
    """
    own = data.source if isinstance(data.source, Csv) else Csv()
    own = own.alone(os.path.abspath(path))
    needed = _columns(data, fields)
    if own.names is not None:
        targets = {*_columns(data, data.fields)} - {*needed}
        fewer = replace(own, names=tuple(name for name in own.names if name not in targets))
        try:
            return own.read([])
        except DataError:
            try:
                return fewer.read([])
            except DataError:
                pass
            raise
    table = own.read([])
    absent = any(name not in table.columns for name in needed)
    if absent and not own.header and len(table.columns) == len(needed):
        return replace(own, names=tuple(sorted(needed, key=int))).read([])
    return table


def _columns(data: Dataset, fields: Iterable[str]) -> list[str]:
    """The raw columns that fields are made of, each once."""
    names = (name for field in fields for name in data.fields[field].selection.names())
    return list(dict.fromkeys(names))


def _reads_text(data: Dataset, fields: Iterable[str]) -> bool:
    return any(data.fields[field].take is Table.texts for field in fields)


def _text_lines(path: Path, data: Dataset, fields: Sequence[str]) -> Iterator[Given]:
    columns = _columns(data, fields)
    if len(columns) != 1 or not _reads_text(data, fields):
        listed = ", ".join(f"`{name}`" for name in columns)
        raise DataError(
            f"Lines of text are records where the one raw column is text; here it is made of "
            f"{listed}.",
            "Give the records as JSON lines or CSV, keyed by raw column.",
            str(path),
        )
    with _opened(path) as file:
        for number, line in _lines(file, str(path)):
            yield Given([(columns[0], line)], _line_of(number, str(path)))


def _json_lines(
    lines: Iterable[tuple[int, str]], text: str, data: Dataset, fields: Sequence[str]
) -> Iterator[Given]:
    """One record a line: an object, or the bare value where there is one raw column."""
    place = _named(text)
    columns = _columns(data, fields)
    texts = _reads_text(data, fields)
    for number, line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) and len(columns) == 1:
            if texts:
                record = {columns[0]: record if isinstance(record, str) else line}
            elif isinstance(record, int | float | list):
                record = {columns[0]: record}
        if not isinstance(record, dict):
            raise DataError(
                f"Line {number} of {place} is no JSON object.",
                'Write one object a line, keyed by raw column: {"x": 7}',
                place,
            )
        yield Given(record.items(), _line_of(number, place))


def _line_of(number: int, place: str) -> Callable[[], str]:
    return lambda: f"line {number} of {place}"


def _opened(path: Path) -> Any:
    """The file's bytes, unpacked where they are gzipped."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")


def _lines(file: Iterable[bytes], place: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, each with its number."""
    number = 0
    try:
        for number, line in enumerate(file, 1):
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
            if text.strip():
                yield number, text
    except UnicodeDecodeError as why:
        raise DataError(
            f"Line {number} of {place} is not UTF-8 text.", f"Give {KINDS}, as UTF-8.", place
        ) from why
    except (OSError, EOFError, zlib.error) as why:
        raise DataError(
            f"{place} cannot be read: {why}.", "Replace the file with an undamaged copy.", place
        ) from why
