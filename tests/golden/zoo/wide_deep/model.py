"""The network of wide_deep.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class WideDeep(nn.Module):
    """crossed token(crosses)[N, C], named i64[N, len(vocabularies)], measured
    f32[N, numbers] -> logit f32[N, 1]

    wide_deep.dl:4
    """

    def __init__(
        self,
        crosses: int = 100000,
        vocabularies: tuple[int, ...] = (10000, 1000, 100),
        numbers: int = 13,
        width: int = 32,
        hidden: tuple[int, ...] = (1024, 512, 256),
    ) -> None:
        super().__init__()
        self.embeddings = nn.ModuleList(
            nn.Embedding(size, width) for size in vocabularies
        )
        self.linears = nn.ModuleList()
        features = len(vocabularies) * width + numbers
        for size in hidden:
            self.linears.append(nn.Linear(features, size))
            features = size
        self.embedding1 = nn.EmbeddingBag(crosses, 1, mode="sum")
        self.linear1 = nn.Linear(features, 1)

    def forward(self, crossed: Tensor, named: Tensor, measured: Tensor) -> Tensor:
        parts = [measured]
        parts += [embedding(named[:, i]) for i, embedding in enumerate(self.embeddings)]
        deep = torch.cat(parts, dim=1)  # (N, len(vocabularies)*width + numbers)
        for linear in self.linears:
            deep = F.relu(linear(deep))  # (N, size)  wide_deep.dl:20
        wide = self.embedding1(crossed)  # (N, 1)  wide_deep.dl:22
        return wide + self.linear1(deep)  # (N, 1)
