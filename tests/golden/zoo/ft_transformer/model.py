"""The network of ft_transformer.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Layer(nn.Module):
    """x f32[N, T, D] -> y f32[N, T, D]

    ft_transformer.dl:4
    """

    def __init__(self, D: int, heads: int, hidden: int, is_first: bool) -> None:
        super().__init__()
        self.norm1 = nn.Identity() if is_first else nn.LayerNorm(D)
        self.attention1 = nn.MultiheadAttention(D, heads, dropout=0.2, batch_first=True)
        self.norm2 = nn.LayerNorm(D)
        self.linear1 = nn.Linear(D, 2 * hidden)
        self.dropout1 = nn.Dropout(0.1)
        self.linear2 = nn.Linear(hidden, D)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm1(x)  # (N, T, D)
        # (N, T, D)
        h, _ = self.attention1(h, h, h, need_weights=False)  # ft_transformer.dl:7
        x = x + h  # (N, T, D)
        # (N, T, hidden), (N, T, hidden)
        value, gate = self.linear1(self.norm2(x)).chunk(2, -1)  # ft_transformer.dl:9
        return x + self.linear2(self.dropout1(value * F.relu(gate)))  # (N, T, D)


class FTTransformer(nn.Module):
    """x f32[N, numbers] -> y f32[N, outputs]

    ft_transformer.dl:13
    """

    def __init__(
        self,
        numbers: int = 8,
        width: int = 192,
        depth: int = 3,
        heads: int = 8,
        outputs: int = 1,
    ) -> None:
        super().__init__()
        bound = 1 / width**0.5
        self.scale = nn.Parameter(torch.empty(numbers, width))
        nn.init.uniform_(self.scale, a=-bound, b=bound)
        self.shift = nn.Parameter(torch.empty(numbers, width))
        nn.init.uniform_(self.shift, a=-bound, b=bound)
        self.readout = nn.Parameter(torch.empty(1, 1, width))
        nn.init.uniform_(self.readout, a=-bound, b=bound)
        self.layers = nn.Sequential(
            *(Layer(width, heads, width + width // 3, i == 0) for i in range(depth))
        )
        self.norm1 = nn.LayerNorm(width)
        self.linear1 = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.readout.expand((x.shape[0], -1, -1))  # (N, 1, width)
        # (N, numbers + 1, width)
        h = torch.cat([x1, x[:, :, None] * self.scale + self.shift], dim=1)
        h = self.layers(h)  # (N, numbers + 1, width)
        # (N, outputs)
        return self.linear1(F.relu(self.norm1(h[:, 0])))  # ft_transformer.dl:29
