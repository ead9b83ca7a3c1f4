"""The source `python`: records that a function gives, in a module that a person allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from .errors import DataError
from .record_files import Columns
from .table import Array, Table
from .values import column_of, numpy_column, written

if TYPE_CHECKING:
    from .download import Progress

Given: TypeAlias = Mapping[str, Any] | Iterable[Mapping[str, Any]]


class Python:
    """What a function gives when it is called without arguments.

    That is a mapping of column names to arrays, tensors or lists of one entry a record, or an
    iterable of records, which are mappings of column names to values: numbers, texts, arrays, or
    lists of numbers. A key that a record lacks is a hole, as None is.
    """

    missing: ClassVar[tuple[str, ...]] = ()

    def __init__(self, function: Callable[[], Given]) -> None:
        self.function = function
        self.place = f"{function.__module__}:{getattr(function, '__qualname__', function)}"

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The columns; a DataError for what the function raises, or gives that is no such thing."""
        try:
            given: Any = self.function()
            if not isinstance(given, Mapping):
                given = list(given)
        except Exception as why:
            raise _raised(self.place, why) from why
        columns = dict(given) if isinstance(given, Mapping) else self._columns(given)
        if not columns:
            raise DataError(f"{self.place} gives no records.", "Let it give some.", self.place)
        sizes = {name: self._size(name, values) for name, values in columns.items()}
        first = next(iter(sizes))
        for name, size in sizes.items():
            if size != sizes[first]:
                raise DataError(
                    f"{self.place} gives {sizes[first]:,} entries of `{first}`, and {size:,} of "
                    f"`{name}`.",
                    "Let every column have one entry a record.",
                    self.place,
                )

        def where(row: int) -> str:
            return f"record {row + 1} of {self.place}"

        def column(name: str) -> Array:
            values = _array(columns[name])
            if isinstance(values, np.ndarray) and values.dtype != object:
                return numpy_column(values, name, self.place)
            return column_of(list(values), name, self.place, where)

        return Table(
            Columns(list(columns), column),
            self.place,
            where,
            written=lambda name: written(list(_array(columns[name]))),
            count=sizes[first],
        )

    def _columns(self, records: Sequence[Any]) -> dict[str, list[Any]]:
        """The columns of records, in the order of their first appearance."""
        columns: dict[str, list[Any]] = {}
        for row, record in enumerate(records):
            if not isinstance(record, Mapping):
                raise DataError(
                    f"{self.place} gives {type(record).__name__} as record {row + 1}, where a "
                    "mapping of columns to values is wanted.",
                    'Let it give records like {"x": 7, "y": "cat"}, or one mapping of columns to '
                    "arrays.",
                    self.place,
                )
            for name, value in record.items():
                if name not in columns:
                    columns[name] = [None] * len(records)
                columns[name][row] = value
        return columns

    def _size(self, name: object, values: Any) -> int:
        sized = not isinstance(values, str | bytes | Mapping)
        try:
            size = len(values) if sized else None
        except TypeError:  # a number, or an array without an axis
            size = None
        if size is None or not isinstance(name, str):
            raise DataError(
                f"{self.place} gives {type(values).__name__} for the column {name!r}, where an "
                "array or a list is wanted.",
                "Let every column have a name and one entry a record.",
                self.place,
            )
        return size


def _array(values: Any) -> Any:
    """Tensors as arrays; anything else as it is."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else values


def _raised(place: str, why: Exception) -> DataError:
    last = extract_tb(why.__traceback__)[-1]
    return DataError(
        f"{place} raised {type(why).__name__}: {why} ({last.filename}:{last.lineno}).",
        "Correct the function.",
        place,
    )
