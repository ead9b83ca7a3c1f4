"""The network of two_tower.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Tower(nn.Module):
    """x token(32)[N, C] -> f32[N, width]

    two_tower.dl:16
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding1 = nn.Embedding(32, width)
        self.conv1 = nn.Conv1d(width, width, kernel_size=3, padding=1)
        self.linear1 = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embedding1(x).transpose(1, 2)  # (N, width, C)  two_tower.dl:17
        x = F.relu(self.conv1(x))  # (N, width, C)
        x = torch.amax(x, dim=-1)  # (N, width)
        return F.normalize(self.linear1(x), dim=-1)  # (N, width)


class TwoTower(nn.Module):
    """english token(32)[N, 6], german token(32)[N, 6] -> alike f32[N, N]

    two_tower.dl:25
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(2.659260036932778))
        self.tower1 = Tower(width)
        self.tower2 = Tower(width)

    def forward(self, english: Tensor, german: Tensor) -> Tensor:
        # (N, width)
        x = torch.exp(self.temperature) * self.tower1(english)  # two_tower.dl:29
        return x @ self.tower2(german).T  # (N, N)  two_tower.dl:29
