"""T5: Raffel and others, 2019; the sizes of T5-small."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def linear(inputs: int, outputs: int, variance: float) -> nn.Linear:
    """A layer without bias that starts with this variance."""
    made = nn.Linear(inputs, outputs, bias=False)
    nn.init.normal_(made.weight, std=math.sqrt(variance))
    return made


class Distance(nn.Module):
    """A bias for each head by how far a key is: near ones apart, then by logarithm."""

    def __init__(self, width: int, heads: int, both: bool) -> None:
        super().__init__()
        self.both = both
        self.table = nn.Embedding(32, heads)
        nn.init.normal_(self.table.weight, std=width**-0.5)

    def forward(self, steps: int) -> Tensor:
        times = torch.arange(steps, device=self.table.weight.device)
        apart = times[None] - times[:, None]
        buckets = 16 if self.both else 32
        far = apart.abs() if self.both else (-apart).clamp(min=0)
        exact = buckets // 2
        growth = torch.log(far.clamp(min=1) / exact) / math.log(128 / exact)
        rough = (exact + (growth * (buckets - exact)).long()).clamp(max=buckets - 1)
        place = torch.where(far < exact, far, rough)
        if self.both:
            place = place + buckets * (apart > 0)
        return self.table(place).permute(2, 0, 1)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, size: int, dropout: float) -> None:
        super().__init__()
        inner = heads * size
        self.heads = heads
        self.query = linear(width, inner, 1 / (width * size))
        self.key = linear(width, inner, 1 / width)
        self.value = linear(width, inner, 1 / width)
        self.out = linear(inner, width, 1 / inner)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, bias: Tensor) -> Tensor:
        q = self.query(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        k = self.key(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        v = self.value(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        shares = torch.softmax(q @ k.mT + bias, dim=-1)
        h = self.dropout(shares) @ v
        return self.dropout(self.out(h.transpose(1, 2).flatten(2)))


class Forward(nn.Module):
    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width, eps=1e-6)
        self.expand = linear(width, hidden, 1 / width)
        self.project = linear(hidden, width, 1 / hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        h = self.dropout(F.relu(self.expand(self.norm(x))))
        return x + self.dropout(self.project(h))


class Layer(nn.Module):
    """A layer of either stack; that of the decoder reads the encoder's states too."""

    def __init__(
        self,
        width: int,
        heads: int,
        size: int,
        hidden: int,
        dropout: float,
        reads: bool,
    ) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(width, eps=1e-6)
        self.attention = Attention(width, heads, size, dropout)
        if reads:
            self.norm2 = nn.RMSNorm(width, eps=1e-6)
            self.reading = Attention(width, heads, size, dropout)
        self.forward_ = Forward(width, hidden, dropout)

    def forward(
        self,
        x: Tensor,
        bias: Tensor,
        memory: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        h = self.norm1(x)
        x = x + self.attention(h, h, bias)
        if memory is not None:
            x = x + self.reading(self.norm2(x), memory, mask)
        return self.forward_(x)


class T5(nn.Module):
    def __init__(
        self,
        vocabulary: int = 32_128,
        width: int = 512,
        depth: int = 6,
        heads: int = 8,
        size: int = 64,
        hidden: int = 2048,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        sizes = (width, heads, size, hidden, dropout)
        self.embed = nn.Embedding(vocabulary, width)
        self.distance1 = Distance(width, heads, both=True)
        self.encoder = nn.ModuleList(Layer(*sizes, reads=False) for _ in range(depth))
        self.norm1 = nn.RMSNorm(width, eps=1e-6)
        self.distance2 = Distance(width, heads, both=False)
        self.decoder = nn.ModuleList(Layer(*sizes, reads=True) for _ in range(depth))
        self.norm2 = nn.RMSNorm(width, eps=1e-6)
        self.dropout = nn.Dropout(dropout)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        padding = (source == 0)[:, None, None]
        mask = torch.zeros(padding.shape, device=source.device)
        mask = mask.masked_fill(padding, -torch.inf)
        bias = self.distance1(source.shape[1]) + mask
        memory = self.dropout(self.embed(source))
        for layer in self.encoder:
            memory = layer(memory, bias)
        memory = self.dropout(self.norm1(memory))

        bias = self.distance2(target.shape[1])
        later = torch.ones_like(bias, dtype=torch.bool).triu(1)
        bias = bias.masked_fill(later, -torch.inf)
        x = self.dropout(self.embed(target))
        for layer in self.decoder:
            x = layer(x, bias, memory, mask)
        x = self.dropout(self.norm2(x)) * self.embed.embedding_dim**-0.5
        return x @ self.embed.weight.T
