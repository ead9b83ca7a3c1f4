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
        qkv = self.qkv(x).unflatten(-1, (3, self.heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        later = torch.ones_like(scores, dtype=torch.bool).triu(1)
        shares = scores.masked_fill(later, -torch.inf).softmax(-1)
        h = (self.dropout(shares) @ v).transpose(1, 2).flatten(2)
        return self.dropout(self.out(h))


class Forward(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.expand = nn.Linear(width, 4 * width)
        self.out = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.out(F.gelu(self.expand(x), approximate="tanh")))


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
        layers = (Layer(width, heads, dropout) for _ in range(depth))
        self.layers = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(width)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                sums = 2 * depth if name.endswith("out.weight") else 1
                nn.init.normal_(weight, std=0.02 / math.sqrt(sums))

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed(words) + self.places[: words.shape[1]]
        x = self.norm(self.layers(self.dropout(x)))
        return F.linear(x, self.embed.weight)
