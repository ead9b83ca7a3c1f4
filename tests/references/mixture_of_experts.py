"""A layer of experts, as in Shazeer and others 2017, sections 2 and 4."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mixture(nn.Module):
    """A token (N, T, width) goes to few experts; also how uneven their shares are."""

    def __init__(
        self, width: int = 512, experts: int = 32, chosen: int = 4, hidden: int = 1024
    ) -> None:
        super().__init__()
        self.chosen = chosen
        self.gate = nn.Linear(width, experts, bias=False)
        self.into = nn.Parameter(torch.empty(experts, width, hidden))
        self.back = nn.Parameter(torch.empty(experts, hidden, width))
        nn.init.zeros_(self.gate.weight)
        nn.init.normal_(self.into, std=0.02)
        nn.init.normal_(self.back, std=0.02)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        best, place = self.gate(x).topk(self.chosen)
        shares = torch.softmax(best, -1)
        y = torch.zeros_like(x)
        importance = []
        for expert, (into, back) in enumerate(zip(self.into, self.back, strict=True)):
            share = (shares * (place == expert)).sum(-1)
            taken = share > 0
            h = F.relu(x[taken] @ into)
            y[taken] += share[taken][:, None] * (h @ back)
            importance.append(share.sum())
        total = torch.stack(importance)
        return y, total.var() / total.mean() ** 2
