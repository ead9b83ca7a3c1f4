"""The network of titanic.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """person f32[N, 4], sex f32[N, 2], ticket f32[N, 3] -> survives f32[N, 1]

    titanic.dl:16
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(9, 16)
        self.dropout1 = nn.Dropout(0.2)
        self.linear2 = nn.Linear(16, 1)

    def forward(self, person: Tensor, sex: Tensor, ticket: Tensor) -> Tensor:
        x = torch.cat([person, sex, ticket], dim=1)  # (N, 9)
        x = self.dropout1(F.relu(self.linear1(x)))  # (N, 16)  titanic.dl:22
        return self.linear2(x)  # (N, 1)
