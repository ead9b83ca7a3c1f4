"""The network of resnet18.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, (H - kernel + 2*(kernel // 2)) // stride + 1,
    (W - kernel + 2*(kernel // 2)) // stride + 1]

    resnet18.dl:4
    """

    def __init__(self, C: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            C, out, kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.norm1 = nn.BatchNorm2d(out)
        nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out")

    def forward(self, x: Tensor) -> Tensor:
        return self.norm1(self.conv1(x))  # resnet18.dl:6


class Residual(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, out, (H if C == out else (H - 1) // stride + 1),
    (W if C == out else (W - 1) // stride + 1)]

    resnet18.dl:8
    """

    def __init__(self, C: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(C, out, kernel=3, stride=stride)
        self.conv_norm2 = ConvNorm(out, out, kernel=3)
        self.conv_norm3: nn.Module = nn.Identity()
        if C != out:
            self.conv_norm3 = ConvNorm(C, out, kernel=1, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        # (N, out, (H - 1) // stride + 1, (W - 1) // stride + 1)
        main = self.conv_norm2(F.relu(self.conv_norm1(x)))  # resnet18.dl:10
        return F.relu(main + self.conv_norm3(x))


class ResNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    resnet18.dl:14
    """

    def __init__(
        self, depths: tuple[int, ...] = (2, 2, 2, 2), classes: int = 1000
    ) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(3, out=64, kernel=7, stride=2)
        self.residuals = nn.Sequential()
        channels = 64
        for i, width in enumerate((64, 128, 256, 512)):
            self.residuals.append(Residual(channels, width, min(i + 1, 2)))
            for _ in range(depths[i] - 1):
                self.residuals.append(Residual(width, width, stride=1))
            channels = width
        self.linear1 = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        # (N, 64, (H + 1) // 2, (W + 1) // 2)
        x = self.conv_norm1(image)  # resnet18.dl:16
        # (N, 64, (H + 3) // 4, (W + 3) // 4)
        h = F.relu(F.max_pool2d(x, 3, stride=2, padding=1))
        h = self.residuals(h)  # (N, channels, h, w)
        x = torch.mean(h, dim=(2, 3))  # (N, channels)
        return self.linear1(x)  # (N, classes)
