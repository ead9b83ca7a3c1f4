"""The network of towers.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Towers(nn.Module):
    """left f32[N, 4], right f32[N, 4] -> scores f32[N, 2], apart f32[N]

    towers.dl:24
    """

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Linear(4, 8, bias=False)
        self.linear1 = nn.Linear(8, 6)
        self.linear2 = nn.Linear(6, 2)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        a = torch.tanh(self.tower(left))  # (N, 8)  towers.dl:31
        b = torch.tanh(self.tower(right))  # (N, 8)  towers.dl:32
        difference = (a - b) ** 2  # (N, 8)
        both = a * b / 2 + difference  # (N, 8)
        x = F.relu(self.linear1(both))  # (N, 6)
        # scores (N, 2), apart (N,)
        return self.linear2(x), torch.sum(difference, dim=1) * 0.5 + 1
