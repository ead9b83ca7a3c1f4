"""The network of xor.dl."""

import torch
from torch import Tensor, nn


class Xor(nn.Module):
    """x f32[N, 2] -> p f32[N, 1]

    xor.dl:13
    """

    def __init__(self, hidden: int = 6) -> None:
        super().__init__()
        self.linear1 = nn.Linear(2, hidden)
        self.linear2 = nn.Linear(hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.linear1(x))  # (N, hidden)  xor.dl:15
        return torch.sigmoid(self.linear2(x))  # (N, 1)
