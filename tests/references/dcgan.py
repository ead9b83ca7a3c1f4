"""DCGAN, as in Radford, Metz and Chintala 2015, figure 1 and section 3."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def initialized(module: nn.Module) -> None:
    """Weights of convolutions around 0, with a deviation of 0.02."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, std=0.02)


class Up(nn.Module):
    """A picture of twice the size."""

    def __init__(
        self, inputs: int, out: int, stride: int = 2, padding: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(
            inputs, out, kernel_size=4, stride=stride, padding=padding, bias=False
        )
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


class Down(nn.Module):
    """A picture of half the size."""

    def __init__(self, inputs: int, out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            inputs, out, kernel_size=4, stride=2, padding=1, bias=False
        )
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.norm(self.conv(x)), 0.2)


class Generator(nn.Module):
    """Noise (N, 100) as pictures (N, channels, 64, 64)."""

    def __init__(self, width: int = 64, channels: int = 3) -> None:
        super().__init__()
        self.up1 = Up(100, 8 * width, stride=1, padding=0)
        self.up2 = Up(8 * width, 4 * width)
        self.up3 = Up(4 * width, 2 * width)
        self.up4 = Up(2 * width, width)
        self.conv = nn.ConvTranspose2d(
            width, channels, kernel_size=4, stride=2, padding=1, bias=False
        )
        self.apply(initialized)

    def forward(self, z: Tensor) -> Tensor:
        x = z[:, :, None, None]
        x = self.up1(x)
        x = self.up2(x)
        x = self.up3(x)
        x = self.up4(x)
        return torch.tanh(self.conv(x))


class Discriminator(nn.Module):
    """Pictures (N, channels, 64, 64) as one score each."""

    def __init__(self, width: int = 64, channels: int = 3) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            channels, width, kernel_size=4, stride=2, padding=1, bias=False
        )
        self.down1 = Down(width, 2 * width)
        self.down2 = Down(2 * width, 4 * width)
        self.down3 = Down(4 * width, 8 * width)
        self.conv2 = nn.Conv2d(8 * width, 1, kernel_size=4, bias=False)
        self.apply(initialized)

    def forward(self, image: Tensor) -> Tensor:
        x = F.leaky_relu(self.conv1(image), 0.2)
        x = self.down1(x)
        x = self.down2(x)
        x = self.down3(x)
        x = self.conv2(x)
        return x.flatten(1)
