"""The network of a PINN, as in Raissi, Perdikaris and Karniadakis 2019."""

from itertools import pairwise

import torch
from torch import Tensor, nn


class Solution(nn.Module):
    """u (N, 1) at the times (N, 1) and places (N, 1)."""

    def __init__(self, width: int = 20, depth: int = 8) -> None:
        super().__init__()
        sizes = [2] + depth * [width]
        self.hidden = nn.ModuleList(
            nn.Linear(before, after) for before, after in pairwise(sizes)
        )
        self.last = nn.Linear(width, 1)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_normal_(module.weight)

    def forward(self, t: Tensor, x: Tensor) -> Tensor:
        h = torch.cat([t, x], dim=1)
        for layer in self.hidden:
            h = torch.tanh(layer(h))
        return self.last(h)
