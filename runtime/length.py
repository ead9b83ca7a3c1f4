"""How long a training is, and where in it a run stands: epochs, or a number of batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from itertools import islice
from math import ceil
from typing import Generic, TypeVar

__all__ = ["Length"]

Batch = TypeVar("Batch")


class Length:
    """A training of `epochs`, or of `steps` batches, whatever epoch they end in.

    `done` counts the batches of the whole training, `last` is the number of the last batch of
    this epoch, or 0 where that is not known.
    """

    def __init__(self, epochs: int = 0, steps: int = 0) -> None:
        self.epochs = epochs
        self.steps = steps
        self.done = 0
        self.last = 0

    def over(self, epoch: int) -> bool:
        """Whether nothing comes after this epoch."""
        return self.done >= self.steps if self.steps else epoch >= self.epochs

    def enter(self, batches: Iterable[Batch], epoch: int, before: int) -> Iterable[Batch]:
        """The batches of an epoch that are still to be trained, without those `before` them."""
        self.last = len(batches) if isinstance(batches, Sized) else 0
        if before:
            batches = _without(batches, before)
        if not self.steps:
            return batches
        left = before + self.steps - self.done
        if self.last:
            self.epochs = epoch - 1 + ceil(left / self.last)
        self.last = min(self.last, left)
        return _First(batches, left - before)

    def completes(self, batches: int, batch: int, every: int = 1, count: int = 0) -> bool:
        """Whether the gradients of so many batches are together with those of this `batch`.

        They also are where none of the epoch is left. Of a step that runs at the first of all
        batches and each `every`-th after it, only these count; `count` is how many batches of the
        whole training came before.
        """
        turn = batch if every == 1 else count // every - (count - batch) // every
        return turn % batches == 0 or (self.last > 0 and self.last - batch < every)


def _without(batches: Iterable[Batch], count: int) -> Iterable[Batch]:
    """The same batches but the first `count`."""
    skip: Callable[[int], Iterable[Batch]] | None = getattr(batches, "skip", None)
    return skip(count) if skip else islice(batches, count, None)


class _First(Generic[Batch]):
    """The first few batches of an epoch."""

    def __init__(self, batches: Iterable[Batch], count: int) -> None:
        self.batches = batches
        self.count = count

    def __len__(self) -> int:
        return min(self.count, len(self.batches)) if isinstance(self.batches, Sized) else self.count

    def __iter__(self) -> Iterator[Batch]:
        return islice(self.batches, self.count)
