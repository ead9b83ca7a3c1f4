"""Copies of a training's weights: of its last finite epoch, and of its best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from torch import Tensor, nn

__all__ = ["Snapshot", "States", "all_finite", "states", "sums"]

States = dict[str, dict[str, Tensor]]

LARGE = 1 << 30  # bytes; a larger copy lies in the memory of the CPU


class Snapshot:
    """The weights and buffers of all models as they were after one epoch; epoch 0 is none."""

    def __init__(self) -> None:
        self.epoch = 0
        self.held: States = {}
        self._apart = False

    def take(self, epoch: int, now: States) -> None:
        """Copy; memory is taken once."""
        if self.held.keys() != now.keys():
            self.held = {part: {} for part in now}
            self._apart = _large(now)
        for part, state in now.items():
            held = self.held[part]
            for name, tensor in state.items():
                slot = held.get(name)
                if slot is not None and slot.shape == tensor.shape and slot.dtype == tensor.dtype:
                    slot.copy_(tensor)
                else:
                    held[name] = tensor.cpu() if self._apart else tensor.clone()
        self.epoch = epoch

    def put_back(self, models: Mapping[str, nn.Module]) -> None:
        """Give the models these weights."""
        for part, model in models.items():
            model.load_state_dict(self.held[part])

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {"epoch": self.epoch, "held": self.held}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Hold what was held then."""
        self.epoch, self.held = state["epoch"], state["held"]


def _large(now: States) -> bool:
    tensors = [tensor for state in now.values() for tensor in state.values()]
    on_device = any(tensor.device.type != "cpu" for tensor in tensors)
    return on_device and sum(tensor.nbytes for tensor in tensors) > LARGE


def states(models: Mapping[str, nn.Module]) -> States:
    """The tensors of each model by name; they are the models' own, not copies."""
    return {part: model.state_dict() for part, model in models.items()}


def sums(now: States) -> Iterator[Tensor]:
    """The sum of each tensor, on its device: one that is finite has finite numbers alone."""
    return (tensor.sum() for tensor in _floating(now))


def all_finite(now: States) -> bool:
    """Whether every number is finite, looked at one by one: large ones may have an infinite sum."""
    return all(bool(tensor.isfinite().all()) for tensor in _floating(now))


def _floating(now: States) -> Iterable[Tensor]:
    for state in now.values():
        for tensor in state.values():
            if tensor.is_floating_point():
                yield tensor
