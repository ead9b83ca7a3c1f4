"""MobileNetV2: Sandler, Howard, Zhu, Zhmoginov and Chen, 2018."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# How often a block widens, its channels, how many there are, the stride of the first.
STAGES = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]


def eights(size: float) -> int:
    """The multiple of 8 that is nearest, but never less than nine tenths."""
    nearest = max(8, int(size + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * size else nearest


class ConvNorm(nn.Module):
    def __init__(
        self, channels: int, out: int, size: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels,
            out,
            kernel_size=size,
            stride=stride,
            padding=size // 2,
            groups=groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Inverted(nn.Module):
    def __init__(self, channels: int, out: int, expand: int, stride: int) -> None:
        super().__init__()
        wide = expand * channels
        self.expand = nn.Identity()
        if expand > 1:
            self.expand = nn.Sequential(ConvNorm(channels, wide), nn.ReLU6())
        self.filter = ConvNorm(wide, wide, 3, stride, groups=wide)
        self.project = ConvNorm(wide, out)
        self.is_residual = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        h = self.expand(x)
        h = F.relu6(self.filter(h))
        h = self.project(h)
        return x + h if self.is_residual else h


class MobileNetV2(nn.Module):
    def __init__(self, width: float = 1.0, classes: int = 1000) -> None:
        super().__init__()
        channels = eights(32 * width)
        last = eights(1280 * max(1.0, width))
        self.stem = ConvNorm(3, channels, 3, stride=2)
        self.blocks = nn.Sequential()
        for expand, out, depth, stride in STAGES:
            out = eights(out * width)
            self.blocks.append(Inverted(channels, out, expand, stride))
            for _ in range(depth - 1):
                self.blocks.append(Inverted(out, out, expand, stride=1))
            channels = out
        self.final = ConvNorm(channels, last)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(last, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        nn.init.normal_(self.head.weight, std=0.01)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu6(self.stem(image))
        x = self.blocks(x)
        x = F.relu6(self.final(x))
        x = self.dropout(torch.mean(x, dim=(2, 3)))
        return self.head(x)
