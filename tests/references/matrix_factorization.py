"""Matrix factorisation with biases, as in Koren, Bell and Volinsky 2009, equation 4."""

import torch
from torch import Tensor, nn


class Factors(nn.Module):
    """How many stars a user (N,) gives to a film (N,)."""

    def __init__(self, users: int = 943, films: int = 1682, rank: int = 100) -> None:
        super().__init__()
        self.taste = nn.Parameter(torch.empty(users, rank))
        self.traits = nn.Parameter(torch.empty(films, rank))
        self.mean = nn.Parameter(torch.tensor(3.0))
        self.leniency = nn.Parameter(torch.zeros(users))
        self.appeal = nn.Parameter(torch.zeros(films))
        nn.init.normal_(self.taste, std=0.1)
        nn.init.normal_(self.traits, std=0.1)

    def forward(self, user: Tensor, film: Tensor) -> Tensor:
        likes = torch.sum(self.taste[user] * self.traits[film], dim=1)
        return self.mean + self.leniency[user] + self.appeal[film] + likes
