"""Only operations that give the same result each time."""

from __future__ import annotations

import os

import torch

__all__ = ["deterministic"]


def deterministic() -> None:
    """From here on torch takes deterministic operations alone; to be called before any of them.

    Raises nothing itself: an operation that has no such form raises a RuntimeError when it runs.
    """
    # cuBLAS reads it when it is used for the first time.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
