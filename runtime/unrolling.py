"""A field over a whole series: its steps once for each place, and windows as views of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .fields import LOOKING, Field
from .sequences import Reach, Window
from .steps import Reshape, Step, reshaped
from .table import Array, Where
from .texts import Characters, Vocabulary, Words
from .tokens import Tokenize

# The entries of a series [M, …], reached so far, that training sees.
Learnable: TypeAlias = Callable[[Reach], NDArray[np.int64]]
CUTTING = Words | Characters | Tokenize


@dataclass(frozen=True, slots=True)
class Unrolled:
    """A field of a series: the values that it is made of, and the windows still to be taken.

    Entry i of the view belongs to the place i - first of the series.
    """

    values: Tensor
    windows: tuple[Window, ...]
    shape: tuple[int, ...]
    first: int

    def on(self, device: torch.device | str) -> Tensor:
        """[M, *shape] on a device; windows are views of the values."""
        view = self.values.to(device)
        for window in self.windows:
            view = window.view(view)
        try:
            return view.view(len(view), *self.shape)
        except RuntimeError:  # windows of windows in another shape
            return view.reshape(len(view), *self.shape)


def pieces(field: Field, texts: Array) -> list[Array]:
    """What a field of one long text has as its places: the pieces [T] of each text."""
    for step in field.steps:
        if isinstance(step, CUTTING):
            return [step.pieces(text) for text in texts.tolist()]
        texts = step.apply(texts)
    raise AssertionError("no step cuts the text")


def unrolled(
    name: str, field: Field, values: Array, where: Where, learnable: Learnable | None, place: str
) -> Unrolled:
    """The values [T, …] of a series, or the pieces [T] of a long text, through the field's steps.

    They learn from the entries that are `learnable`; nothing where that is None. `where` tells a
    place of the series, `place` is what messages call the data.
    """
    start = 0
    if field.of_text:
        start = 1 + next(at for at, step in enumerate(field.steps) if isinstance(step, CUTTING))
    elif learnable is not None:
        field.begin(values, values[learnable(Reach())], place)
    late = _late(field.steps)
    here = Reach()

    def told(entry: int) -> str:
        return where(entry - here.first)

    with field.told(told):
        for step in field.steps[start:late]:
            seen = values[learnable(here)] if learnable is not None and step.learns else values[:1]
            if field.of_text and isinstance(step, Vocabulary):
                if learnable is not None:
                    step.fit_pieces(seen)
                values = step.apply_pieces(values)
            else:
                if learnable is not None:
                    step.fit(seen)
                values = step.apply(values)
            here = here.then(step, field.of_text)
    tensor = field.finish(name, values, told, values.shape[1:])
    shape = _shaped(field.steps[late:], values.shape[1:], learnable is not None)
    _entry(shape, field.shape)
    if learnable is not None:
        field.stepped, field.ready = shape, True
    windows = tuple(step for step in field.steps[late:] if isinstance(step, Window))
    return Unrolled(tensor, windows, field.shape, field.reach.first)


def _late(steps: tuple[Step, ...]) -> int:
    """From where on steps only look and reshape: that far values are made once a place."""
    late = len(steps)
    for at in reversed(range(len(steps))):
        if isinstance(steps[at], LOOKING):
            late = at
        elif not isinstance(steps[at], Reshape):
            break
    return late


def _shaped(steps: tuple[Step, ...], shape: tuple[int, ...], learning: bool) -> tuple[int, ...]:
    """The shape of an entry behind the steps."""
    for step in steps:
        if isinstance(step, Window):
            shape = (step.size, *shape)
        elif isinstance(step, Reshape):
            entry = _entry(shape, step.shape)
            if learning:
                step.fit(np.broadcast_to(0.0, (1, *shape)))
            shape = entry.shape[1:]
    return shape


def _entry(shape: tuple[int, ...], wanted: tuple[int, ...]) -> Array:
    """An entry in another shape; a DataError where it has more or fewer values."""
    return reshaped(np.broadcast_to(0.0, (1, *shape)), wanted)
