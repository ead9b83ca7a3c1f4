"""EfficientNet: Tan and Le, 2019; with torchvision's norms and rates."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# How often a block widens, its kernel, the stride of the first, channels, how many.
STAGES = [
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
]


def eights(size: float) -> int:
    """The multiple of 8 that is nearest, but never less than nine tenths."""
    nearest = max(8, int(size + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * size else nearest


class ConvNorm(nn.Sequential):
    def __init__(
        self, channels: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        padding = kernel // 2
        super().__init__(
            nn.Conv2d(
                channels, out, kernel, stride, padding, groups=groups, bias=False
            ),
            nn.BatchNorm2d(out),
        )


class Excite(nn.Module):
    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.excite = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        scale = F.silu(self.squeeze(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.excite(scale))


class Inverted(nn.Module):
    def __init__(
        self,
        channels: int,
        out: int,
        expand: int,
        kernel: int,
        stride: int,
        dropped: float,
    ) -> None:
        super().__init__()
        wide = expand * channels
        layers: list[nn.Module] = []
        if expand > 1:
            layers += [ConvNorm(channels, wide), nn.SiLU()]
        layers += [
            ConvNorm(wide, wide, kernel, stride, groups=wide),
            nn.SiLU(),
            Excite(wide, channels // 4),
            ConvNorm(wide, out),
        ]
        self.layers = nn.Sequential(*layers)
        self.is_residual = stride == 1 and channels == out
        self.dropped = dropped

    def forward(self, x: Tensor) -> Tensor:
        h = self.layers(x)
        if not self.is_residual:
            return h
        kept = F.dropout(h.new_ones(len(h), 1, 1, 1), self.dropped, self.training)
        return x + h * kept


class EfficientNet(nn.Module):
    def __init__(
        self,
        wide: float = 1.0,
        deep: float = 1.0,
        dropped: float = 0.2,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        channels = eights(32 * wide)
        layers: list[nn.Module] = [ConvNorm(3, channels, 3, stride=2), nn.SiLU()]
        total = sum(math.ceil(depth * deep) for *_, depth in STAGES)
        done = 0
        for expand, kernel, stride, out, depth in STAGES:
            out = eights(out * wide)
            for i in range(math.ceil(depth * deep)):
                first = stride if i == 0 else 1
                rate = dropped * done / total
                layers.append(Inverted(channels, out, expand, kernel, first, rate))
                channels = out
                done += 1
        last = 4 * channels
        self.features = nn.Sequential(*layers, ConvNorm(channels, last), nn.SiLU())
        self.head = nn.Sequential(nn.Dropout(dropped), nn.Linear(last, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                bound = 1 / math.sqrt(classes)
                nn.init.uniform_(module.weight, -bound, bound)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.features(image).mean((2, 3)))
