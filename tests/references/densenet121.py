"""DenseNet-121: Huang, Liu, van der Maaten and Weinberger, 2016."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class NormConv(nn.Module):
    def __init__(self, channels: int, out: int, size: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(
            channels, out, kernel_size=size, padding=size // 2, bias=False
        )
        nn.init.kaiming_normal_(self.conv.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.relu(self.norm(x)))


class Dense(nn.Module):
    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.reduce = NormConv(channels, 4 * growth, 1)
        self.grow = NormConv(4 * growth, growth, 3)

    def forward(self, x: Tensor) -> Tensor:
        new = self.reduce(x)
        new = self.grow(new)
        return torch.cat([x, new], dim=1)


class Transition(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = NormConv(channels, channels // 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduce(x)
        return F.avg_pool2d(x, 2)


class DenseNet(nn.Module):
    def __init__(
        self,
        depths: Sequence[int] = (6, 12, 24, 16),
        growth: int = 32,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        channels = 2 * growth
        self.conv = nn.Conv2d(
            3, channels, kernel_size=7, stride=2, padding=3, bias=False
        )
        self.norm1 = nn.BatchNorm2d(channels)
        self.blocks = nn.Sequential()
        for i, depth in enumerate(depths):
            if i > 0:
                self.blocks.append(Transition(channels))
                channels //= 2
            for _ in range(depth):
                self.blocks.append(Dense(channels, growth))
                channels += growth
        self.norm2 = nn.BatchNorm2d(channels)
        self.head = nn.Linear(channels, classes)
        nn.init.kaiming_normal_(self.conv.weight)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv(image)))
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        x = self.blocks(x)
        x = F.relu(self.norm2(x))
        x = torch.mean(x, dim=(2, 3))
        return self.head(x)
