"""U-Net for pictures of any size: what comes up is padded to the size of its skip."""

from itertools import pairwise

import torch
import torch.nn.functional as F
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


class Up(nn.Module):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, out, 2, stride=2)
        self.join = Twice(2 * out, out)

    def forward(self, skip: Tensor, x: Tensor) -> Tensor:
        x = self.up(x)
        rows, columns = skip.shape[2] - x.shape[2], skip.shape[3] - x.shape[3]
        return self.join(torch.cat([skip, F.pad(x, (0, columns, 0, rows))], dim=1))


class UNet(nn.Module):
    def __init__(
        self, depth: int = 4, width: int = 64, channels: int = 3, classes: int = 2
    ) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(depth + 1)]
        pairs = list(pairwise(widths))
        self.stem = Twice(channels, width)
        self.pool = nn.MaxPool2d(2)
        self.down = nn.ModuleList(Twice(narrow, wide) for narrow, wide in pairs)
        self.up = nn.ModuleList(Up(wide, narrow) for narrow, wide in reversed(pairs))
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = self.stem(image)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(self.pool(x))
        for up in self.up:
            x = up(skips.pop(), x)
        return self.head(x)
