"""The Transformer, base: Vaswani and others, 2017."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, memory: Tensor, seen: Tensor) -> Tensor:
        q = self.query(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        k = self.key(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        v = self.value(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(~seen, -torch.inf)
        h = scores.softmax(-1) @ v
        return self.out(h.transpose(1, 2).flatten(2))


class Forward(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, hidden)
        self.project = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.expand(x))
        return self.project(x)


class EncoderLayer(nn.Module):
    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm1 = nn.LayerNorm(width)
        self.forward_ = Forward(width, hidden)
        self.norm2 = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        x = self.norm1(x + self.dropout(self.attention(x, x, seen)))
        return self.norm2(x + self.dropout(self.forward_(x)))


class DecoderLayer(nn.Module):
    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm1 = nn.LayerNorm(width)
        self.reading = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.forward_ = Forward(width, hidden)
        self.norm3 = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, past: Tensor, seen: Tensor) -> Tensor:
        x = self.norm1(x + self.dropout(self.attention(x, x, past)))
        x = self.norm2(x + self.dropout(self.reading(x, memory, seen)))
        return self.norm3(x + self.dropout(self.forward_(x)))


class Transformer(nn.Module):
    def __init__(
        self,
        vocabulary: int = 37_000,
        width: int = 512,
        depth: int = 6,
        heads: int = 8,
        hidden: int = 2048,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        sizes = (width, heads, hidden, dropout)
        self.embed = nn.Embedding(vocabulary, width)
        self.encoder = nn.ModuleList(EncoderLayer(*sizes) for _ in range(depth))
        self.decoder = nn.ModuleList(DecoderLayer(*sizes) for _ in range(depth))
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=width**-0.5)

    def placed(self, words: Tensor) -> Tensor:
        """Embedded words with the waves of their positions."""
        x = self.embed(words) * math.sqrt(self.embed.embedding_dim)
        steps, width = x.shape[1:]
        pairs = torch.arange(0, width, 2, device=x.device)
        times = torch.arange(steps, device=x.device)[:, None]
        angles = times / 10_000 ** (pairs / width)
        waves = torch.empty(steps, width, device=x.device)
        waves[:, 0::2], waves[:, 1::2] = angles.sin(), angles.cos()
        return self.dropout(x + waves)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        seen = (source != 0)[:, None, None]
        steps = target.shape[1]
        past = torch.ones(steps, steps, dtype=torch.bool, device=target.device).tril()
        memory = self.placed(source)
        for layer in self.encoder:
            memory = layer(memory, seen)
        x = self.placed(target)
        for layer in self.decoder:
            x = layer(x, memory, past, seen)
        return x @ self.embed.weight.T
