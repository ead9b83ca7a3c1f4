"""The network of mixture_of_experts.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mixture(nn.Module):
    """x f32[N, T, width] -> y f32[N, T, width], balance f32

    mixture_of_experts.dl:4
    """

    def __init__(
        self, width: int = 512, experts: int = 32, chosen: int = 4, hidden: int = 1024
    ) -> None:
        super().__init__()
        self.chosen = chosen
        self.into = nn.Parameter(torch.empty(experts, width, hidden))
        nn.init.normal_(self.into, std=0.02)
        self.back = nn.Parameter(torch.empty(experts, hidden, width))
        nn.init.normal_(self.back, std=0.02)
        self.linear1 = nn.Linear(width, experts, bias=False)
        nn.init.zeros_(self.linear1.weight)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        scores = self.linear1(x)  # (N, T, experts)  mixture_of_experts.dl:8
        best, place = torch.topk(scores, self.chosen)  # (N, T, chosen), (N, T, chosen)
        x1 = torch.zeros_like(scores)  # (N, T, experts)
        # (N, T, experts)
        gates = torch.scatter(x1, -1, place, torch.softmax(best, dim=-1))
        # (N, experts, T, hidden)
        h = F.relu(torch.einsum("ntd,edh->neth", x, self.into))
        y = torch.einsum("neth,ehd,nte->ntd", h, self.back, gates)  # (N, T, width)
        importance = torch.sum(gates, dim=(0, 1))  # (experts,)
        balance = torch.var(importance) / torch.mean(importance) ** 2
        return y, balance
