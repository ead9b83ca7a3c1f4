"""Two towers that are compared, as in Radford and others 2021, figure 3."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Tower(nn.Module):
    """Letters (N, T) as a direction (N, width)."""

    def __init__(self, letters: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(letters, width)
        self.conv = nn.Conv1d(width, width, kernel_size=3, padding=1)
        self.linear = nn.Linear(width, width)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embedding(words).transpose(1, 2)
        x = F.relu(self.conv(x))
        x = self.linear(torch.amax(x, dim=-1))
        return F.normalize(x, dim=-1)


class TwoTower(nn.Module):
    """How alike each word of one language is to each of the other: (N, N)."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.english = Tower(32, width)
        self.german = Tower(32, width)
        self.temperature = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, english: Tensor, german: Tensor) -> Tensor:
        x = torch.exp(self.temperature) * self.english(english)
        return x @ self.german(german).T
