"""The network of gpt2.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    gpt2.dl:4
    """

    def __init__(self, D: int, heads: int, std: float, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        if D % heads != 0:
            raise ValueError("gpt2.dl:6: heads must divide the width")
        self.linear1 = nn.Linear(D, 3 * D)
        self.linear2 = nn.Linear(D, D)
        self.dropout1 = nn.Dropout(dropout)
        nn.init.normal_(self.linear1.weight, std=0.02)
        nn.init.normal_(self.linear2.weight, std=std)

    def forward(self, x: Tensor) -> Tensor:
        # (N, 3*heads, T, D // heads)
        packed = self.linear1(x).unflatten(2, (3 * self.heads, -1)).transpose(1, 2)
        q, k, v = packed.chunk(3, 1)
        # (N, heads, T, D // heads)
        h = F.scaled_dot_product_attention(
            q, k, v, dropout_p=self.dropout if self.training else 0.0, is_causal=True
        )
        # (N, T, D)
        return self.dropout1(self.linear2(h.transpose(1, 2).reshape(x.shape)))


class Layer(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    gpt2.dl:20
    """

    def __init__(self, D: int, heads: int, std: float, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(D)
        self.attention1 = Attention(D, heads, std, dropout)
        self.norm2 = nn.LayerNorm(D)
        self.linear1 = nn.Linear(D, 4 * D)
        self.linear2 = nn.Linear(4 * D, D)
        self.dropout1 = nn.Dropout(dropout)
        nn.init.normal_(self.linear1.weight, std=0.02)
        nn.init.normal_(self.linear2.weight, std=std)

    def forward(self, x: Tensor) -> Tensor:
        h = x + self.attention1(self.norm1(x))  # (N, T, D)  gpt2.dl:22
        wide = F.gelu(self.linear1(self.norm2(h)), approximate="tanh")  # (N, T, 4*D)
        return h + self.dropout1(self.linear2(wide))  # (N, T, D)


class GPT2(nn.Module):
    """words token(vocabulary)[N, T] -> logits f32[N, T, vocabulary]

    gpt2.dl:27
    """

    def __init__(
        self,
        vocabulary: int = 50257,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        longest: int = 1024,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.longest = longest
        std = 0.02 / (2 * depth) ** 0.5
        self.places = nn.Parameter(torch.empty(longest, width))
        nn.init.normal_(self.places, std=0.02)
        self.embed = nn.Embedding(vocabulary, width)
        self.dropout1 = nn.Dropout(dropout)
        self.layers = nn.Sequential(
            *(Layer(width, heads, std, dropout) for _ in range(depth))
        )
        self.norm1 = nn.LayerNorm(width)
        nn.init.normal_(self.embed.weight, std=0.02)

    def forward(self, words: Tensor) -> Tensor:
        T = words.shape[1]
        if T > self.longest:
            raise ValueError("gpt2.dl:39: T <= longest must hold")
        # (N, T, width)
        x = self.dropout1(self.embed(words) + self.places[:T])  # gpt2.dl:40
        h = self.norm1(self.layers(x))  # (N, T, width)
        return h @ self.embed.weight.T  # (N, T, vocabulary)
