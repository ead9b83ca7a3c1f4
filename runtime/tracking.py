"""The losses of an epoch, kept on their device until the epoch has ended."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import torch
from torch import Tensor

Measures = Mapping[str, Tensor]

PACK = 1024  # losses as tensors of their own before they become one: each takes its own memory


class Tracked:
    """The losses of one epoch: each with its count of records and the number of its batch."""

    __slots__ = ("counts", "losses", "packed", "steps")

    def __init__(self) -> None:
        self.losses: list[Tensor] = []
        self.packed: list[Tensor] = []
        self.counts = array("q")
        self.steps = array("q")

    def pack(self) -> None:
        """Make one tensor of the losses that are single: the memory of an epoch stays small."""
        if self.losses:
            self.packed.append(torch.stack(self.losses))
            self.losses.clear()

    def all(self) -> Tensor:
        """[n]: every loss so far, in order."""
        self.pack()
        if len(self.packed) > 1:
            self.packed = [torch.cat(self.packed)]
        return self.packed[0]

    def mean(self) -> Tensor:
        """The mean loss of a record, on the device; nan or inf where any loss is."""
        if len(self.counts) == 1:
            return self.losses[0] if self.losses else self.packed[0][0]
        losses = widened(self.all())
        counts = torch.frombuffer(self.counts, dtype=torch.int64).to(losses)
        return torch.dot(losses, counts) / counts.sum()

    def fault(self) -> tuple[int, float]:
        """The step of the first loss that is not finite, and that loss."""
        values = self.all().tolist()
        for step, value in zip(self.steps, values, strict=True):
            if not isfinite(value):
                return step, value
        return self.steps[-1], float(self.mean())

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs to go on within the epoch."""
        return {"losses": self.all(), "counts": list(self.counts), "steps": list(self.steps)}

    def load_state_dict(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Go on from there."""
        self.losses, self.packed = [], [state["losses"].to(device)]
        self.counts, self.steps = array("q", state["counts"]), array("q", state["steps"])


def widened(tensor: Tensor) -> Tensor:
    """The same numbers as exactly as the device can: MPS has no f64."""
    return tensor.float() if tensor.device.type == "mps" else tensor.double()


def train_measures(losses: Mapping[str, float]) -> dict[str, Any]:
    """The losses of an epoch as measures: one alone is `loss`, those of steps go by name."""
    if "" in losses:
        return {"loss": losses[""]}
    return {name: {"loss": loss} for name, loss in losses.items()}


def brought(
    results: Mapping[str, Measures], more: Sequence[Tensor] = ()
) -> tuple[dict[str, dict[str, Any]], list[float]]:
    """The same structure with numbers, and lists for tables; and the values of `more` scalars.

    All scalars come over from the device in one transfer.
    """
    scalars = [each for split in results.values() for each in split.values() if each.dim() == 0]
    values = _values([*scalars, *more])
    read = iter(values)
    found = {
        split: {
            name: next(read) if each.dim() == 0 else each.tolist()
            for name, each in measures.items()
        }
        for split, measures in results.items()
    }
    return found, values[len(scalars) :]


def _values(scalars: Sequence[Tensor]) -> list[float]:
    if not scalars:
        return []
    kind = scalars[0].dtype
    if any(scalar.dtype != kind for scalar in scalars):
        scalars = [widened(scalar) for scalar in scalars]
    found: list[float] = torch.stack(tuple(scalars)).tolist()
    return found
