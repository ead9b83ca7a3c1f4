"""Llama with grouped queries: Touvron and others, 2023; the sizes of TinyLlama-1.1B."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def turned(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions: each half of a head with the other is turned by its angle."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, groups: int) -> None:
        super().__init__()
        self.size = width // heads
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, groups * self.size, bias=False)
        self.value = nn.Linear(width, groups * self.size, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        q = self.query(x).unflatten(2, (-1, self.size)).transpose(1, 2)
        k = self.key(x).unflatten(2, (-1, self.size)).transpose(1, 2)
        v = self.value(x).unflatten(2, (-1, self.size)).transpose(1, 2)
        q, k = turned(q, cos, sin), turned(k, cos, sin)
        shared = q.shape[1] // k.shape[1]
        k, v = k.repeat_interleave(shared, dim=1), v.repeat_interleave(shared, dim=1)
        scores = q @ k.mT / math.sqrt(self.size)
        later = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
        h = scores.softmax(-1) @ v
        return self.out(h.transpose(1, 2).flatten(2))


class SwiGLU(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate = F.silu(self.gate(x))
        x = gate * self.up(x)
        return self.down(x)


class Layer(nn.Module):
    def __init__(self, width: int, heads: int, groups: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(width, eps=1e-5)
        self.attention = Attention(width, heads, groups)
        self.norm2 = nn.RMSNorm(width, eps=1e-5)
        self.swiglu = SwiGLU(width, hidden)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x), cos, sin)
        return x + self.swiglu(self.norm2(x))


class Llama(nn.Module):
    def __init__(
        self,
        vocabulary: int = 32_000,
        width: int = 2048,
        depth: int = 22,
        heads: int = 32,
        groups: int = 4,
        hidden: int = 5632,
        base: float = 10_000.0,
    ) -> None:
        super().__init__()
        self.size, self.base = width // heads, base
        self.embed = nn.Embedding(vocabulary, width)
        sizes = (width, heads, groups, hidden)
        self.layers = nn.ModuleList(Layer(*sizes) for _ in range(depth))
        self.norm = nn.RMSNorm(width, eps=1e-5)
        self.head = nn.Linear(width, vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, words: Tensor) -> Tensor:
        pairs = torch.arange(0, self.size, 2, device=words.device)
        times = torch.arange(words.shape[1], device=words.device)[:, None]
        angles = times / self.base ** (pairs / self.size)
        cos, sin = angles.cos(), angles.sin()
        x = self.embed(words)
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.head(self.norm(x))
