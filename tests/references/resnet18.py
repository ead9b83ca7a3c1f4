"""ResNet-18 and ResNet-34: He, Zhang, Ren and Sun, 2015."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Sequential):
    def __init__(self, channels: int, out: int, kernel: int, stride: int = 1) -> None:
        conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False)
        nn.init.kaiming_normal_(conv.weight, mode="fan_out")
        super().__init__(conv, nn.BatchNorm2d(out))


class Residual(nn.Module):
    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(channels, out, 3, stride)
        self.conv2 = ConvNorm(out, out, 3)
        self.skip = nn.Identity()
        if channels != out:
            self.skip = ConvNorm(channels, out, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        main = self.conv2(F.relu(self.conv1(x)))
        return F.relu(main + self.skip(x))


class ResNet(nn.Module):
    def __init__(
        self, depths: Sequence[int] = (2, 2, 2, 2), classes: int = 1000
    ) -> None:
        super().__init__()
        self.stem = ConvNorm(3, 64, 7, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        blocks: list[nn.Module] = []
        channels = 64
        for i, depth in enumerate(depths):
            for j in range(depth):
                stride = 2 if i > 0 and j == 0 else 1
                blocks.append(Residual(channels, 64 * 2**i, stride))
                channels = 64 * 2**i
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = self.blocks(self.pool(F.relu(self.stem(image))))
        return self.head(x.mean((2, 3)))
