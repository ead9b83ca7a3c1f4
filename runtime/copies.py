"""Second networks that follow the trained ones: target networks, teachers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["blend"]


@torch.no_grad()
def blend(copy: nn.Module, original: nn.Module, keep: float) -> None:
    """Let each weight of the copy keep this share of itself and take the rest from the original.

    Buffers, say the statistics of a batch norm, are taken over as they are: so does
    `torch.optim.swa_utils.AveragedModel`.
    """
    weights: list[Tensor] = list(copy.parameters())
    others: list[Tensor] = list(original.parameters())
    if weights:
        torch._foreach_lerp_(weights, others, 1 - keep)
    for kept, new in zip(copy.buffers(), original.buffers(), strict=True):
        kept.copy_(new)
