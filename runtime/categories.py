"""Steps that turn names into numbers: `Categories`, and `OneHot` behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .errors import DataError
from .steps import Fixed, State, known
from .table import Array, choose, label, number


class Unseen(DataError):
    """A value that is none of the categories; `row` is its record, `value` what it has."""

    def __init__(self, row: int, value: str, names: Sequence[str], where: str = "") -> None:
        super().__init__(
            f"`{value}` in {where or f'record {row + 1}'} is none of the categories.",
            choose(value, names),
        )
        self.row = row
        self.value = value
        self.names = names

    def __reduce__(self) -> tuple[Any, ...]:
        return Unseen, (self.row, self.value, self.names)


class Categories:
    """The number of each name, in the order given; without names those of the training split.

    What is learned is sorted, numbers by their value. `count` is how many there must be.
    """

    def __init__(self, *names: str, count: int | None = None) -> None:
        self.learns = not names
        self.count = count
        self.names: tuple[str, ...] | None = None
        self.codes: Mapping[str, int] = {}
        if names:
            self._take(names)

    def fit(self, array: Array) -> None:
        if not self.learns:
            return
        found = sorted({label(value) for value in array.ravel().tolist()}, key=_rank)
        if self.count is not None and len(found) != self.count:
            listed = ", ".join(f'"{name}"' for name in found[:20])
            more = ", …" if len(found) > 20 else ""
            raise DataError(
                f"The training split has {len(found)} categories, and the field declares "
                f"{self.count}: {listed}{more}.",
                f"Declare {len(found)}, or name all that there can be: "
                f"`-> categories({listed}{more})`.",
            )
        self._take(found)

    def apply(self, array: Array) -> Array:
        """Numbers of the shape that comes; raises Unseen for a name that there is not."""
        names, codes = known(self.names), self.codes
        values = array.ravel().tolist()
        numbers = np.array([codes.get(label(value), -1) for value in values], np.int64)
        if (numbers < 0).any():
            place = int((numbers < 0).argmax())
            raise Unseen(place * len(array) // len(numbers), label(values[place]), names)
        return numbers.reshape(array.shape)

    def inverse(self, array: Array) -> Array:
        """The names."""
        return np.array(known(self.names), object)[array.astype(np.int64)]

    def state(self) -> State:
        return {"names": list(known(self.names))}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._take(state["names"])

    def _take(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.codes = {label(name): code for code, name in enumerate(self.names)}


class OneHot(Fixed):
    """Numbers below `num_classes` as rows of zeros with a one in their place."""

    def __init__(self, num_classes: int) -> None:
        self.num_classes = num_classes

    def apply(self, array: Array) -> Array:
        return np.eye(self.num_classes, dtype=np.float32)[_places(array, self.num_classes)]

    def inverse(self, array: Array) -> Array:
        """The places of the greatest values."""
        places: Array = array.argmax(-1)
        return places


def _places(array: Array, count: int) -> Array:
    """Whole numbers below `count`; raises Unseen for another value."""
    with np.errstate(invalid="ignore"):
        places = array.astype(np.int64)
    good = (places == array) & (places >= 0) & (places < count)
    if not good.all():
        place = int((~good).argmax())
        value = label(array.ravel().tolist()[place])
        names = [str(name) for name in range(count)]
        raise Unseen(place * len(array) // good.size, value, names)
    return places


def _rank(name: str) -> tuple[bool, float, str]:
    value = number(name)
    if value is None or value != value:
        return True, 0.0, name
    return False, value, name
