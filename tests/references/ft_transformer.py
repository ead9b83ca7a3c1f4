"""FT-Transformer, as in Gorishniy, Rubachev, Khrulkov and Babenko 2021, section 3.3."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Layer(nn.Module):
    """Attention and a gated feed-forward part; the first layer has one norm less."""

    def __init__(self, width: int, heads: int, hidden: int, is_first: bool) -> None:
        super().__init__()
        self.norm1 = nn.Identity() if is_first else nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(
            width, heads, dropout=0.2, batch_first=True
        )
        self.norm2 = nn.LayerNorm(width)
        self.linear1 = nn.Linear(width, 2 * hidden)
        self.dropout = nn.Dropout(0.1)
        self.linear2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm1(x)
        h, _ = self.attention(h, h, h, need_weights=False)
        x = x + h
        h = self.linear1(self.norm2(x))
        value, gate = h.chunk(2, -1)
        h = self.dropout(value * F.relu(gate))
        return x + self.linear2(h)


class FTTransformer(nn.Module):
    """Numbers (N, numbers) as outputs (N, outputs), read off a token of its own."""

    def __init__(
        self,
        numbers: int = 8,
        width: int = 192,
        depth: int = 3,
        heads: int = 8,
        outputs: int = 1,
    ) -> None:
        super().__init__()
        self.readout = nn.Parameter(torch.empty(1, 1, width))
        self.scale = nn.Parameter(torch.empty(numbers, width))
        self.shift = nn.Parameter(torch.empty(numbers, width))
        bound = 1 / math.sqrt(width)
        for each in (self.readout, self.scale, self.shift):
            nn.init.uniform_(each, -bound, bound)
        self.layers = nn.ModuleList(
            Layer(width, heads, width * 4 // 3, index == 0) for index in range(depth)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        readout = self.readout.expand(len(x), -1, -1)
        tokens = x[:, :, None] * self.scale + self.shift
        h = torch.cat([readout, tokens], 1)
        for layer in self.layers:
            h = layer(h)
        h = F.relu(self.norm(h[:, 0]))
        return self.head(h)
