"""The network of tuned.dl."""

import torch.nn.functional as F
from torch import Tensor, nn


class Net(nn.Module):
    """x f32[N, 2] -> score f32[N, 1]

    tuned.dl:20
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(2, 4)
        self.linear2 = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.linear1(x))  # (N, 4)  tuned.dl:22
        return self.linear2(x)  # (N, 1)
