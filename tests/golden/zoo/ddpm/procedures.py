"""The predictions that ddpm.dl declares."""

import torch
from torch import Tensor

from .model import UNet


@torch.no_grad()
def draw(Mean: UNet, n: int, device: str = "cpu") -> Tensor:
    """picture f32[N, 1, 8, 8] for `n` records."""
    Mean.eval()
    x = torch.randn(n, 1, 8, 8, device=device)  # (N, 1, 8, 8)
    beta = torch.linspace(0.0001, 0.02, 1000, device=device)  # (1000,)
    kept = torch.cumprod(1 - beta, dim=0)  # (1000,)
    x1 = beta * (1 - torch.cat([torch.ones(1, device=device), kept[:-1]]))  # (1000,)
    spread = torch.sqrt(x1 / (1 - kept))  # (1000,)
    for i in range(1000):
        # (N, 1, 8, 8)
        noise = Mean(x, (999 - i) * torch.ones(n, dtype=torch.int64, device=device))
        x = x - beta[999 - i] / torch.sqrt(1 - kept[999 - i]) * noise  # (N, 1, 8, 8)
        x = x / torch.sqrt(1 - beta[999 - i])  # (N, 1, 8, 8)
        x = x + spread[999 - i] * torch.randn_like(x)  # (N, 1, 8, 8)
    return (x + 1) / 2  # (N, 1, 8, 8)
