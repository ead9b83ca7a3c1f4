"""Raw records of a prediction, and pictures, as the columns that a field is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from .errors import DataError
from .fields import Field
from .pictures import PictureFault, decode, unreadable
from .table import Array, Table, Where, choose, find, mixed_column, texts

Record = Mapping[str, object]


def encoded(
    name: str,
    field: Field,
    records: Sequence[Record],
    missing: Sequence[str],
    folders: Sequence[str | Path] = (),
) -> Tensor:
    """[N, *shape]: raw records through a field's fitted steps, as training did it."""
    raw, where = raw_values(name, field, records, missing, folders)
    return field.finish(name, field.apply(raw, where), where)


def raw_values(
    name: str,
    field: Field,
    records: Sequence[Record],
    missing: Sequence[str],
    folders: Sequence[str | Path] = (),
) -> tuple[Array, Where]:
    """[N, …]: what a field is made of before any step, and what tells a record in messages.

    A record has the field's raw columns by name, or its raw values under the field's own name;
    of a picture also the path of its file, which is looked for in `folders`.
    """
    if not field.ready:
        raise DataError(
            f"The field `{name}` is used before its steps have learned.",
            "Load the data first, or restore what was saved with the weights.",
        )
    names = field.selection.names()
    first = records[0] if records else {}
    whole = name in first and not all(each in first for each in names)
    shape = field.raw_shape if whole or not field.selection.joined else ()
    table = Table(
        {
            each: _column(each, name, field, shape, records, missing, folders)
            for each in ([name] if whole else names)
        },
        "the records",
        lambda row: _place(records[row], row),
    )
    raw = field.take(table, name) if whole else field.selection.read(table, field.take)
    return field.checked(name, raw, table), table.where


def read_images(name: str, field: Field, paths: Sequence[str | Path]) -> list[Record]:
    """Picture files as raw records of a field whose raw column is an image.

    They are decoded as those of training are, at the height and width of the column.
    """
    if not field.raw_image or len(field.raw_shape) != 3 or field.raw_shape[0] not in (1, 3):
        raise DataError(
            f"The field `{name}` is not made of pictures: its records have "
            f"{'x'.join(map(str, field.raw_shape)) or 'one number'}.",
            "Give the records as JSON lines or CSV.",
        )
    column = field.selection.names()[0]
    channels, height, width = field.raw_shape
    records: list[Record] = []
    for path in paths:
        if not os.path.isfile(path):
            raise DataError(f"There is no file {path}.", "Check the path.", str(path))
        try:
            records.append({column: decode(path, channels, (height, width))})
        except PictureFault as fault:
            raise unreadable(path, fault, "Replace it with an undamaged picture.") from fault
    return records


def _column(
    column: str,
    name: str,
    field: Field,
    shape: tuple[int, ...],
    records: Sequence[Record],
    missing: Sequence[str],
    folders: Sequence[str | Path],
) -> Array:
    for row, record in enumerate(records):
        if column not in record:
            raise _lacks(column, name, field, row, record)
    values = [record[column] for record in records]
    if field.raw_image:
        values = [_picture(each, name, field, folders) for each in values]
    if field.rate is not None:
        values = [_sound(each, field, folders) for each in values]
    if shape:
        return _arrays(column, values, shape, field, records)
    single = [_only(value) for value in values]
    return texts(single, missing) if field.take is Table.texts else mixed_column(single, missing)


def _place(record: Record, row: int) -> str:
    """Where a record stands, if it knows, as those of files do."""
    return str(getattr(record, "place", f"record {row + 1}"))


def _picture(value: object, name: str, field: Field, folders: Sequence[str | Path]) -> object:
    """The picture that a path names; anything else as it is."""
    if not isinstance(value, str):
        return value
    (record,) = read_images(name, field, [find(value, folders)])
    return next(iter(record.values()))


def _sound(value: object, field: Field, folders: Sequence[str | Path]) -> object:
    """The sound that a path or a list of samples is, at the rate and length of training."""
    from .sounds import heard, padded

    assert field.rate is not None
    if isinstance(value, str):
        return heard(find(value, folders), field.rate, field.pad)
    if field.pad is None or not isinstance(value, list | tuple):
        return value
    return padded(np.asarray(value, np.float32).ravel(), field.pad)


def _only(value: object) -> object:
    """A list of one number is that number."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _arrays(
    column: str,
    values: Sequence[object],
    shape: tuple[int, ...],
    field: Field,
    records: Sequence[Record],
) -> Array:
    """[N, *shape] of nested or flat lists; what training read as bytes must be bytes here."""
    image = field.raw_image
    kind = np.uint8 if image else np.float32 if field.raw_single else np.float64
    found: Array = np.empty((len(values), *shape), kind)
    for row, value in enumerate(values):
        try:
            given = np.asarray(value, np.float64).reshape(shape)
        except (TypeError, ValueError):
            given = None
        if given is not None:
            with np.errstate(invalid="ignore", over="ignore"):
                found[row] = given.astype(found.dtype)
            if not image or (found[row] == given).all():
                continue
        size = "x".join(map(str, shape))
        raise DataError(
            f"`{column}` of {_place(records[row], row)} is not what the data was: {size} "
            + ("whole numbers from 0 to 255." if image else "numbers."),
            "Give them as one list, or as lists in lists, unscaled as in the source.",
        )
    return found


def _lacks(column: str, name: str, field: Field, row: int, record: Record) -> DataError:
    names = field.selection.names()
    listed = ", ".join(f"`{each}`" for each in names[:40]) + (", …" if len(names) > 40 else "")
    size = "x".join(map(str, field.raw_shape))
    whole = f", or `{name}` itself with {size} numbers" if field.selection.joined else ""
    place = _place(record, row)
    return DataError(
        f"{place[0].upper()}{place[1:]} has no `{column}`. "
        f"The field `{name}` is made of: {listed}{whole}.",
        choose(column, record),
    )
