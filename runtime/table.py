"""Raw columns by name, before any step, and where the files that hold them are found."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .errors import DataError

if TYPE_CHECKING:
    from .pictures import Pictures
    from .sounds import Sounds

Array: TypeAlias = NDArray[Any]
Where: TypeAlias = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Table:
    """Raw columns, all with as many records.

    Numbers are f64[N] with NaN for holes (i64 where a source has none), texts are object arrays
    of str with None for holes, images u8[N, C, H, W]. `parts` are the source's own splits,
    `place` is the file or folder read, and `where` tells a record by its number for messages.
    `written` gives a column of numbers as the texts that the source has, and `notes` are
    sentences about what was left out. `pictures` are columns of files that are read later,
    `sounds` those that may be of any length; `classes` are the labels that the source itself has
    in a column, in order. `count` is how many records there are, where columns are read only when
    they are asked for.
    """

    columns: Mapping[str, Array]
    place: str
    where: Where
    parts: Mapping[str, slice] = field(default_factory=dict)
    written: Callable[[str], Array] | None = None
    notes: tuple[str, ...] = ()
    pictures: Mapping[str, "Pictures"] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sounds: Mapping[str, "Sounds"] = field(default_factory=dict)
    count: int | None = None

    def __len__(self) -> int:
        if self.count is not None:
            return self.count
        return max(map(len, self.columns.values()), default=0)

    def column(self, name: str) -> Array:
        """The column of that name; a DataError that names the nearest where there is none."""
        if name in self.columns:
            return self.columns[name]
        if name in self.pictures:
            raise DataError(
                f"The column `{name}` of {self.place} holds pictures, no numbers or texts.",
                f"Declare the field as a picture: `f32[3, 64, 64] = {name} -> resize(64, 64)`",
                self.place,
            )
        if name in self.sounds:
            raise DataError(
                f"The column `{name}` of {self.place} holds sounds, no numbers or texts.",
                f"Declare the field as a sound: `f32[8000] = {name} -> pad(8000)`",
                self.place,
            )
        known = [*self.columns, *self.pictures, *self.sounds]
        raise DataError(
            f"There is no column `{name}` in {self.place}.", choose(name, known), self.place
        )

    def numbers(self, name: str) -> Array:
        """The column of that name; a DataError that quotes the first text where it has any."""
        column = self.column(name)
        if column.dtype == object:
            for row, value in enumerate(column.ravel().tolist()):
                if value is not None and number(value) is None:
                    raise self.text_among_numbers(name, value, row)
        return column

    def texts(self, name: str) -> Array:
        """The column of that name as texts, as they were written; None for holes."""
        column = self.column(name)
        if column.ndim > 1:
            raise DataError(
                f"The column `{name}` has {'x'.join(map(str, column.shape[1:]))} values a record "
                f"where a text is wanted, in {self.place}.",
                "Take another column, or leave out the step that wants text.",
                self.place,
            )
        if column.dtype == object:
            return column
        return self.written(name) if self.written else texts(column.tolist(), ())

    def text_among_numbers(self, name: str, value: object, row: int) -> DataError:
        """What to say of the first text in a column that a field wants as numbers."""
        return DataError(
            f"The column `{name}` has the text {str(value)!r} where a number is wanted, in "
            f"{self.where(row)}.",
            f'If it stands for a missing value, write csv(…, missing=["", "NA", "{value}"]); '
            "if the column holds names, write `-> categories(…) -> one_hot`, or declare the field "
            "as `class(…)`.",
            self.place,
        )


def number(cell: object) -> float | None:
    """The number that a cell holds, None for other text; Python's `1_000` is none."""
    try:
        return _number(cell)
    except (TypeError, ValueError, OverflowError):
        return None


def text_column(cells: Sequence[str], missing: Sequence[str]) -> Array:
    """Cells of a file as a column: f64 where all that are not missing are numbers, else texts."""
    # What most columns are is tried first: it takes a third of the time.
    if "_" not in "".join(cells) and all(number(marker) is None for marker in missing):
        try:
            return np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            pass
    return mixed_column(cells, missing)


def mixed_column(values: Sequence[object], missing: Sequence[str]) -> Array:
    """Values of any kind as a column, by the rule of `text_column`; None is a hole too."""
    markers = set(missing)
    cells = [value.strip() if isinstance(value, str) else value for value in values]
    cells = [None if isinstance(cell, str) and cell in markers else cell for cell in cells]
    try:
        numbers = (np.nan if cell is None else _number(cell) for cell in cells)
        return np.fromiter(numbers, np.float64, len(cells))
    except (TypeError, ValueError, OverflowError):
        column = np.empty(len(cells), object)
        column[:] = [None if cell is None else str(cell) for cell in cells]
        return column


def texts(values: Sequence[object], missing: Sequence[str]) -> Array:
    """Values of any kind as texts without spaces around them; None for holes."""
    markers = set(missing)
    column = np.empty(len(values), object)
    for row, value in enumerate(values):
        if isinstance(value, str):
            cell = value.strip()
            column[row] = None if cell in markers else cell
        elif value is not None and value == value:
            column[row] = label(value)
    return column


def label(value: object) -> str:
    """The text of a label: one for `3`, `3.0` and `"3.0"`."""
    as_number = number(value)
    if as_number is None or not as_number.is_integer():
        return str(value)
    return str(int(as_number))


def _number(cell: Any) -> float:
    if isinstance(cell, str) and "_" in cell:
        raise ValueError
    return float(cell)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    import difflib

    return next(iter(difflib.get_close_matches(name, list(names), 1)), None)


def choose(name: str, names: Iterable[str]) -> str:
    """What to write instead of a name that there is not."""
    every = list(names)
    near = nearest(name, every)
    listed = ", ".join(f"`{each}`" for each in every[:40]) + (", …" if len(every) > 40 else "")
    return (f"Did you mean `{near}`? " if near else "") + f"There are: {listed}."


def searched(folders: Sequence[str | Path]) -> list[Path]:
    """The folders to look in: those given, the working directory, and DLC_DATA_DIR."""
    own = os.environ.get("DLC_DATA_DIR")
    every = [*folders, os.curdir, *([own] if own else [])]
    return list(dict.fromkeys(Path(os.path.abspath(os.path.expanduser(f))) for f in every))


def find(path: str, folders: Sequence[str | Path], what: str = "file") -> Path:
    """The file (or "folder") that a spec names: absolute, or in the first of `folders` with it.

    Only regular files count. A DataError names each place that was tried.
    """
    given = os.path.expanduser(path)
    places = [folder / given for folder in searched(folders)]
    if os.path.isabs(given):
        places = [Path(given)]
    is_there = os.path.isfile if what == "file" else os.path.isdir
    for place in places:
        if is_there(place):
            return place
    other = f": not a {'regular file' if what == 'file' else what}"
    listed = "\n".join(f"  {place}" + (other if os.path.exists(place) else "") for place in places)
    raise DataError(
        f"The {what} {path} is not there. These places were tried:\n{listed}",
        f"Put the {what} at {places[0]}, or name the folder that has it: --data FOLDER, or "
        "export DLC_DATA_DIR=FOLDER",
        str(places[0]),
    )
