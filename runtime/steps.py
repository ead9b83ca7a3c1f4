"""What turns raw columns into what a network reads; some steps learn from the training split.

Arrays are [N, …], one entry a record. Statistics are one a column: one for each index of axis 1
(the columns of a table, the channels of an image), a single one for an array [N]. Arithmetic is
in float64, on images (u8) in float32. NaN is a hole: it is left out of statistics and stays.
"""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .table import Array, label

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


class Fixed:
    """A step that learns nothing."""

    learns = False

    def fit(self, array: Array) -> None:
        """Nothing is learned."""

    def state(self) -> State:
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing was learned."""


class Scale(Fixed):
    """Every value times `factor`."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def apply(self, array: Array) -> Array:
        if array.dtype == np.uint8:  # in one pass, without an array between
            return np.multiply(array, np.float32(self.factor), dtype=np.float32)
        return real(array) * self.factor

    def inverse(self, array: Array) -> Array:
        return real(array) / self.factor


class Shifted(ABC):
    """(x - shift) / width, both learned column by column."""

    learns = True
    names: ClassVar[tuple[str, str]]

    def __init__(self) -> None:
        self.shift: Array | None = None
        self.width: Array | None = None

    @abstractmethod
    def _measured(self, values: Array) -> tuple[float, float]:
        """Shift and width of one column's values."""

    @abstractmethod
    def _counted(self, values: Array, counts: Array) -> tuple[float, float]:
        """The same for values [V] that come so often each."""

    def fit_counted(self, values: Array, counts: Array) -> None:
        """As `fit` where column c has the values[:, c], each as often as counts[:, c] says."""
        columns = zip(values.T.astype(np.float64), counts.T, strict=True)
        measured = np.array([self._counted(*column) for column in columns])
        self.shift, self.width = measured[:, 0], measured[:, 1]

    def fit(self, array: Array) -> None:
        measured = _by_column(real(array), self._measured)
        self.shift, self.width = measured[..., 0], measured[..., 1]

    def apply(self, array: Array) -> Array:
        array = real(array)
        result: Array = array - _along(known(self.shift), array)
        result /= _along(known(self.width), array)
        return result

    def inverse(self, array: Array) -> Array:
        array = real(array)
        width, shift = known(self.width), known(self.shift)
        return array * _along(width, array) + _along(shift, array)

    def state(self) -> State:
        learned = (known(self.shift), known(self.width))
        return {name: array.tolist() for name, array in zip(self.names, learned, strict=True)}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.shift, self.width = (np.asarray(state[name], np.float64) for name in self.names)


class Standardize(Shifted):
    """Mean 0 and deviation 1 (of the population); a constant column becomes 0."""

    names = ("mean", "deviation")

    def _measured(self, values: Array) -> tuple[float, float]:
        mean = float(values.mean(dtype=np.float64))
        return mean, _deviation(mean, float(values.var(dtype=np.float64)), len(values))

    def _counted(self, values: Array, counts: Array) -> tuple[float, float]:
        count = int(counts.sum())
        mean = float(counts @ values) / count
        return mean, _deviation(mean, float(counts @ (values - mean) ** 2) / count, count)


class Normalize(Shifted):
    """Least 0 and greatest 1; a constant column becomes 0."""

    names = ("least", "width")

    def _measured(self, values: Array) -> tuple[float, float]:
        least = float(values.min())
        return least, (float(values.max()) - least) or 1.0

    def _counted(self, values: Array, counts: Array) -> tuple[float, float]:
        return self._measured(values[counts > 0])


class Impute:
    """Holes become the column's "mean", "median" or "most_frequent" value, a number or a text.

    Of several most frequent values it is the least. There is nothing to undo.
    """

    def __init__(self, value: str | float) -> None:
        self.value = value
        self.learns = value in TYPICAL
        self.filling: Array | None = None if self.learns else _filling(value)

    def fit(self, array: Array) -> None:
        if not self.learns:
            return
        assert isinstance(self.value, str)
        if array.dtype != object:
            self.filling = _by_column(real(array), TYPICAL[self.value])
        elif self.value == "most_frequent":
            self.filling = _filling(_most_frequent_text(array))
        else:
            raise DataError(
                f"There is no {self.value} of texts.",
                'Write `-> impute(most_frequent)`, or a text: `-> impute("unknown")`.',
            )

    def apply(self, array: Array) -> Array:
        filling = known(self.filling)
        if array.dtype == object:
            text = label(filling.item())
            return np.where(array == np.array(None), np.array(text, object), array)
        if filling.dtype == object:
            raise DataError(
                f"Holes among numbers cannot become the text {filling.item()!r}.",
                "Fill them with a number: `-> impute(0)`, or `-> impute(median)`.",
            )
        array = real(array)
        return np.where(np.isnan(array), _along(filling, array), array)

    def inverse(self, array: Array) -> Array:
        return array

    def state(self) -> State:
        return {"filling": known(self.filling).tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.filling = _filling(state["filling"])


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
        return array.reshape(-1, *known(self.before))

    def state(self) -> State:
        return {"before": list(known(self.before))}

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


def same_order(array: Array, shape: tuple[int, ...], column: str) -> None:
    """A DataError where [N, …] as [N, *shape] would give values the places of others.

    Only axes of one may come and go.
    """
    have, want = ([size for size in each if size != 1] for each in (array.shape[1:], shape))
    if have == want or math.prod(have) != math.prod(want):
        return
    told, declared = ("x".join(map(str, each)) for each in (array.shape[1:], shape))
    raise DataError(
        f"A record of the column `{column}` has the shape {told}, and {declared} is declared.",
        f"Declare {told}; or, if the values stand in that order, write "
        f"`-> reshape({', '.join(map(str, shape))})`.",
    )


def _most_frequent(values: Array) -> float:
    found, counts = np.unique(values, return_counts=True)
    return float(found[counts.argmax()])


TYPICAL: Mapping[str, Callable[[Array], float]] = {
    "mean": lambda values: float(values.mean(dtype=np.float64)),
    "median": lambda values: float(np.median(values)),
    "most_frequent": _most_frequent,
}


def _most_frequent_text(array: Array) -> str:
    counts: Counter[str] = Counter(value for value in array.ravel().tolist() if value is not None)
    return min(counts, key=lambda text: (-counts[text], text))


def _filling(value: object) -> Array:
    return np.array(value, object if isinstance(value, str) else np.float64)


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


def _deviation(mean: float, variance: float, count: int) -> float:
    """The deviation of so many values, 1 for a constant."""
    # A variance below its own bound of rounding (Chan, Golub, LeVeque 1983) is that of a
    # constant: dividing by it would blow rounding errors up to 1.
    unit = np.finfo(np.float64).eps * count
    constant = variance <= unit * variance + (unit * mean) ** 2
    return 1.0 if constant else variance**0.5


def _along(learned: Array, array: Array) -> Array:
    """What was learned, one a column, in the precision of `array` and as its axes want it."""
    trailing = (1,) * (array.ndim - 2) if learned.ndim else ()
    return learned.reshape(learned.shape + trailing).astype(array.dtype)


def known(value: Learned | None) -> Learned:
    """What a step has learned; a DataError before it has."""
    if value is None:
        raise DataError(
            "A data step has learned nothing yet.",
            "Load the data first, or restore what was saved with the weights.",
        )
    return value
