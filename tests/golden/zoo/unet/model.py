"""The network of unet.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Twice(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, H, W]

    unet.dl:4
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, out, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv1(x)))  # (N, out, H, W)  unet.dl:6
        return F.relu(self.norm2(self.conv2(x)))  # (N, out, H, W)


class Up(nn.Module):
    """skip f32[N, out, H, W], x f32[N, D, h, w] -> y f32[N, out, H, W]

    unet.dl:12
    """

    def __init__(self, D: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.ConvTranspose2d(D, out, kernel_size=2, stride=2)
        self.twice1 = Twice(2 * out, out)

    def forward(self, skip: Tensor, x: Tensor) -> Tensor:
        up = self.conv1(x)  # (N, out, 2*h, 2*w)  unet.dl:15
        return self.twice1(torch.cat([skip, up], dim=1))  # (N, out, H, W)  unet.dl:16


class UNet(nn.Module):
    """image f32[N, channels, H, W] -> logits f32[N, classes, H, W]

    unet.dl:19
    """

    def __init__(self, width: int = 64, channels: int = 3, classes: int = 2) -> None:
        super().__init__()
        self.twice1 = Twice(channels, width)
        self.twices = nn.ModuleList(
            Twice(2**level * width, 2 ** (level + 1) * width) for level in range(4)
        )
        self.ups = nn.ModuleList()
        for level in reversed(range(4)):
            self.ups.append(Up(2 ** (level + 1) * width, 2**level * width))
        self.conv1 = nn.Conv2d(width, classes, kernel_size=1)

    def forward(self, image: Tensor) -> Tensor:
        if any(size % 16 != 0 for size in image.shape[2:]):
            raise ValueError("unet.dl:16: H and W must be multiples of 16")
        h = self.twice1(image)  # (N, width, H, W)  unet.dl:21
        skips: list[Tensor] = []
        for twice in self.twices:
            skips.append(h)
            # (N, 2 ** (level + 1)*width, h // 2, w // 2)
            h = twice(F.max_pool2d(h, 2))  # unet.dl:25
        for up in self.ups:
            h = up(skips.pop(), h)  # (N, 2**level*width, h, w)  unet.dl:28
        return self.conv1(h)  # (N, classes, H, W)
