"""The predictions that wgan_gp.dl declares."""

import torch
from torch import Tensor

from .model import Generator


@torch.no_grad()
def draw(G: Generator, n: int, device: str = "cpu") -> Tensor:
    """point f32[N, 2] for `n` records."""
    G.eval()
    z = torch.randn(n, 2, device=device)  # (N, 2)
    return G(z)  # (N, 2)
