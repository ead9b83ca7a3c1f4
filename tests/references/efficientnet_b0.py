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


class Excite(nn.Module):
    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, kernel_size=1)
        self.excite = nn.Conv2d(squeezed, channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.mean(x, dim=(2, 3), keepdim=True)
        scale = F.silu(self.squeeze(scale))
        return x * torch.sigmoid(self.excite(scale))


class Inverted(nn.Module):
    def __init__(
        self, inputs: int, out: int, expand: int, size: int, stride: int, dropped: float
    ) -> None:
        super().__init__()
        wide = expand * inputs
        self.expand = nn.Identity()
        if expand > 1:
            self.expand = nn.Sequential(ConvNorm(inputs, wide), nn.SiLU())
        self.filter = ConvNorm(wide, wide, size, stride, groups=wide)
        self.excite = Excite(wide, inputs // 4)
        self.project = ConvNorm(wide, out)
        self.is_residual = stride == 1 and inputs == out
        self.dropped = dropped

    def forward(self, x: Tensor) -> Tensor:
        h = self.expand(x)
        h = F.silu(self.filter(h))
        h = self.excite(h)
        h = self.project(h)
        if not self.is_residual:
            return h
        kept = torch.ones(len(x), 1, 1, 1, device=x.device)
        kept = F.dropout(kept, self.dropped, training=self.training)
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
        last = 4 * eights(320 * wide)
        total = sum(math.ceil(depth * deep) for *_, depth in STAGES)
        done = 0
        self.stem = ConvNorm(3, channels, 3, stride=2)
        self.blocks = nn.Sequential()
        for expand, size, stride, out, depth in STAGES:
            out = eights(out * wide)
            for i in range(math.ceil(depth * deep)):
                first = stride if i == 0 else 1
                rate = dropped * done / total
                self.blocks.append(Inverted(channels, out, expand, size, first, rate))
                channels = out
                done += 1
        self.final = ConvNorm(channels, last)
        self.dropout = nn.Dropout(dropped)
        self.head = nn.Linear(last, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        bound = 1 / math.sqrt(classes)
        nn.init.uniform_(self.head.weight, -bound, bound)

    def forward(self, image: Tensor) -> Tensor:
        x = F.silu(self.stem(image))
        x = self.blocks(x)
        x = F.silu(self.final(x))
        x = self.dropout(torch.mean(x, dim=(2, 3)))
        return self.head(x)
