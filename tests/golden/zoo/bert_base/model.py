"""The network of bert_base.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """x f32[N, T, D], seen bool[N, 1, 1, T] -> y f32[N, T, D]

    bert_base.dl:5
    """

    def __init__(self, D: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        if D % heads != 0:
            raise ValueError("bert_base.dl:8: heads must divide the width")
        self.linear1 = nn.Linear(D, D)
        self.linear2 = nn.Linear(D, D)
        self.linear3 = nn.Linear(D, D)
        self.linear4 = nn.Linear(D, D)
        self.dropout1 = nn.Dropout(dropout)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        # (N, heads, T, D // heads)
        q = self.linear1(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, T, D // heads)
        k = self.linear2(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, T, D // heads)
        v = self.linear3(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        # (N, heads, T, D // heads)
        h = F.scaled_dot_product_attention(
            q, k, v, attn_mask=seen, dropout_p=self.dropout if self.training else 0.0
        )
        # (N, T, D)
        return self.dropout1(self.linear4(h.transpose(1, 2).reshape(x.shape)))


class Layer(nn.Module):
    """x f32[N, T, D], seen bool[N, 1, 1, T] -> y f32[N, T, D]

    bert_base.dl:16
    """

    def __init__(self, D: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention1 = Attention(D, heads, dropout)
        self.norm1 = nn.LayerNorm(D, eps=1e-12)
        self.linear1 = nn.Linear(D, 4 * D)
        self.linear2 = nn.Linear(4 * D, D)
        self.dropout1 = nn.Dropout(dropout)
        self.norm2 = nn.LayerNorm(D, eps=1e-12)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        h = self.norm1(x + self.attention1(x, seen))  # (N, T, D)  bert_base.dl:19
        wide = F.gelu(self.linear1(h))  # (N, T, 4*D)
        return self.norm2(h + self.dropout1(self.linear2(wide)))  # (N, T, D)


class BERT(nn.Module):
    """words token(vocabulary)[N, T], parts token(2)[N, T] -> states f32[N, T, width],
    pooled f32[N, width]

    bert_base.dl:24
    """

    def __init__(
        self,
        vocabulary: int = 30522,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        longest: int = 512,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.longest = longest
        self.places = nn.Parameter(torch.empty(longest, width))
        nn.init.normal_(self.places, std=0.02)
        self.embedding1 = nn.Embedding(vocabulary, width, padding_idx=0)
        self.embedding2 = nn.Embedding(2, width)
        self.norm1 = nn.LayerNorm(width, eps=1e-12)
        self.dropout1 = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(width, heads, dropout) for _ in range(depth))
        self.linear1 = nn.Linear(width, width)
        for module in self.modules():
            if isinstance(module, nn.Embedding | nn.Linear):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(self.embedding1.weight[0])

    def forward(self, words: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
        T = words.shape[1]
        if T > self.longest:
            raise ValueError("bert_base.dl:37: T <= longest must hold")
        seen = (words != 0)[:, None, None]  # (N, 1, 1, T)
        # (N, T, width)
        h = self.embedding1(words) + self.embedding2(parts) + self.places[:T]
        h = self.dropout1(self.norm1(h))  # (N, T, width)
        for layer in self.layers:
            h = layer(h, seen)  # (N, T, width)  bert_base.dl:40
        # states (N, T, width), pooled (N, width)
        return h, torch.tanh(self.linear1(h[:, 0]))  # bert_base.dl:43
