"""ResNet-18 and ResNet-34: He, Zhang, Ren and Sun, 2015."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Module):
    def __init__(self, inputs: int, out: int, size: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            inputs, out, kernel_size=size, stride=stride, padding=size // 2, bias=False
        )
        self.norm = nn.BatchNorm2d(out)
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out")

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


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
        self.stem = ConvNorm(3, 64, 7, 2)
        self.blocks = nn.Sequential()
        channels = 64
        for i, depth in enumerate(depths):
            for j in range(depth):
                stride = 2 if i > 0 and j == 0 else 1
                self.blocks.append(Residual(channels, 64 * 2**i, stride))
                channels = 64 * 2**i
        self.head = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.stem(image))
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        x = self.blocks(x)
        x = torch.mean(x, dim=(2, 3))
        return self.head(x)
