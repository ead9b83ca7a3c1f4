"""The network of houses.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """features f32[N, 11], near f32[N, 5] -> price_hat f32[N, 1]

    houses.dl:28
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(16, 64)
        self.linear2 = nn.Linear(64, 64)
        self.linear3 = nn.Linear(64, 1)

    def forward(self, features: Tensor, near: Tensor) -> Tensor:
        x = torch.cat([features, near], dim=1)  # (N, 16)
        x = F.relu(self.linear1(x))  # (N, 64)  houses.dl:33
        x = F.relu(self.linear2(x))  # (N, 64)
        return self.linear3(x)  # (N, 1)
