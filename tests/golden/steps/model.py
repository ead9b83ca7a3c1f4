"""The network of steps.dl."""

import torch
from torch import Tensor, nn


class Encoder(nn.Module):
    """x f32[N, 2] -> code f32[N, width]

    steps.dl:8
    """

    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.linear1 = nn.Linear(2, width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.linear1(x))  # (N, width)  steps.dl:10


class Head(nn.Module):
    """code f32[N, 4] -> y_hat f32[N, 1]

    steps.dl:13
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(4, 1)

    def forward(self, code: Tensor) -> Tensor:
        return self.linear1(code)  # (N, 1)  steps.dl:15
