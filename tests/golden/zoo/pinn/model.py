"""The network of pinn.dl."""

import torch
from torch import Tensor, nn


class Solution(nn.Module):
    """t f32[N, 1], x f32[N, 1] -> u f32[N, 1]

    pinn.dl:9
    """

    def __init__(self, width: int = 20, depth: int = 8) -> None:
        super().__init__()
        self.linears = nn.ModuleList()
        features = 2
        for _ in range(depth):
            self.linears.append(nn.Linear(features, width))
            features = width
        self.linear1 = nn.Linear(features, 1)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_normal_(module.weight)

    def forward(self, t: Tensor, x: Tensor) -> Tensor:
        x = torch.cat([t, x], dim=1)  # (N, 2)
        for linear in self.linears:
            x = torch.tanh(linear(x))  # (N, width)  pinn.dl:12
        return self.linear1(x)  # (N, 1)  pinn.dl:13
