"""U-Net: Ronneberger, Fischer and Brox, 2015; padded and with batch normalisation."""

from itertools import pairwise

import torch
from torch import Tensor, nn


class Twice(nn.Sequential):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__(
            nn.Conv2d(channels, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
            nn.Conv2d(out, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
        )


class UNet(nn.Module):
    def __init__(
        self, depth: int = 4, width: int = 64, channels: int = 3, classes: int = 2
    ) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(depth + 1)]
        self.stem = Twice(channels, width)
        self.pool = nn.MaxPool2d(2)
        self.down, self.up, self.join = (nn.ModuleList() for _ in range(3))
        for narrow, wide in pairwise(widths):
            self.down.append(Twice(narrow, wide))
            self.up.insert(0, nn.ConvTranspose2d(wide, narrow, 2, stride=2))
            self.join.insert(0, Twice(wide, narrow))
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = self.stem(image)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(self.pool(x))
        for up, join in zip(self.up, self.join, strict=True):
            x = join(torch.cat([skips.pop(), up(x)], dim=1))
        return self.head(x)
