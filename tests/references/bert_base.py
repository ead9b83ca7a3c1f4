"""BERT-base: Devlin, Chang, Lee and Toutanova, 2018."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        q = self.query(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        k = self.key(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        v = self.value(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(padding, -torch.inf)
        h = self.dropout(scores.softmax(-1)) @ v
        return self.dropout(self.out(h.transpose(1, 2).flatten(2)))


class Forward(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.expand = nn.Linear(width, 4 * width)
        self.project = nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = F.gelu(self.expand(x))
        return self.dropout(self.project(x))


class Layer(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, dropout)
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.forward_ = Forward(width, dropout)
        self.norm2 = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        x = self.norm1(x + self.attention(x, padding))
        return self.norm2(x + self.forward_(x))


class BERT(nn.Module):
    def __init__(
        self,
        vocabulary: int = 30_522,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        longest: int = 512,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, width, padding_idx=0)
        self.parts = nn.Embedding(2, width)
        self.places = nn.Parameter(torch.empty(longest, width))
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(width, heads, dropout) for _ in range(depth))
        self.pool = nn.Linear(width, width)
        nn.init.normal_(self.places, std=0.02)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(self.words.weight[0])

    def forward(self, words: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
        steps = words.shape[1]
        if steps > self.places.shape[0]:
            raise ValueError(f"there are no places for {steps} words")
        padding = (words == 0)[:, None, None]
        x = self.words(words) + self.parts(parts) + self.places[:steps]
        x = self.dropout(self.norm(x))
        for layer in self.layers:
            x = layer(x, padding)
        return x, torch.tanh(self.pool(x[:, 0]))
