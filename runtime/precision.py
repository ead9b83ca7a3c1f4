"""Computing in half precision where the device can: torch's autocast, and what goes with it."""

from __future__ import annotations

import sys

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["autocast", "binary_cross_entropy"]


def autocast(device: torch.device, dtype: torch.dtype) -> torch.autocast:
    """`with autocast(…):` as torch's own; where the device has no such numbers, f32 and a warning.

    What is made can be entered again and again.
    """
    if not can_compute(device, dtype):
        name = str(dtype).removeprefix("torch.")
        print(f"warning: the device {device} has no {name}: f32 is used instead.", file=sys.stderr)
        return torch.autocast(device.type, enabled=False)
    return torch.autocast(device.type, dtype)


def can_compute(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether the device multiplies matrices of that type, and learns through it."""
    if device.type == "cuda" and dtype == torch.bfloat16:
        # Without such units torch emulates, slower than f32 and so for nothing.
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    try:
        with torch.autocast(device.type, dtype):
            probe = torch.ones(2, 2, device=device, requires_grad=True)
            torch.autograd.grad((probe @ probe).sum(), probe)
    except (RuntimeError, TypeError):
        return False
    return True


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """torch's function in f32, also within autocast, which refuses it on a GPU.

    In f16 a probability near 0 or 1 has a gradient that f16 cannot hold.
    """
    with torch.autocast(input.device.type, enabled=False):
        return F.binary_cross_entropy(input.float(), target.float(), weight, reduction=reduction)
