"""GPT-2: Radford, Wu, Child, Luan, Amodei and Sutskever, 2019."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.qkv(x).unflatten(2, (3 * self.heads, -1)).transpose(1, 2)
        q, k, v = x.chunk(3, dim=1)
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        later = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
        h = self.dropout(scores.softmax(-1)) @ v
        return self.dropout(self.out(h.transpose(1, 2).flatten(2)))


class Forward(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.expand = nn.Linear(width, 4 * width)
        self.out = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = F.gelu(self.expand(x), approximate="tanh")
        return self.dropout(self.out(x))


class Layer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.norm2 = nn.LayerNorm(width)
        self.forward_ = Forward(width, dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.forward_(self.norm2(x))


class GPT2(nn.Module):
    def __init__(
        self,
        vocabulary: int = 50_257,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        longest: int = 1024,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.places = nn.Parameter(torch.empty(longest, width))
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(
            *(Layer(width, heads, dropout) for _ in range(depth))
        )
        self.norm = nn.LayerNorm(width)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                sums = 2 * depth if name.endswith("out.weight") else 1
                nn.init.normal_(weight, std=0.02 / math.sqrt(sums))

    def forward(self, words: Tensor) -> Tensor:
        steps = words.shape[1]
        if steps > self.places.shape[0]:
            raise ValueError(f"there are no places for {steps} words")
        x = self.dropout(self.embed(words) + self.places[:steps])
        x = self.norm(self.layers(x))
        return x @ self.embed.weight.T
