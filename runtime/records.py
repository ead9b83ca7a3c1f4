"""Raw records of a prediction, and pictures, as the columns that a field is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from .errors import DataError
from .fields import Field
from .table import Array, Table, choose, mixed_column

Record = Mapping[str, object]


def encoded(name: str, field: Field, records: Sequence[Record], missing: Sequence[str]) -> Tensor:
    """[N, *shape]: raw records through a field's fitted steps, as training did it.

    A record has the field's raw columns by name, or its raw values under the field's own name.
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
            each: _column(each, name, field, shape, records, missing)
            for each in ([name] if whole else names)
        },
        "the records",
        lambda row: f"record {row + 1}",
    )
    if whole:
        raw = table.column(name) if field.texts else table.numbers(name)
    else:
        raw = field.selection.read(table, field.texts)
    return field.finish(name, field.apply(field.checked(name, raw, table)), table.where)


def read_images(name: str, field: Field, paths: Sequence[str | Path]) -> list[Record]:
    """PNG and JPEG files as raw records of a field whose raw column is an image.

    A picture is turned as its camera says, made grey for one channel and RGB for three, and
    stretched to the height and width of the column, bilinear over all pixels that fall into one.
    """
    if not field.raw_image or len(field.raw_shape) != 3 or field.raw_shape[0] not in (1, 3):
        raise DataError(
            f"The field `{name}` is not made of pictures: its records have "
            f"{'x'.join(map(str, field.raw_shape)) or 'one number'}.",
            "Give the records as JSON lines or CSV.",
        )
    column = field.selection.names()[0]
    return [{column: _picture(Path(path), *field.raw_shape)} for path in paths]


def _picture(path: Path, channels: int, height: int, width: int) -> Array:
    from PIL import Image, ImageOps

    if not os.path.isfile(path):
        raise DataError(f"There is no file {path}.", "Check the path.", str(path))
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as file:
            turned = ImageOps.exif_transpose(file)
            if turned.mode.startswith("I"):  # 16 bits, which `convert` would clip at 255
                turned = turned.convert("I").point(lambda value: value * (1 / 257))
            picture = turned.convert("L" if channels == 1 else "RGB")
    # Whatever a damaged file sets off in the decoder: it has no one class of errors.
    except Exception as why:
        raise DataError(
            f"The file {path} cannot be read as PNG or JPEG: {why}.",
            "Replace it with an undamaged picture, saved as PNG or JPEG.",
            str(path),
        ) from why
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    return np.moveaxis(np.array(picture).reshape(height, width, channels), -1, 0)


def _column(
    column: str,
    name: str,
    field: Field,
    shape: tuple[int, ...],
    records: Sequence[Record],
    missing: Sequence[str],
) -> Array:
    for row, record in enumerate(records):
        if column not in record:
            raise _lacks(column, name, field, row, record)
    values = [record[column] for record in records]
    if shape:
        return _arrays(column, values, shape, field.raw_image)
    return mixed_column([_only(value) for value in values], missing)


def _only(value: object) -> object:
    """A list of one number is that number."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _arrays(column: str, values: Sequence[object], shape: tuple[int, ...], image: bool) -> Array:
    """[N, *shape] of nested or flat lists; what training read as bytes must be bytes here."""
    found = np.empty((len(values), *shape), np.uint8 if image else np.float64)
    for row, value in enumerate(values):
        try:
            given = np.asarray(value, np.float64).reshape(shape)
        except (TypeError, ValueError):
            given = None
        if given is not None:
            with np.errstate(invalid="ignore"):
                found[row] = given.astype(found.dtype)
            if not image or (found[row] == given).all():
                continue
        size = "x".join(map(str, shape))
        raise DataError(
            f"`{column}` of record {row + 1} is not what the data was: {size} "
            + ("whole numbers from 0 to 255." if image else "numbers."),
            "Give them as one list, or as lists in lists, unscaled as in the source.",
        )
    return found


def _lacks(column: str, name: str, field: Field, row: int, record: Record) -> DataError:
    names = field.selection.names()
    listed = ", ".join(f"`{each}`" for each in names[:40]) + (", …" if len(names) > 40 else "")
    size = "x".join(map(str, field.raw_shape))
    whole = f", or `{name}` itself with {size} numbers" if field.selection.joined else ""
    return DataError(
        f"Record {row + 1} has no `{column}`. The field `{name}` is made of: {listed}{whole}.",
        choose(column, record),
    )
