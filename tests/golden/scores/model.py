"""The network of scores.dl."""

import torch.nn.functional as F
from torch import Tensor, nn


class Coin(nn.Module):
    """x f32[N, 2] -> score f32[N, 1]

    scores.dl:8
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(2, 4)
        self.linear2 = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.silu(self.linear1(x))  # (N, 4)  scores.dl:10
        return self.linear2(x)  # (N, 1)
