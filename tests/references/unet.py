"""U-Net: Ronneberger, Fischer and Brox, 2015; padded and with batch normalisation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Twice(nn.Module):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(x)))


class Up(nn.Module):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, out, kernel_size=2, stride=2)
        self.join = Twice(2 * out, out)

    def forward(self, skip: Tensor, x: Tensor) -> Tensor:
        x = self.up(x)
        x = torch.cat([skip, x], dim=1)
        return self.join(x)


class UNet(nn.Module):
    def __init__(
        self, depth: int = 4, width: int = 64, channels: int = 3, classes: int = 2
    ) -> None:
        super().__init__()
        self.depth = depth
        self.stem = Twice(channels, width)
        self.downs = nn.ModuleList()
        self.ups = nn.ModuleList()
        for level in range(depth):
            self.downs.append(Twice(width * 2**level, width * 2 ** (level + 1)))
        for level in reversed(range(depth)):
            self.ups.append(Up(width * 2 ** (level + 1), width * 2**level))
        self.head = nn.Conv2d(width, classes, kernel_size=1)

    def forward(self, image: Tensor) -> Tensor:
        _, _, height, width = image.shape
        if height % 2**self.depth or width % 2**self.depth:
            raise ValueError(f"multiples of {2**self.depth}, not {height} and {width}")
        x = self.stem(image)
        skips = []
        for down in self.downs:
            skips.append(x)
            x = F.max_pool2d(x, 2)
            x = down(x)
        for up in self.ups:
            x = up(skips.pop(), x)
        return self.head(x)
