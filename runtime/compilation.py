"""torch.compile where this machine can compile."""

from __future__ import annotations

import sys

import torch
from torch import nn

__all__ = ["compile_model"]


def compile_model(model: nn.Module, device: torch.device) -> None:
    """Let `torch.compile` compile the model, in place: its weights keep their names.

    Where this machine cannot, for want of a compiler say, the model stays as it is, with a
    warning: what it computes is the same.
    """
    fault = compile_fault(device)
    if fault:
        print(f"warning: torch.compile does not work here ({fault}): not used.", file=sys.stderr)
        return
    model.compile()


def compile_fault(device: torch.device) -> str:
    """Why this machine compiles nothing for the device, found by compiling a little; else ""."""
    probe = torch.ones(8, device=device)
    try:
        torch.compile(_twice)(probe)
    except Exception as why:  # whatever a compiler, its driver or the system may raise
        return f"{type(why).__name__}: {str(why).strip().splitlines()[0]}"
    return ""


def _twice(x: torch.Tensor) -> torch.Tensor:
    return torch.sin(x) * 2 + x
