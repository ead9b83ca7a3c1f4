"""The best epoch of a training, and when to wait for a better one no longer."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isnan
from typing import Any

from .errors import DataError

__all__ = ["Patience", "patience"]


class Patience:
    """Watches one measure from epoch to epoch: which epoch was best, and whether to stop.

    `best` is None and `best_epoch` 0 until a value has come that is a number.
    """

    def __init__(self, epochs: float, on: str, better: str, min_delta: float) -> None:
        if better not in ("lower", "higher"):
            raise ValueError(f'better is "lower" or "higher", not {better!r}')
        self.epochs = epochs
        self.on = on
        self.sign = 1 if better == "lower" else -1
        self.min_delta = min_delta
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0

    @property
    def stops(self) -> bool:
        """Whether `epochs` epochs in a row were not better than the best before them."""
        return self.waited >= self.epochs

    def better(self, epoch: int, value: float | None) -> bool:
        """Whether this epoch is the best so far; nan, and None which stands for it, never is."""
        known = value is not None and not isnan(value)
        if known and (self.best is None or self._gain(value) > self.min_delta):
            self.best, self.best_epoch, self.waited = value, epoch, 0
            return True
        self.waited += 1
        return False

    def _gain(self, value: float | None) -> float:
        assert value is not None and self.best is not None
        # Two equal infinities have no difference.
        return 0.0 if value == self.best else self.sign * (self.best - value)

    def value(self, entry: Mapping[str, Any]) -> float | None:
        """The watched measure in what an epoch showed: "validation.loss", "train.D.loss".

        Raises DataError where the epoch has no such number.
        """
        found: Any = entry
        for name in self.on.split("."):
            found = found.get(name, self) if isinstance(found, Mapping) else self
        if found is None or isinstance(found, int | float):
            return found
        raise DataError(
            f"Early stopping waits for `{self.on}`, which no epoch measures.",
            f"Measured is: {', '.join(_paths(entry))}.",
        )

    def kept(self) -> dict[str, Any]:
        """Which epoch was best so far, and by what."""
        return {"epoch": self.best_epoch, "on": self.on, "value": self.best}

    def told(self, epoch: int, kept: int) -> str:
        """How the training ended, after `epoch`, with the weights of `kept`."""
        weights = f"the weights of epoch {kept} are kept"
        if self.stops:
            epochs = "1 epoch" if self.waited == 1 else f"{self.waited} epochs"
            waited = f"{self.on} has not improved for {epochs}"
            return f"stopped after epoch {epoch}: {waited}; {weights}"
        return f"{weights}: the best {self.on} of {epoch} epochs"

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {name: getattr(self, name) for name in ("best", "best_epoch", "waited")}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.waited = state["waited"]


def patience(
    epochs: int, on: str = "validation.loss", better: str = "lower", min_delta: float = 0.0
) -> Patience:
    """Stop after so many epochs in a row without a value that is better by more than `min_delta`.

    `on` is a split and a measure, with the step's name between where several models train.
    """
    return Patience(epochs, on, better, min_delta)


def watching(on: str = "validation.loss") -> Patience:
    """Which epoch is best; never a reason to stop."""
    return Patience(inf, on, "lower", 0.0)


def _paths(entry: Mapping[str, Any]) -> list[str]:
    """The dotted names of all single numbers."""
    found: list[str] = []
    for name, value in entry.items():
        if isinstance(value, Mapping):
            found += [f"{name}.{rest}" for rest in _paths(value)]
        elif isinstance(value, int | float) and name not in ("epoch", "fold"):
            found.append(name)
    return found
