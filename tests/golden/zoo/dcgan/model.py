"""The network of dcgan.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Up(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, H*stride - 2*padding - stride + 4,
    W*stride - 2*padding - stride + 4]

    dcgan.dl:8
    """

    def __init__(self, C: int, out: int, stride: int = 2, padding: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.ConvTranspose2d(
            C, out, kernel_size=4, stride=stride, padding=padding, bias=False
        )
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm1(self.conv1(x)))  # dcgan.dl:9


class Down(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, H // 2, W // 2]

    dcgan.dl:11
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, out, kernel_size=4, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        # (N, out, H // 2, W // 2)
        return F.leaky_relu(self.norm1(self.conv1(x)), negative_slope=0.2)


class Generator(nn.Module):
    """z f32[N, 100] -> image f32[N, channels, 64, 64]

    dcgan.dl:13
    """

    def __init__(self, width: int = 64, channels: int = 3) -> None:
        super().__init__()
        self.up1 = Up(100, 8 * width, stride=1, padding=0)
        self.up2 = Up(8 * width, 4 * width)
        self.up3 = Up(4 * width, 2 * width)
        self.up4 = Up(2 * width, width)
        self.conv1 = nn.ConvTranspose2d(
            width, channels, kernel_size=4, stride=2, padding=1, bias=False
        )
        for module in self.modules():
            if isinstance(module, nn.ConvTranspose2d):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, z: Tensor) -> Tensor:
        x = self.up1(z[:, :, None, None])  # (N, 8*width, 4, 4)  dcgan.dl:15
        x = self.up2(x)  # (N, 4*width, 8, 8)
        x = self.up3(x)  # (N, 2*width, 16, 16)
        h = self.up4(x)  # (N, width, 32, 32)
        return torch.tanh(self.conv1(h))  # (N, channels, 64, 64)


class Discriminator(nn.Module):
    """image f32[N, channels, 64, 64] -> score f32[N, 1]

    dcgan.dl:21
    """

    def __init__(self, width: int = 64, channels: int = 3) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            channels, width, kernel_size=4, stride=2, padding=1, bias=False
        )
        self.down1 = Down(width, 2 * width)
        self.down2 = Down(2 * width, 4 * width)
        self.down3 = Down(4 * width, 8 * width)
        self.conv2 = nn.Conv2d(8 * width, 1, kernel_size=4, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        # (N, width, 32, 32)
        h = F.leaky_relu(self.conv1(image), negative_slope=0.2)  # dcgan.dl:23
        x = self.down1(h)  # (N, 2*width, 16, 16)
        x = self.down2(x)  # (N, 4*width, 8, 8)
        h = self.down3(x)  # (N, 8*width, 4, 4)
        x = self.conv2(h)  # (N, 1, 1, 1)
        return torch.flatten(x, 1)  # (N, 1)
