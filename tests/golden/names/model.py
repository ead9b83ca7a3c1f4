"""The network of names.dl."""

import torch.nn.functional as F
from torch import Tensor, nn


class F_(nn.Module):
    """x f32[N, 2] -> loss f32[N, 2]

    names.dl:13
    """

    def __init__(self, train: int = 4) -> None:
        super().__init__()
        self.forward_ = nn.Linear(2, train)
        self.super = nn.Linear(train, 2)

    def forward(self, x: Tensor) -> Tensor:
        torch_ = F.relu(self.forward_(x))  # (N, train)  names.dl:19
        self_ = self.forward_(x) + torch_  # (N, train)
        Tensor_ = self_ * torch_  # (N, train)
        return self.super(Tensor_)  # (N, 2)
