"""Predictions from what looks at other records: one for each place that has all it looks at.

Somebody hands over a series, record by record, or each window as one record by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from .errors import DataError
from .fields import Field
from .given import Given
from .records import Record, raw_values
from .sequences import looked_at
from .table import Array
from .texts import rows
from .unrolling import pieces, unrolled

if TYPE_CHECKING:
    from .dataset import Dataset


class Course:
    """The records of one input in order, or one long text; each field goes over them once."""

    def __init__(self, records: Sequence[Given]) -> None:
        self.records = records
        self._views: dict[str, Tensor] = {}

    def view(self, name: str, field: Field, missing: Sequence[str]) -> Tensor:
        """[M, *shape]: the field at the places of the series, from the first that has it on."""
        if name not in self._views:
            self._views[name] = _view(name, field, self.records, missing)
        return self._views[name]


class Origin(Given):
    """A place of a series that a prediction starts from, and the record that stands there."""

    def __init__(self, course: Course, at: int) -> None:
        record = course.records[min(at, len(course.records) - 1)]  # one, of a text
        super().__init__(record.items(), record.where, record.name)
        self.course = course
        self.at = at


def origins(
    records: Iterator[Given], data: Dataset, fields: Sequence[str], place: str
) -> Iterator[Given]:
    """The records that a prediction is made for, where some of the `fields` look at others.

    Of a series it is each place that has all that they look at; of a text the windows lie side by
    side as where a split is measured, and one ends where the text does. A DataError for too few.
    """
    looking = {name: data.fields[name] for name in fields if data.fields[name].looks}
    every = list(records) if looking else []
    if not every:
        yield from records
        return
    length = looked_at([field.reach for field in looking.values()]).length
    if any(field.of_text for field in looking.values()):
        apart = min(field.reach.length for field in data.fields.values())
        for record in every:
            yield from _of_text(record, looking, length, apart)
    elif any(_is_window(every[0], name, field) for name, field in looking.items()):
        yield from every
    else:
        yield from _of_records(every, looking, length, place)


def _of_records(
    records: Sequence[Given], looking: Mapping[str, Field], length: int, place: str
) -> Iterator[Given]:
    reach = looked_at([field.reach for field in looking.values()])
    found = range(-min(0, reach.first), len(records) - max(0, reach.last))
    if not found:
        raise DataError(
            f"A prediction looks at {length} records in a row, and {place} has {len(records)}.",
            "Give as many at least, in their order.",
            place,
        )
    course = Course(records)
    left = len(records) - len(found)
    if left:
        print(
            f"note: {left} of {len(records):,} records of {place} have no prediction: one looks "
            f"at {length} in a row.",
            file=sys.stderr,
        )
    yield from (Origin(course, at) for at in found)


def _of_text(
    record: Given, looking: Mapping[str, Field], length: int, apart: int
) -> Iterator[Given]:
    course = Course([record])
    name, field = next(iter(looking.items()))
    count = sum(map(len, pieces(field, _texts(name, field, [record]))))
    if count < length:
        raise DataError(
            f"A prediction looks at {length} tokens in a row, and the text of {record.place} has "
            f"{count}.",
            "Give a longer text.",
            record.place,
        )
    reach = looked_at([field.reach for field in looking.values()])
    first, last = -reach.first, count - 1 - reach.last
    for at in dict.fromkeys([*range(first, last + 1, apart), last]):
        yield Origin(course, at)


def encoded_windows(
    name: str,
    field: Field,
    records: Sequence[Record],
    missing: Sequence[str],
    folders: Sequence[str | Path] = (),
) -> Tensor:
    """[N, *shape]: what a field that looks at others is for each record.

    Records are places of a series, as `origins` gives them, or have lists of as many values as
    the field looks at, oldest first; of a long text so many tokens. Raises DataError.
    """
    found: list[Tensor] = []
    for course, group in groupby(records, lambda each: getattr(each, "course", None)):
        some = list(group)
        if course is None:
            found.append(_windows(name, field, some, missing, folders))
        else:
            places = torch.tensor([each.at + field.reach.first for each in some])  # type: ignore[attr-defined]
            found.append(course.view(name, field, missing).index_select(0, places))
    return torch.cat(found)


def _windows(
    name: str,
    field: Field,
    records: Sequence[Record],
    missing: Sequence[str],
    folders: Sequence[str | Path],
) -> Tensor:
    """The windows of records that have one each."""
    length = field.reach.length
    spread: list[Record] = []
    for number, record in enumerate(records):
        place = str(getattr(record, "place", f"record {number + 1}"))
        if field.of_text:
            spread.append(record)
            count = sum(map(len, pieces(field, _texts(name, field, [record]))))
            if count != length:
                raise _wrong_length(name, place, count, "tokens", length)
            continue
        columns = {
            column: _listed(record[column], field, length)
            for column in _columns(record, name, field)
            if column in record
        }
        for values in columns.values():
            if len(values) != length:
                raise _wrong_length(name, place, len(values), "values", length)
        for at in range(length):
            items = ((column, values[at]) for column, values in columns.items())
            spread.append(Given(items, lambda place=place: place))  # type: ignore[misc]
    return _view(name, field, spread, missing, folders)[::length]


def _view(
    name: str,
    field: Field,
    records: Sequence[Record],
    missing: Sequence[str],
    folders: Sequence[str | Path] = (),
) -> Tensor:
    if field.of_text:
        values = np.concatenate(pieces(field, _texts(name, field, records)))
        where = str(getattr(records[0], "place", "the text"))
        return unrolled(name, field, values, lambda place: where, None, where).on("cpu")
    values, told = raw_values(name, field, records, missing, folders)
    return unrolled(name, field, values, told, None, "the records").on("cpu")


def _texts(name: str, field: Field, records: Sequence[Record]) -> Array:
    """The long text of each record, spaces around it too."""
    texts = []
    for number, record in enumerate(records):
        (column,) = _columns(record, name, field)
        if not isinstance(record.get(column), str):
            place = str(getattr(record, "place", f"record {number + 1}"))
            raise DataError(
                f"`{column}` of {place} is no text.", f'Give one: {{"{column}": "Once upon …"}}'
            )
        texts.append(record[column])
    return rows(texts)


def _columns(record: Record, name: str, field: Field) -> list[str]:
    """The raw columns of a record, or the field's own name, as which it may be given whole."""
    columns = field.selection.names()
    whole = name in record and not all(column in record for column in columns)
    return [name] if whole else columns


def _is_window(record: Record, name: str, field: Field) -> bool:
    """Whether a record has all that a field looks at, not only what stands at its own place."""
    columns = _columns(record, name, field)
    return columns == [name] != field.selection.names() or any(
        _depth(record[column]) > _own_depth(field, column == name)
        for column in columns
        if column in record
    )


def _own_depth(field: Field, whole: bool) -> int:
    """How deep lists are in one record of a series."""
    return len(field.raw_shape) if whole or not field.selection.joined else 0


def _depth(value: object) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list | tuple) and value else 0


def _listed(value: Any, field: Field, length: int) -> Sequence[Any]:
    """The values of a window; what looks at one place alone may be that value itself."""
    alone = length == 1 and _depth(value) <= (0 if field.selection.joined else len(field.raw_shape))
    return value if isinstance(value, list | tuple) and not alone else [value]


def _wrong_length(name: str, place: str, count: int, what: str, length: int) -> DataError:
    return DataError(
        f"`{name}` looks at {length} {what} in a row, and {place} has {count}.",
        "Give as many, the oldest first, as one list; or, to `dlc predict`, the whole series.",
        place,
    )
