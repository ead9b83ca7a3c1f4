"""The network of transformer.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def placed(x: Tensor) -> Tensor:
    """x f32[N, T, D] -> y f32[N, T, D]

    transformer.dl:23
    """
    _, T, D = x.shape
    x1 = torch.arange(T, device=x.device)  # (T,)
    # (T, (D + 1) // 2)
    angles = torch.outer(x1, 10000 ** (-torch.arange(0, D, 2, device=x.device) / D))
    # (T, D)
    x1 = torch.stack([torch.sin(angles), torch.cos(angles)], dim=2).reshape(T, D)
    return x + x1  # (N, T, D)


class Attention(nn.Module):
    """x f32[N, T, D], memory f32[N, S, D], seen bool[N, 1, T, S] -> z f32[N, T, D]

    transformer.dl:4
    """

    def __init__(self, D: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        if D % heads != 0:
            raise ValueError("transformer.dl:8: heads must divide the width")
        self.linear1 = nn.Linear(D, D)
        self.linear2 = nn.Linear(D, D)
        self.linear3 = nn.Linear(D, D)
        self.linear4 = nn.Linear(D, D)
        self.dropout1 = nn.Dropout(dropout)
        self.norm1 = nn.LayerNorm(D)

    def forward(self, x: Tensor, memory: Tensor, seen: Tensor) -> Tensor:
        # (N, heads, T, D // heads)
        q = self.linear1(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, S, D // heads)
        k = self.linear2(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, S, D // heads)
        v = self.linear3(memory).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, T, D // heads)
        h = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        y = self.dropout1(self.linear4(h.transpose(1, 2).reshape(x.shape)))  # (N, T, D)
        return self.norm1(x + y)  # (N, T, D)


class Forward(nn.Module):
    """x f32[N, T, D] -> z f32[N, T, D]

    transformer.dl:17
    """

    def __init__(self, D: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.linear1 = nn.Linear(D, hidden)
        self.linear2 = nn.Linear(hidden, D)
        self.dropout1 = nn.Dropout(dropout)
        self.norm1 = nn.LayerNorm(D)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.linear1(x))  # (N, T, hidden)  transformer.dl:19
        y = self.dropout1(self.linear2(y))  # (N, T, D)
        return self.norm1(x + y)  # (N, T, D)


class Transformer(nn.Module):
    """source token(vocabulary)[N, S], target token(vocabulary)[N, T] -> scores
    f32[N, T, vocabulary]

    transformer.dl:29
    """

    def __init__(
        self,
        vocabulary: int = 37000,
        width: int = 512,
        depth: int = 6,
        heads: int = 8,
        hidden: int = 2048,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.width = width
        self.embed = nn.Embedding(vocabulary, width)
        self.drop = nn.Dropout(dropout)
        self.attentions = nn.ModuleList()
        self.forwards = nn.ModuleList()
        for _ in range(depth):
            self.attentions.append(Attention(width, heads, dropout))
            self.forwards.append(Forward(width, hidden, dropout))
        self.attentions2 = nn.ModuleList()
        self.attentions3 = nn.ModuleList()
        self.forwards2 = nn.ModuleList()
        for _ in range(depth):
            self.attentions2.append(Attention(width, heads, dropout))
            self.attentions3.append(Attention(width, heads, dropout))
            self.forwards2.append(Forward(width, hidden, dropout))
        nn.init.normal_(self.embed.weight, std=width**-0.5)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        N, S = source.shape
        T = target.shape[1]
        words = (source != 0)[:, None, None]  # (N, 1, 1, S)
        # (N, 1, T, T)
        x = torch.ones(N, 1, T, T, dtype=torch.bool, device=source.device)
        past = torch.tril(x)  # (N, 1, T, T)
        read = words.expand((N, 1, S, S))  # (N, 1, S, S)
        # (N, S, width)
        memory = self.drop(placed(self.embed(source) * self.width**0.5))
        for attention, forward in zip(self.attentions, self.forwards, strict=True):
            # (N, S, width)
            memory = forward(attention(memory, memory, read))  # transformer.dl:47
        read = words.expand((N, 1, T, S))  # (N, 1, T, S)
        # (N, T, width)
        h = self.drop(placed(self.embed(target) * self.width**0.5))  # transformer.dl:51
        for attention2, attention3, forward2 in zip(
            self.attentions2, self.attentions3, self.forwards2, strict=True
        ):
            h = attention2(h, h, past)  # (N, T, width)  transformer.dl:53
            # (N, T, width)
            h = forward2(attention3(h, memory, read))  # transformer.dl:54
        return h @ self.embed.weight.T  # (N, T, vocabulary)
