"""Steps that look at other records than their own: `Window` and `Ahead`.

Their arrays are a series, [M, …], one entry a record in order. Behind a window there are fewer
entries than records; a `Reach` tells which record an entry belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from .steps import Fixed, Step
from .table import Array


class Window(Fixed):
    """The values of `size` records, the last of them a record's own; of a text, `size` tokens
    from a place on."""

    def __init__(self, size: int) -> None:
        self.size = size

    def apply(self, array: Array) -> Array:
        """[M, …] as [M - size + 1, size, …], a view: nothing is copied."""
        view = np.lib.stride_tricks.sliding_window_view(array, self.size, axis=0)
        return np.moveaxis(view, -1, 1)

    def view(self, tensor: Tensor) -> Tensor:
        """The same of a tensor, and a view too."""
        return tensor.unfold(0, self.size, 1).movedim(-1, 1)

    def inverse(self, array: Array) -> Array:
        """[N, size, …] as the values one below the other, [N * size, …]."""
        return array.reshape(-1, *array.shape[2:])


class Ahead(Fixed):
    """What stands there `count` records, or tokens, later."""

    def __init__(self, count: int) -> None:
        self.count = count

    def apply(self, array: Array) -> Array:
        """The same values: only the record that they belong to is another."""
        return array

    def inverse(self, array: Array) -> Array:
        return array


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a record looks: from `first` to `last`, counted from its own place in the series.

    Entry i of a series that was reached so belongs to record i - first.
    """

    first: int = 0
    last: int = 0

    def then(self, step: Step, of_text: bool) -> Reach:
        """The reach behind one more step."""
        if isinstance(step, Ahead):
            return Reach(self.first + step.count, self.last + step.count)
        if isinstance(step, Window):
            more = step.size - 1
            return (
                Reach(self.first, self.last + more)
                if of_text
                else Reach(self.first - more, self.last)
            )
        return self

    @property
    def length(self) -> int:
        """Of how many entries of the series one value is made."""
        return self.last - self.first + 1


def reach(steps: Sequence[Step], of_text: bool) -> Reach:
    """How far a field with these steps looks."""
    found = Reach()
    for step in steps:
        found = found.then(step, of_text)
    return found


def looked_at(reaches: Sequence[Reach]) -> Reach:
    """All that a record looks at, in any field."""
    return Reach(min(each.first for each in reaches), max(each.last for each in reaches))
