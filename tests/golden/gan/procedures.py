"""The predictions that gan.dl declares."""

import torch
from torch import Tensor

from .model import Generator


@torch.no_grad()
def draw(G: Generator, n: int, device: str = "cpu") -> Tensor:
    """picture f32[N, 1, 28, 28] for `n` records."""
    G.eval()
    z = torch.randn(n, 100, device=device)  # (N, 100)
    return G(z).reshape(-1, 1, 28, 28)  # (N, 1, 28, 28)
