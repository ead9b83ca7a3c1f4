"""A mean of a model's weights that follows them step by step, kept beside them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

__all__ = ["WeightMean"]

Model = TypeVar("Model", bound=nn.Module)


class WeightMean(Generic[Model]):
    """An exponential moving average of the weights of `trained`, in a `model` of its own.

    As torch's `AveragedModel` with `get_ema_multi_avg_fn(decay)`: the first update takes the
    weights as they are, each later one keeps the share `decay` of the mean. Buffers, such as a
    batch norm's statistics, are the trained model's own. Nothing here waits for the device.
    """

    def __init__(self, trained: Model, decay: float) -> None:
        self.trained = trained
        self.model = deepcopy(trained).requires_grad_(False)
        self.decay = decay
        self.count = 0

    @torch.no_grad()
    def update(self) -> None:
        """Follow the weights; to be called after each step of the optimizer."""
        means: list[Tensor] = list(self.model.parameters())
        weights: list[Tensor] = list(self.trained.parameters())
        buffers = list(self.model.buffers())
        if not self.count:
            torch._foreach_copy_(means, weights)
        elif means:
            torch._foreach_lerp_(means, weights, 1 - self.decay)
        if buffers:
            torch._foreach_copy_(buffers, list(self.trained.buffers()))
        self.count += 1

    def copy_to(self, model: Model) -> None:
        """Let a model of the same kind have the mean as its weights."""
        model.load_state_dict(self.model.state_dict())

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs besides what is trained."""
        return {"count": self.count, "mean": self.model.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        self.count = state["count"]
        self.model.load_state_dict(state["mean"])
