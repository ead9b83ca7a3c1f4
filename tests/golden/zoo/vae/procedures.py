"""The predictions that vae.dl declares."""

import torch
from torch import Tensor

from .model import Decoder


@torch.no_grad()
def draw(D: Decoder, n: int, device: str = "cpu") -> Tensor:
    """picture f32[N, 1, 8, 8] for `n` records."""
    D.eval()
    z = torch.randn(n, 20, device=device)  # (N, 20)
    return torch.sigmoid(D(z)).reshape(-1, 1, 8, 8)  # (N, 1, 8, 8)
