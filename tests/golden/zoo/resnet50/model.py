"""The network of resnet50.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, (H - kernel + 2*(kernel // 2)) // stride + 1,
    (W - kernel + 2*(kernel // 2)) // stride + 1]

    resnet50.dl:4
    """

    def __init__(self, C: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            C, out, kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.norm1 = nn.BatchNorm2d(out)
        nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out")

    def forward(self, x: Tensor) -> Tensor:
        return self.norm1(self.conv1(x))  # resnet50.dl:6


class Bottleneck(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, 4*width,
    (H if C == 4 * width else (H - 1) // stride + 1),
    (W if C == 4 * width else (W - 1) // stride + 1)]

    resnet50.dl:8
    """

    def __init__(self, C: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(C, width, kernel=1)
        self.conv_norm2 = ConvNorm(width, width, kernel=3, stride=stride)
        self.conv_norm3 = ConvNorm(width, 4 * width, kernel=1)
        self.conv_norm4: nn.Module = nn.Identity()
        if C != 4 * width:
            self.conv_norm4 = ConvNorm(C, 4 * width, kernel=1, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        # (N, width, (H - 1) // stride + 1, (W - 1) // stride + 1)
        main = self.conv_norm2(F.relu(self.conv_norm1(x)))  # resnet50.dl:13
        # (N, 4*width, (H - 1) // stride + 1, (W - 1) // stride + 1)
        main = self.conv_norm3(F.relu(main))
        return F.relu(main + self.conv_norm4(x))


class ResNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    resnet50.dl:19
    """

    def __init__(
        self, depths: tuple[int, ...] = (3, 4, 6, 3), classes: int = 1000
    ) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(3, out=64, kernel=7, stride=2)
        self.bottlenecks = nn.Sequential()
        channels = 64
        for i, width in enumerate((64, 128, 256, 512)):
            self.bottlenecks.append(Bottleneck(channels, width, min(i + 1, 2)))
            for _ in range(depths[i] - 1):
                self.bottlenecks.append(Bottleneck(4 * width, width, stride=1))
            channels = 4 * width
        self.linear1 = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        # (N, 64, (H + 1) // 2, (W + 1) // 2)
        x = self.conv_norm1(image)  # resnet50.dl:21
        # (N, 64, (H + 3) // 4, (W + 3) // 4)
        h = F.relu(F.max_pool2d(x, 3, stride=2, padding=1))
        h = self.bottlenecks(h)  # (N, channels, h, w)
        x = torch.mean(h, dim=(2, 3))  # (N, channels)
        return self.linear1(x)  # (N, classes)
