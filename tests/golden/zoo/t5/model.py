"""The network of t5.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def bucket(far: Tensor) -> Tensor:
    """far i64[T, S] -> bucket i64[T, S]

    t5.dl:5
    """
    growth = torch.log(torch.clamp(far, min=8) / 8) / 2.772588722239781  # (T, S)
    rough = (growth * 8).to(torch.int64)  # (T, S)
    x = far < 8  # (T, S)
    x1 = torch.clamp(8 + rough, max=15)  # (T, S)
    return torch.where(x, far, x1)  # (T, S)


def bucket2(far: Tensor) -> Tensor:
    """far i64[T, S] -> bucket i64[T, S]

    t5.dl:5
    """
    growth = torch.log(torch.clamp(far, min=16) / 16) / 2.0794415416798357  # (T, S)
    rough = (growth * 16).to(torch.int64)  # (T, S)
    x = far < 16  # (T, S)
    x1 = torch.clamp(16 + rough, max=31)  # (T, S)
    return torch.where(x, far, x1)  # (T, S)


class Attention(nn.Module):
    """x f32[N, T, D], memory f32[N, S, D], bias f32[N, heads, T, S] -> y f32[N, T, D]

    t5.dl:13
    """

    def __init__(self, D: int, heads: int, size: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.linear1 = nn.Linear(D, heads * size, bias=False)
        self.linear2 = nn.Linear(D, heads * size, bias=False)
        self.linear3 = nn.Linear(D, heads * size, bias=False)
        self.linear4 = nn.Linear(heads * size, D, bias=False)
        self.dropout1 = nn.Dropout(dropout)
        nn.init.normal_(self.linear1.weight, std=(D * size) ** -0.5)
        nn.init.normal_(self.linear2.weight, std=D**-0.5)
        nn.init.normal_(self.linear3.weight, std=D**-0.5)
        nn.init.normal_(self.linear4.weight, std=(heads * size) ** -0.5)

    def forward(self, x: Tensor, memory: Tensor, bias: Tensor) -> Tensor:
        # (N, heads, T, size)
        q = self.linear1(x).unflatten(2, (self.heads, -1)).transpose(1, 2)  # t5.dl:18
        # (N, heads, S, size)
        k = self.linear2(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, S, size)
        v = self.linear3(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, T, size)
        h = F.scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=bias,
            dropout_p=self.dropout if self.training else 0.0,
            scale=1.0,
        )
        x = torch.transpose(h, 1, 2).flatten(2)  # (N, T, heads*size)
        return self.dropout1(self.linear4(x))  # (N, T, D)  t5.dl:34


class Forward(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    t5.dl:37
    """

    def __init__(self, D: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(D, eps=1e-6)
        self.linear1 = nn.Linear(D, hidden, bias=False)
        self.dropout1 = nn.Dropout(dropout)
        self.linear2 = nn.Linear(hidden, D, bias=False)
        self.dropout2 = nn.Dropout(dropout)
        nn.init.normal_(self.linear1.weight, std=D**-0.5)
        nn.init.normal_(self.linear2.weight, std=hidden**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm1(x)  # (N, T, D)  t5.dl:40
        h = self.dropout1(F.relu(self.linear1(h)))  # (N, T, hidden)
        h = self.linear2(h)  # (N, T, D)
        return x + self.dropout2(h)  # (N, T, D)


class Encode(nn.Module):
    """x f32[N, S, D], bias f32[N, heads, S, S] -> y f32[N, S, D]

    t5.dl:48
    """

    def __init__(
        self, D: int, heads: int, size: int, hidden: int, dropout: float
    ) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(D, eps=1e-6)
        self.attention1 = Attention(D, heads, size, dropout)
        self.forward1 = Forward(D, hidden, dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        normed = self.norm1(x)  # (N, S, D)  t5.dl:51
        h = x + self.attention1(normed, normed, bias)  # (N, S, D)  t5.dl:52
        return self.forward1(h)  # (N, S, D)


class Decode(nn.Module):
    """x f32[N, T, D], past f32[N, heads, T, T], memory f32[N, S, D], seen
    f32[N, heads, T, S] -> y f32[N, T, D]

    t5.dl:56
    """

    def __init__(
        self, D: int, heads: int, size: int, hidden: int, dropout: float
    ) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(D, eps=1e-6)
        self.attention1 = Attention(D, heads, size, dropout)
        self.norm2 = nn.RMSNorm(D, eps=1e-6)
        self.attention2 = Attention(D, heads, size, dropout)
        self.forward1 = Forward(D, hidden, dropout)

    def forward(self, x: Tensor, past: Tensor, memory: Tensor, seen: Tensor) -> Tensor:
        normed = self.norm1(x)  # (N, T, D)  t5.dl:61
        h = x + self.attention1(normed, normed, past)  # (N, T, D)  t5.dl:62
        x = self.norm2(h)  # (N, T, D)
        h = h + self.attention2(x, memory, seen)  # (N, T, D)  t5.dl:63
        return self.forward1(h)  # (N, T, D)


class T5(nn.Module):
    """source token(vocabulary)[N, S], target token(vocabulary)[N, T] -> scores
    f32[N, T, vocabulary]

    t5.dl:67
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
        std = width**-0.5
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
        nn.init.normal_(self.embedding1.weight, std=std)
        nn.init.normal_(self.embed.weight)
        nn.init.normal_(self.embedding2.weight, std=std)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        N, S = source.shape
        T = target.shape[1]
        std = self.width**-0.5
        padding = (source == 0)[:, None, None]  # (N, 1, 1, S)
        times = torch.arange(S, device=source.device)  # (S,)
        apart = times - times[:, None]  # (S, S)
        place = bucket(torch.abs(apart))  # (S, S)
        x = place + 16 * (apart > 0)  # (S, S)
        bias = self.embedding1(x).permute(2, 0, 1)  # (heads, S, S)
        x = bias[None]  # (1, heads, S, S)
        bias = torch.masked_fill(x, padding, float("-inf"))  # (N, heads, S, S)
        memory = self.drop(self.embed(source))  # (N, S, width)  t5.dl:92
        for encode in self.encodes:
            memory = encode(memory, bias)  # (N, S, width)  t5.dl:94
        memory = self.drop(self.norm1(memory))  # (N, S, width)  t5.dl:96
        times = torch.arange(T, device=source.device)  # (T,)
        x = bucket2(torch.clamp(times[:, None] - times, min=0))  # (T, T)
        bias = self.embedding2(x).permute(2, 0, 1)  # (heads, T, T)
        # (heads, T, T)
        x = torch.masked_fill(bias, times > times[:, None], float("-inf"))
        past = x.expand((N, self.heads, T, T))  # (N, heads, T, T)
        x = torch.where(padding, float("-inf"), 0.0)  # (N, 1, 1, S)
        seen = x.expand((N, self.heads, T, S))  # (N, heads, T, S)
        h = self.drop(self.embed(target))  # (N, T, width)  t5.dl:105
        for decode in self.decodes:
            h = decode(h, past, memory, seen)  # (N, T, width)  t5.dl:107
        h = self.drop(self.norm2(h))  # (N, T, width)  t5.dl:109
        x = h * std  # (N, T, width)
        return x @ self.embed.weight.T  # (N, T, vocabulary)
