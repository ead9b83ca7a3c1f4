"""The predictions that dcgan.dl declares."""

import torch
from torch import Tensor

from .model import Generator


@torch.no_grad()
def draw(G: Generator, n: int, device: str = "cpu") -> Tensor:
    """picture f32[N, 1, 64, 64] for `n` records."""
    G.eval()
    z = torch.randn(n, 100, device=device)  # (N, 100)
    return (G(z) + 1) / 2  # (N, 1, 64, 64)
