"""The network of unet_odd.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Twice(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, H, W]

    unet_odd.dl:4
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, out, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv1(x)))  # (N, out, H, W)  unet_odd.dl:6
        return F.relu(self.norm2(self.conv2(x)))  # (N, out, H, W)


class Up(nn.Module):
    """skip f32[N, C, H, W], x f32[N, D, h, w] -> y f32[N, out, H, W]

    unet_odd.dl:12
    """

    def __init__(self, D: int, C: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.ConvTranspose2d(D, out, kernel_size=2, stride=2)
        self.twice1 = Twice(C + out, out)

    def forward(self, skip: Tensor, x: Tensor) -> Tensor:
        _, _, H, W = skip.shape
        _, _, h, w = x.shape
        x = self.conv1(x)  # (N, out, 2*h, 2*w)  unet_odd.dl:15
        up = F.pad(x, (0, W - 2 * w, 0, H - 2 * h))  # (N, out, H, W)
        x = torch.cat([skip, up], dim=1)  # (N, C + out, H, W)
        return self.twice1(x)  # (N, out, H, W)  unet_odd.dl:16


class UNet(nn.Module):
    """image f32[N, channels, H, W] -> logits f32[N, classes, H, W]

    unet_odd.dl:19
    """

    def __init__(
        self, depth: int = 4, width: int = 64, channels: int = 3, classes: int = 2
    ) -> None:
        super().__init__()
        self.twice1 = Twice(channels, out=width)
        skips: list[int] = []
        self.twices = nn.ModuleList()
        channels2 = width
        for level in range(depth):
            skips.append(channels2)
            self.twices.append(Twice(channels2, out=2 ** (level + 1) * width))
            channels2 = 2 ** (level + 1) * width
        self.ups = nn.ModuleList()
        for level in reversed(range(depth)):
            self.ups.append(Up(channels2, skips.pop(), out=2**level * width))
            channels2 = 2**level * width
        self.conv1 = nn.Conv2d(channels2, classes, kernel_size=1)

    def forward(self, image: Tensor) -> Tensor:
        h = self.twice1(image)  # (N, width, H, W)  unet_odd.dl:21
        skips: list[Tensor] = []
        for twice in self.twices:
            skips.append(h)
            x = F.max_pool2d(h, 2)  # (N, channels2, h // 2, w // 2)
            h = twice(x)  # (N, 2 ** (level + 1)*width, h // 2, w // 2)  unet_odd.dl:25
        for up in self.ups:
            h = up(skips.pop(), h)  # (N, 2**level*width, h, w)  unet_odd.dl:28
        return self.conv1(h)  # (N, classes, H, W)
