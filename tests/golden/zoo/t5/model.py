"""The network of t5.dl."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def bucket(far: Tensor, exact: int) -> Tensor:
    """far i64[T, S] -> bucket i64[T, S]

    t5.dl:5
    """
    # (T, S)
    growth = torch.log(torch.clamp(far, min=exact) / exact) / math.log(128 / exact)
    rough = exact + (growth * exact).to(torch.int64)  # (T, S)
    # (T, S)
    return torch.where(far < exact, far, torch.clamp(rough, max=2 * exact - 1))


class Attention(nn.Module):
    """x f32[N, T, D], memory f32[N, S, D], bias f32[N, heads, T, S] -> y f32[N, T, D]

    t5.dl:12
    """

    def __init__(self, D: int, heads: int, dim: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.linear1 = nn.Linear(D, dim * heads, bias=False)
        self.linear2 = nn.Linear(D, dim * heads, bias=False)
        self.linear3 = nn.Linear(D, dim * heads, bias=False)
        self.linear4 = nn.Linear(dim * heads, D, bias=False)
        self.dropout1 = nn.Dropout(dropout)
        nn.init.normal_(self.linear1.weight, std=(D * dim) ** -0.5)
        nn.init.normal_(self.linear2.weight, std=D**-0.5)
        nn.init.normal_(self.linear3.weight, std=D**-0.5)
        nn.init.normal_(self.linear4.weight, std=(dim * heads) ** -0.5)

    def forward(self, x: Tensor, memory: Tensor, bias: Tensor) -> Tensor:
        # (N, heads, T, dim)
        q = self.linear1(x).unflatten(2, (self.heads, -1)).transpose(1, 2)  # t5.dl:17
        # (N, heads, S, dim)
        k = self.linear2(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, S, dim)
        v = self.linear3(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        dropout_p = self.dropout if self.training else 0.0
        # (N, heads, T, dim)
        h = F.scaled_dot_product_attention(
            q, k, v, attn_mask=bias, dropout_p=dropout_p, scale=1.0
        )
        # (N, T, D)
        return self.dropout1(self.linear4(h.transpose(1, 2).flatten(2)))  # t5.dl:33


class Forward(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    t5.dl:36
    """

    def __init__(self, D: int, wide: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(D, eps=1e-6)
        self.linear1 = nn.Linear(D, wide, bias=False)
        self.dropout1 = nn.Dropout(dropout)
        self.linear2 = nn.Linear(wide, D, bias=False)
        self.dropout2 = nn.Dropout(dropout)
        nn.init.normal_(self.linear1.weight, std=D**-0.5)
        nn.init.normal_(self.linear2.weight, std=wide**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        h = self.dropout1(F.relu(self.linear1(self.norm1(x))))  # (N, T, wide)  t5.dl:42
        return x + self.dropout2(self.linear2(h))  # (N, T, D)


class Encode(nn.Module):
    """x f32[N, S, D], bias f32[N, heads, S, S] -> y f32[N, S, D]

    t5.dl:46
    """

    def __init__(self, D: int, heads: int, dim: int, wide: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(D, eps=1e-6)
        self.attention1 = Attention(D, heads, dim, dropout)
        self.forward1 = Forward(D, wide, dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        normed = self.norm1(x)  # (N, S, D)  t5.dl:49
        h = x + self.attention1(normed, normed, bias)  # (N, S, D)  t5.dl:50
        return self.forward1(h)  # (N, S, D)


class Decode(nn.Module):
    """x f32[N, T, D], past f32[N, heads, T, T], memory f32[N, S, D], seen
    f32[N, heads, T, S] -> y f32[N, T, D]

    t5.dl:54
    """

    def __init__(self, D: int, heads: int, dim: int, wide: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(D, eps=1e-6)
        self.attention1 = Attention(D, heads, dim, dropout)
        self.norm2 = nn.RMSNorm(D, eps=1e-6)
        self.attention2 = Attention(D, heads, dim, dropout)
        self.forward1 = Forward(D, wide, dropout)

    def forward(self, x: Tensor, past: Tensor, memory: Tensor, seen: Tensor) -> Tensor:
        normed = self.norm1(x)  # (N, T, D)  t5.dl:59
        h = x + self.attention1(normed, normed, past)  # (N, T, D)  t5.dl:60
        h = h + self.attention2(self.norm2(h), memory, seen)  # (N, T, D)  t5.dl:61
        return self.forward1(h)  # (N, T, D)


class T5(nn.Module):
    """source token(vocabulary)[N, S], target token(vocabulary)[N, T] -> scores
    f32[N, T, vocabulary]

    t5.dl:65
    """

    def __init__(
        self,
        vocabulary: int = 32128,
        width: int = 512,
        depth: int = 6,
        heads: int = 8,
        size: int = 64,
        hidden: int = 2048,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.width = width
        self.heads = heads
        self.embedding1 = nn.Embedding(32, heads)
        self.embed = nn.Embedding(vocabulary, width)
        self.drop = nn.Dropout(dropout)
        self.encodes = nn.ModuleList(
            Encode(width, heads, size, hidden, dropout) for _ in range(depth)
        )
        self.norm1 = nn.RMSNorm(width, eps=1e-6)
        self.embedding2 = nn.Embedding(32, heads)
        self.decodes = nn.ModuleList(
            Decode(width, heads, size, hidden, dropout) for _ in range(depth)
        )
        self.norm2 = nn.RMSNorm(width, eps=1e-6)
        nn.init.normal_(self.embedding1.weight, std=width**-0.5)
        nn.init.normal_(self.embedding2.weight, std=width**-0.5)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        N, S = source.shape
        T = target.shape[1]
        padding = (source == 0)[:, None, None]  # (N, 1, 1, S)
        times = torch.arange(S, device=source.device)  # (S,)
        apart = times - times[:, None]  # (S, S)
        x = bucket(torch.abs(apart), exact=8) + 16 * (apart > 0)  # (S, S)
        bias = self.embedding1(x).permute(2, 0, 1)  # (heads, S, S)
        bias = torch.masked_fill(bias[None], padding, float("-inf"))  # (N, heads, S, S)
        memory = self.drop(self.embed(source))  # (N, S, width)  t5.dl:86
        for encode in self.encodes:
            memory = encode(memory, bias)  # (N, S, width)  t5.dl:88
        memory = self.drop(self.norm1(memory))  # (N, S, width)  t5.dl:90
        times = torch.arange(T, device=source.device)  # (T,)
        x = bucket(torch.clamp(times[:, None] - times, min=0), exact=16)  # (T, T)
        bias = self.embedding2(x).permute(2, 0, 1)  # (heads, T, T)
        # (heads, T, T)
        x = torch.masked_fill(bias, times > times[:, None], float("-inf"))
        past = x.expand((N, self.heads, T, T))  # (N, heads, T, T)
        # (N, heads, T, S)
        seen = torch.where(padding, float("-inf"), 0.0).expand((N, self.heads, T, S))
        h = self.drop(self.embed(target))  # (N, T, width)  t5.dl:99
        for decode in self.decodes:
            h = decode(h, past, memory, seen)  # (N, T, width)  t5.dl:101
        h = self.drop(self.norm2(h))  # (N, T, width)  t5.dl:103
        return h * self.width**-0.5 @ self.embed.weight.T  # (N, T, vocabulary)
