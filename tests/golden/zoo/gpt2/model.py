# -*- coding: utf-8 -*-
"""The network of gpt2.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    gpt2.dl:4
    """

    def __init__(self, D: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.linear1 = nn.Linear(D, 3 * D)
        self.linear2 = nn.Linear(D, D)
        self.dropout1 = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        D = x.shape[2]
        N = x.shape[0]
        T = x.shape[1]
        heads = self.heads
        x = self.linear1(x)  # (N, T, 3*D)
        x = x.reshape(N, T, 3 * heads, D // heads)  # (N, T, 3*heads, D // heads)
        x = torch.permute(x, (0, 2, 1, 3))  # (N, 3*heads, T, D // heads)
        q, k, v = torch.chunk(x, 3, 1)
        # (N, heads, T, D // heads)
        h = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = torch.permute(h, (0, 2, 1, 3))  # (N, T, heads, D // heads)
        x = x.reshape(N, T, D)  # (N, T, D)
        x = self.linear2(x)  # (N, T, D)
        return self.dropout1(x)  # (N, T, D)


class Layer(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    gpt2.dl:20
    """

    def __init__(self, D: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(D)
        self.attention1 = Attention(D, heads=heads, dropout=dropout)
        self.norm2 = nn.LayerNorm(D)
        self.linear1 = nn.Linear(D, 4 * D)
        self.linear2 = nn.Linear(4 * D, D)
        self.dropout1 = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.norm1(x)  # (N, T, D)
        x1 = self.attention1(x1)  # (N, T, D)
        h = x + x1  # (N, T, D)
        x = self.norm2(h)  # (N, T, D)
        x = F.gelu(self.linear1(x), approximate="tanh")  # (N, T, 4*D)
        x = self.linear2(x)  # (N, T, D)
        x = self.dropout1(x)  # (N, T, D)
        return h + x  # (N, T, D)


class GPT2(nn.Module):
    """words token(50257)[N, T] -> logits f32[N, T, 50257]

    gpt2.dl:27
    """

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.empty(1024, 768))
        nn.init.normal_(self.places, std=0.02)
        self.embed = nn.Embedding(50257, 768)
        self.dropout1 = nn.Dropout(0.1)
        self.layer1 = Layer(768, heads=12, dropout=0.1)
        self.layer2 = Layer(768, heads=12, dropout=0.1)
        self.layer3 = Layer(768, heads=12, dropout=0.1)
        self.layer4 = Layer(768, heads=12, dropout=0.1)
        self.layer5 = Layer(768, heads=12, dropout=0.1)
        self.layer6 = Layer(768, heads=12, dropout=0.1)
        self.layer7 = Layer(768, heads=12, dropout=0.1)
        self.layer8 = Layer(768, heads=12, dropout=0.1)
        self.layer9 = Layer(768, heads=12, dropout=0.1)
        self.layer10 = Layer(768, heads=12, dropout=0.1)
        self.layer11 = Layer(768, heads=12, dropout=0.1)
        self.layer12 = Layer(768, heads=12, dropout=0.1)
        self.norm1 = nn.LayerNorm(768)
        nn.init.normal_(self.embed.weight, std=0.02)

    def forward(self, words: Tensor) -> Tensor:
        T = words.shape[1]
        if not T <= 1024:
            raise ValueError("gpt2.dl:38: T <= 1024")
        x = self.embed(words)  # (N, T, 768)
        x = x + self.places[:T]  # (N, T, 768)
        x = self.dropout1(x)  # (N, T, 768)
        x = self.layer1(x)  # (N, T, 768)
        x = self.layer2(x)  # (N, T, 768)
        x = self.layer3(x)  # (N, T, 768)
        x = self.layer4(x)  # (N, T, 768)
        x = self.layer5(x)  # (N, T, 768)
        x = self.layer6(x)  # (N, T, 768)
        x = self.layer7(x)  # (N, T, 768)
        x = self.layer8(x)  # (N, T, 768)
        x = self.layer9(x)  # (N, T, 768)
        x = self.layer10(x)  # (N, T, 768)
        x = self.layer11(x)  # (N, T, 768)
        h = self.layer12(x)  # (N, T, 768)
        x = self.norm1(h)  # (N, T, 768)
        return x @ self.embed.weight.T  # (N, T, 50257)
