"""Wide & Deep, as in Cheng and others 2016, figure 4."""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class WideDeep(nn.Module):
    """Crosses (N, C), categories (N, K) and numbers (N, M) as the logit of a click."""

    def __init__(
        self,
        crosses: int = 100000,
        vocabularies: Sequence[int] = (10000, 1000, 100),
        numbers: int = 13,
        width: int = 32,
        hidden: Sequence[int] = (1024, 512, 256),
    ) -> None:
        super().__init__()
        self.embeddings = nn.ModuleList(
            nn.Embedding(size, width) for size in vocabularies
        )
        sizes = [numbers + width * len(vocabularies), *hidden]
        self.hidden = nn.ModuleList(
            nn.Linear(before, after) for before, after in pairwise(sizes)
        )
        self.wide = nn.Embedding(crosses, 1)
        self.deep = nn.Linear(sizes[-1], 1)

    def forward(self, crossed: Tensor, named: Tensor, measured: Tensor) -> Tensor:
        columns = [embed(named[:, i]) for i, embed in enumerate(self.embeddings)]
        h = torch.cat([measured, *columns], 1)
        for layer in self.hidden:
            h = F.relu(layer(h))
        wide = self.wide(crossed).sum(1)
        return wide + self.deep(h)
