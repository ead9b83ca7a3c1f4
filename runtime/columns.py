"""The raw side of a field: which columns it is made of, and their values before any step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

import numpy as np

from .errors import DataError
from .steps import real
from .table import Array, Table, choose

Formula: TypeAlias = Callable[[Mapping[str, Array]], Array]
Take: TypeAlias = Callable[[Table, str], Array]


@dataclass(frozen=True, slots=True)
class Columns:
    """Several columns of a table, by their places or by a pattern of their names."""

    first: int = 0
    last: int = 0  # exclusive
    pattern: str = ""

    def names(self, table: Table) -> list[str]:
        """The columns in the table's order; a DataError where there are not as many."""
        names = list(table.columns)
        if self.pattern:
            found = [name for name in names if fnmatchcase(name, self.pattern)]
            if found:
                return found
            fault = f"No column of {table.place} is named like `{self.pattern}`."
            raise DataError(fault, choose(self.pattern, names), table.place)
        if self.last > len(names):
            raise DataError(
                f"{table.place} has {len(names)} columns, and columns({self.first}, {self.last}) "
                f"takes those up to number {self.last - 1}, counted from 0.",
                f"Write columns({self.first}, {len(names)}), or name another file.",
                table.place,
            )
        return names[self.first : self.last]


def columns(first: int | str, last: int = 0) -> Columns:
    """`columns(0, 64)`: the first 64 columns; `columns("pixel_*")`: those named so."""
    return Columns(pattern=first) if isinstance(first, str) else Columns(first, last)


Each: TypeAlias = str | Formula | Columns
Raw: TypeAlias = Each | Sequence["Raw"]


class Selection:
    """A field's raw columns: one, a formula over some, or several along a new last axis."""

    def __init__(self, raw: Raw) -> None:
        self.joined = isinstance(raw, Columns | list | tuple)
        self.raws = list(_each(raw))
        self.parts: list[str | Formula] = []  # the raws without patterns, once a table is known

    @property
    def column(self) -> str:
        """The raw column of a field that is made of one alone, as it is; else nothing."""
        only = self.raws[0]
        return only if isinstance(only, str) and not self.joined else ""

    def resolve(self, table: Table) -> None:
        """Find the columns that places and patterns mean."""
        self.parts = list(self._resolved(table))

    def read(self, table: Table, take: Take) -> Array:
        """The values, [N, …], joined ones [N, K], as `take` reads a column: `Table.numbers` …

        Formulas take whole columns; division by zero gives an infinity, or a hole for 0 / 0.
        """
        values = [self._values(part, table, take) for part in self.parts]
        return np.column_stack(values) if self.joined else values[0]

    def names(self) -> list[str]:
        """The columns of the table that are needed, each once."""
        noted = _Noted()
        for part in self.parts:
            if isinstance(part, str):
                noted[part]
            else:
                part(noted)
        return list(noted)

    def told(self, place: int) -> str:
        """What the value at a place in each record comes from, for the start of a sentence."""
        part = self.parts[place if self.joined else 0]
        if isinstance(part, str):
            return f"The column `{part}`"
        noted = _Noted()
        part(noted)
        return f"The formula over {' and '.join(f'`{name}`' for name in noted)}"

    def state(self) -> list[str | None]:
        """The names of the parts, None for a formula."""
        return [part if isinstance(part, str) else None for part in self.parts]

    def restore(self, state: Sequence[str | None]) -> None:
        """Take back what `state` gave."""
        formulas = (raw for raw in self.raws if callable(raw))
        self.parts = [next(formulas) if name is None else name for name in state]

    def _resolved(self, table: Table) -> Iterator[str | Formula]:
        for raw in self.raws:
            if isinstance(raw, Columns):
                yield from raw.names(table)
            else:
                yield raw

    def _values(self, part: str | Formula, table: Table, take: Take) -> Array:
        if isinstance(part, str):
            return take(table, part)
        with np.errstate(all="ignore"):
            found = np.asarray(part(_Numbers(table)))
        return np.full(len(table), found) if found.ndim == 0 else found


def _each(raw: Raw) -> Iterator[Each]:
    if isinstance(raw, list | tuple):
        for inner in raw:
            yield from _each(inner)
    else:
        yield raw  # type: ignore[misc]  # the only sequences here are lists and tuples


class _Numbers(dict[str, Array]):
    """What a formula sees: the columns that it asks for, as floats."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __missing__(self, name: str) -> Array:
        return real(self.table.numbers(name))


class _Noted(dict[str, Array]):
    """Names that a formula asks for."""

    def __missing__(self, name: str) -> Array:
        self[name] = np.ones(1)
        return self[name]
