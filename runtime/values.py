"""Columns of any values: those of JSON and of Python, single ones or arrays, and numpy's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import DataError
from .table import Array, Where, mixed_column, texts

Written = Callable[[], Array]


def column_of(values: Sequence[object], name: str, place: str, where: Where) -> Array:
    """One value a record as a column: numbers, texts, or arrays of one shape; None is a hole.

    Arrays are f64 [N, …], or as numpy has them where every record brings one of numpy's own.
    A DataError for arrays of unlike shapes and for values that are neither.
    """
    if any(isinstance(value, dict) for value in values):
        row = next(row for row, value in enumerate(values) if isinstance(value, dict))
        raise DataError(
            f"The column `{name}` has an object where a value is wanted, in {where(row)}.",
            "Give each of its values a column of its own.",
            place,
        )
    if not any(_is_array(value) for value in values):
        return mixed_column([_plain(value) for value in values], ())
    arrays = [value if value is None else _array(value) for value in values]
    own = _stacked(arrays)
    return own if own is not None else _arrays(values, name, place, where)


def written(values: Sequence[object]) -> Array:
    """One value a record as texts, as they were written; None for holes."""
    return texts([_plain(value) for value in values], ())


def numpy_column(array: Array, name: str, place: str) -> Array:
    """An array [N, …] as a column; a DataError for what are neither numbers nor texts.

    Bytes of several axes stay bytes, texts become those of Python.
    """
    kind = array.dtype.kind
    if kind == "O":
        raise DataError(
            f"The array `{name}` of {place} holds Python objects, no numbers or texts.",
            f"Save it as one kind of numbers, or as texts: {name}=np.array(…, np.float32)",
            place,
        )
    if kind in "US":
        return _texts(array, name, place)
    if kind == "b" or (array.dtype == np.uint8 and array.ndim == 1):
        return array.astype(np.int64 if array.ndim == 1 else np.uint8)
    if kind not in "fiu":
        raise DataError(
            f"The array `{name}` of {place} holds values of the kind {array.dtype}.",
            "Save it as numbers or texts.",
            place,
        )
    if kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float32 if array.dtype.itemsize == 2 else np.float64)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _is_array(value: object) -> bool:
    return isinstance(value, list | tuple) or getattr(value, "ndim", 0) > 0


def _plain(value: Any) -> object:
    """A scalar of numpy or torch as Python's."""
    return value.item() if getattr(value, "ndim", None) == 0 else value


def _array(value: Any) -> Any:
    """Tensors as arrays; anything else as it is."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def _stacked(arrays: Sequence[Any]) -> Array | None:
    """Arrays of numpy's that are all of one kind and shape; otherwise None."""
    first = arrays[0]
    if isinstance(first, np.ndarray) and first.dtype.kind in "fiub":
        kind = first.dtype, first.shape
        if all(
            isinstance(each, np.ndarray) and (each.dtype, each.shape) == kind for each in arrays
        ):
            return np.stack(arrays)
    return None


def _arrays(values: Sequence[object], name: str, place: str, where: Where) -> Array:
    """[N, …] of lists in lists, holes where a value is None."""
    found: dict[int, Array] = {}
    for row, value in enumerate(values):
        if value is None:
            continue
        try:
            found[row] = np.asarray(_array(value), np.float64)
        except (TypeError, ValueError, OverflowError) as why:
            raise DataError(
                f"The column `{name}` has what is no array of numbers in {where(row)}.",
                "Give every record numbers, in lists of equal lengths.",
                place,
            ) from why
    first = next(iter(found))
    shape = found[first].shape
    for row, array in found.items():
        if array.shape != shape:
            raise DataError(
                f"The column `{name}` has {_told(shape)} in {where(first)}, and "
                f"{_told(array.shape)} in {where(row)}.",
                "Give every record an array of one shape.",
                place,
            )
    column = np.full((len(values), *shape), np.nan)
    for row, array in found.items():
        column[row] = array
    return column


def _told(shape: tuple[int, ...]) -> str:
    return f"{'x'.join(map(str, shape))} values" if shape else "one value"


def _texts(array: Array, name: str, place: str) -> Array:
    try:
        plain = np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array
    except UnicodeDecodeError as why:
        raise DataError(
            f"The texts of the array `{name}` of {place} are not UTF-8.",
            "Save them as texts of Python.",
            place,
        ) from why
    return texts(plain.ravel().tolist(), ()).reshape(array.shape)
