"""ResNet-50 and ResNet-101: He, Zhang, Ren and Sun, 2015; stride in the middle."""

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


class Bottleneck(nn.Module):
    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = ConvNorm(channels, width, 1)
        self.conv2 = ConvNorm(width, width, 3, stride)
        self.conv3 = ConvNorm(width, 4 * width, 1)
        self.skip = nn.Identity()
        if channels != 4 * width:
            self.skip = ConvNorm(channels, 4 * width, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv1(x))
        main = F.relu(self.conv2(main))
        main = self.conv3(main)
        return F.relu(main + self.skip(x))


class ResNet(nn.Module):
    def __init__(
        self, depths: Sequence[int] = (3, 4, 6, 3), classes: int = 1000
    ) -> None:
        super().__init__()
        self.stem = ConvNorm(3, 64, 7, 2)
        self.blocks = nn.Sequential()
        channels = 64
        for i, depth in enumerate(depths):
            width = 64 * 2**i
            for j in range(depth):
                stride = 2 if i > 0 and j == 0 else 1
                self.blocks.append(Bottleneck(channels, width, stride))
                channels = 4 * width
        self.head = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.stem(image))
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        x = self.blocks(x)
        x = torch.mean(x, dim=(2, 3))
        return self.head(x)
