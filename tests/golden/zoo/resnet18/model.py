# -*- coding: utf-8 -*-
"""The network of resnet18.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Module):
    """ConvNorm

    resnet18.dl:4
    """

    def __init__(self, C: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            C, out, kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        return self.norm1(x)


class Residual(nn.Module):
    """Residual

    resnet18.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(64, out=64, kernel=3, stride=1)
        self.conv_norm2 = ConvNorm(64, out=64, kernel=3)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        main = self.conv_norm2(main)  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        return F.relu(main + x)  # (N, 64, (H + 3) // 4, (W + 3) // 4)


class Residual2(nn.Module):
    """Residual2

    resnet18.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(64, out=128, kernel=3, stride=2)
        self.conv_norm2 = ConvNorm(128, out=128, kernel=3)
        self.conv_norm3 = ConvNorm(64, out=128, kernel=1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        main = self.conv_norm2(main)  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        skip = self.conv_norm3(x)  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        return F.relu(main + skip)  # (N, 128, (H + 7) // 8, (W + 7) // 8)


class Residual2_(nn.Module):
    """Residual2_

    resnet18.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(128, out=128, kernel=3, stride=1)
        self.conv_norm2 = ConvNorm(128, out=128, kernel=3)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        main = self.conv_norm2(main)  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        return F.relu(main + x)  # (N, 128, (H + 7) // 8, (W + 7) // 8)


class Residual2__(nn.Module):
    """Residual2__

    resnet18.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(128, out=256, kernel=3, stride=2)
        self.conv_norm2 = ConvNorm(256, out=256, kernel=3)
        self.conv_norm3 = ConvNorm(128, out=256, kernel=1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        main = self.conv_norm2(main)  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        skip = self.conv_norm3(x)  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        return F.relu(main + skip)  # (N, 256, (H + 15) // 16, (W + 15) // 16)


class Residual2___(nn.Module):
    """Residual2___

    resnet18.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(256, out=256, kernel=3, stride=1)
        self.conv_norm2 = ConvNorm(256, out=256, kernel=3)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        main = self.conv_norm2(main)  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        return F.relu(main + x)  # (N, 256, (H + 15) // 16, (W + 15) // 16)


class Residual2____(nn.Module):
    """Residual2____

    resnet18.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(256, out=512, kernel=3, stride=2)
        self.conv_norm2 = ConvNorm(512, out=512, kernel=3)
        self.conv_norm3 = ConvNorm(256, out=512, kernel=1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        main = self.conv_norm2(main)  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        skip = self.conv_norm3(x)  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        return F.relu(main + skip)  # (N, 512, (H + 31) // 32, (W + 31) // 32)


class Residual2_____(nn.Module):
    """Residual2_____

    resnet18.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(512, out=512, kernel=3, stride=1)
        self.conv_norm2 = ConvNorm(512, out=512, kernel=3)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        main = self.conv_norm2(main)  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        return F.relu(main + x)  # (N, 512, (H + 31) // 32, (W + 31) // 32)


class ResNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, 1000]

    resnet18.dl:14
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(3, out=64, kernel=7, stride=2)
        self.residual1 = Residual()
        self.residual2 = Residual()
        self.residual3 = Residual2()
        self.residual4 = Residual2_()
        self.residual5 = Residual2__()
        self.residual6 = Residual2___()
        self.residual7 = Residual2____()
        self.residual8 = Residual2_____()
        self.linear1 = nn.Linear(512, 1000)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv_norm1(image)  # (N, 64, (H + 1) // 2, (W + 1) // 2)
        # (N, 64, (H + 3) // 4, (W + 3) // 4)
        h = F.relu(F.max_pool2d(x, 3, stride=2, padding=1))
        x = self.residual1(h)  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        h = self.residual2(x)  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        x = self.residual3(h)  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        h = self.residual4(x)  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        x = self.residual5(h)  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        h = self.residual6(x)  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        x = self.residual7(h)  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        h = self.residual8(x)  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        x = F.adaptive_avg_pool2d(h, 1)  # (N, 512, 1, 1)
        x = torch.flatten(x, 1)  # (N, 512)
        return self.linear1(x)  # (N, 1000)
