"""What turns raw columns into what a network reads; some steps learn from the training split.

Arrays are [N, …], one entry a record. Statistics are one a column: one for each index of axis 1
(the columns of a table, the channels of an image), a single one for an array [N]. Arithmetic is
in float64, on images (u8) in float32. NaN is a hole: it is left out of statistics and stays.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .table import Array

State = dict[str, Any]
Learned = TypeVar("Learned")


class Step(Protocol):
    """A step: `fit` on the training split, then `apply`; `inverse` undoes it.

    `state` is ready for JSON, and `restore` takes it back. `learns` tells whether the training
    split must have values.
    """

    @property
    def learns(self) -> bool: ...

    def fit(self, array: Array) -> None: ...

    def apply(self, array: Array) -> Array: ...

    def inverse(self, array: Array) -> Array: ...

    def state(self) -> State: ...

    def restore(self, state: Mapping[str, Any]) -> None: ...


class Scale:
    """Every value times `factor`."""

    learns = False

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def fit(self, array: Array) -> None:
        """Nothing is learned."""

    def apply(self, array: Array) -> Array:
        if array.dtype == np.uint8:  # in one pass, without an array between
            return np.multiply(array, np.float32(self.factor), dtype=np.float32)
        return real(array) * self.factor

    def inverse(self, array: Array) -> Array:
        return real(array) / self.factor

    def state(self) -> State:
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing was learned."""


class _Shifted(ABC):
    """(x - shift) / width, both learned column by column."""

    learns = True
    names: ClassVar[tuple[str, str]]

    def __init__(self) -> None:
        self.shift: Array | None = None
        self.width: Array | None = None

    @abstractmethod
    def _measured(self, values: Array) -> tuple[float, float]:
        """Shift and width of one column's values."""

    def fit(self, array: Array) -> None:
        measured = _by_column(real(array), self._measured)
        self.shift, self.width = measured[..., 0], measured[..., 1]

    def apply(self, array: Array) -> Array:
        array = real(array)
        result: Array = array - _along(_learned(self.shift), array)
        result /= _along(_learned(self.width), array)
        return result

    def inverse(self, array: Array) -> Array:
        array = real(array)
        width, shift = _learned(self.width), _learned(self.shift)
        return array * _along(width, array) + _along(shift, array)

    def state(self) -> State:
        learned = (_learned(self.shift), _learned(self.width))
        return {name: array.tolist() for name, array in zip(self.names, learned, strict=True)}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.shift, self.width = (np.asarray(state[name], np.float64) for name in self.names)


class Standardize(_Shifted):
    """Mean 0 and deviation 1 (of the population); a constant column becomes 0."""

    names = ("mean", "deviation")

    def _measured(self, values: Array) -> tuple[float, float]:
        mean = float(values.mean(dtype=np.float64))
        variance = float(values.var(dtype=np.float64))
        # A variance below its own bound of rounding (Chan, Golub, LeVeque 1983) is that of a
        # constant: dividing by it would blow rounding errors up to 1.
        unit = np.finfo(np.float64).eps * len(values)
        constant = variance <= unit * variance + (unit * mean) ** 2
        return mean, 1.0 if constant else variance**0.5


class Normalize(_Shifted):
    """Least 0 and greatest 1; a constant column becomes 0."""

    names = ("least", "width")

    def _measured(self, values: Array) -> tuple[float, float]:
        least = float(values.min())
        return least, (float(values.max()) - least) or 1.0


class Impute:
    """Holes become the column's "mean", "median" or "most_frequent" value, or a number.

    Of several most frequent values it is the least. There is nothing to undo.
    """

    def __init__(self, value: str | float) -> None:
        self.value = value
        self.learns = isinstance(value, str)
        self.filling: Array | None = None if isinstance(value, str) else np.array(float(value))

    def fit(self, array: Array) -> None:
        if isinstance(self.value, str):
            self.filling = _by_column(real(array), TYPICAL[self.value])

    def apply(self, array: Array) -> Array:
        array = real(array)
        filling = _learned(self.filling)
        return np.where(np.isnan(array), _along(filling, array), array)

    def inverse(self, array: Array) -> Array:
        return array

    def state(self) -> State:
        return {"filling": _learned(self.filling).tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.filling = np.asarray(state["filling"], np.float64)


class Reshape:
    """As many values a record in another shape."""

    learns = False

    def __init__(self, *shape: int) -> None:
        self.shape = shape
        self.before: tuple[int, ...] | None = None

    def fit(self, array: Array) -> None:
        self.before = array.shape[1:]

    def apply(self, array: Array) -> Array:
        return reshaped(array, self.shape)

    def inverse(self, array: Array) -> Array:
        return array.reshape(-1, *_learned(self.before))

    def state(self) -> State:
        return {"before": list(_learned(self.before))}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.before = tuple(state["before"])


def real(array: Array) -> Array:
    """The values as floats: images in float32, all else in float64."""
    single = array.dtype in (np.uint8, np.float32)
    return array.astype(np.float32 if single else np.float64, copy=False)


def reshaped(array: Array, shape: tuple[int, ...]) -> Array:
    """[N, …] as [N, *shape]; a DataError where a record has more or fewer values."""
    have, want = (int(np.prod(sizes)) for sizes in (array.shape[1:], shape))
    if have == want:
        return array.reshape(len(array), *shape)
    raise DataError(
        f"A record has {have} values, and the shape {list(shape)} takes {want}.",
        "Declare another shape, or take other columns.",
    )


def _most_frequent(values: Array) -> float:
    found, counts = np.unique(values, return_counts=True)
    return float(found[counts.argmax()])


TYPICAL: Mapping[str, Callable[[Array], float]] = {
    "mean": lambda values: float(values.mean(dtype=np.float64)),
    "median": lambda values: float(np.median(values)),
    "most_frequent": _most_frequent,
}


def _by_column(
    array: Array, measure: Callable[[Array], float | tuple[float, float]]
) -> NDArray[np.float64]:
    """What `measure` makes of each column's values without holes: [K, …], of [N] without K."""
    if array.ndim == 1:
        return np.array(measure(_present(array)), np.float64)
    columns = (array[:, index].ravel() for index in range(array.shape[1]))
    return np.array([measure(_present(column)) for column in columns], np.float64)


def _present(values: Array) -> Array:
    holes = np.isnan(values)
    return values[~holes] if holes.any() else values


def _along(learned: Array, array: Array) -> Array:
    """What was learned, one a column, in the precision of `array` and as its axes want it."""
    trailing = (1,) * (array.ndim - 2) if learned.ndim else ()
    return learned.reshape(learned.shape + trailing).astype(array.dtype)


def _learned(value: Learned | None) -> Learned:
    if value is None:
        raise DataError(
            "A data step has learned nothing yet.",
            "Load the data first, or restore what was saved with the weights.",
        )
    return value
