"""The network of matrix_factorization.dl."""

import torch
from torch import Tensor, nn


class Factors(nn.Module):
    """user token(users)[N], film token(films)[N] -> stars f32[N]

    matrix_factorization.dl:10
    """

    def __init__(self, users: int = 943, films: int = 1682, rank: int = 100) -> None:
        super().__init__()
        self.taste = nn.Parameter(torch.empty(users, rank))
        nn.init.normal_(self.taste, std=0.1)
        self.traits = nn.Parameter(torch.empty(films, rank))
        nn.init.normal_(self.traits, std=0.1)
        self.leniency = nn.Parameter(torch.zeros(users))
        self.appeal = nn.Parameter(torch.zeros(films))
        self.mean = nn.Parameter(torch.tensor(3.0))

    def forward(self, user: Tensor, film: Tensor) -> Tensor:
        likes = torch.sum(self.taste[user] * self.traits[film], dim=1)  # (N,)
        return self.mean + self.leniency[user] + self.appeal[film] + likes  # (N,)
