"""DenseNet-121: Huang, Liu, van der Maaten and Weinberger, 2016."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class NormConv(nn.Module):
    def __init__(self, channels: int, out: int, kernel: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, out, kernel, padding=kernel // 2, bias=False)
        nn.init.kaiming_normal_(self.conv.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.relu(self.norm(x)))


class Dense(nn.Module):
    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.reduce = NormConv(channels, 4 * growth, 1)
        self.grow = NormConv(4 * growth, growth, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.grow(self.reduce(x))], dim=1)


class DenseNet(nn.Module):
    def __init__(
        self,
        depths: Sequence[int] = (6, 12, 24, 16),
        growth: int = 32,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        channels = 2 * growth
        stem = nn.Conv2d(3, channels, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(stem.weight)
        layers: list[nn.Module] = [
            stem,
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
        ]
        for i, depth in enumerate(depths):
            if i > 0:
                layers += [NormConv(channels, channels // 2, 1), nn.AvgPool2d(2)]
                channels //= 2
            for _ in range(depth):
                layers.append(Dense(channels, growth))
                channels += growth
        self.features = nn.Sequential(*layers, nn.BatchNorm2d(channels), nn.ReLU())
        self.head = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.features(image).mean((2, 3)))
