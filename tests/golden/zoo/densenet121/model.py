"""The network of densenet121.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class NormConv(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, H - kernel + 2*(kernel // 2) + 1,
    W - kernel + 2*(kernel // 2) + 1]

    densenet121.dl:4
    """

    def __init__(self, C: int, out: int, kernel: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(C)
        self.conv1 = nn.Conv2d(
            C, out, kernel_size=kernel, padding=kernel // 2, bias=False
        )
        nn.init.kaiming_normal_(self.conv1.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(F.relu(self.norm1(x)))  # densenet121.dl:5


class Transition(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C // 2, H // 2, W // 2]

    densenet121.dl:13
    """

    def __init__(self, C: int) -> None:
        super().__init__()
        self.norm_conv1 = NormConv(C, C // 2, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        # (N, C // 2, H // 2, W // 2)
        return F.avg_pool2d(self.norm_conv1(x), 2)  # densenet121.dl:15


class Dense(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C + growth, H, W]

    densenet121.dl:7
    """

    def __init__(self, C: int, growth: int) -> None:
        super().__init__()
        self.norm_conv1 = NormConv(C, 4 * growth, kernel=1)
        self.norm_conv2 = NormConv(4 * growth, growth, kernel=3)

    def forward(self, x: Tensor) -> Tensor:
        new = self.norm_conv1(x)  # (N, 4*growth, H, W)  densenet121.dl:9
        new = self.norm_conv2(new)  # (N, growth, H, W)
        return torch.cat([x, new], dim=1)  # (N, C + growth, H, W)


class DenseNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    densenet121.dl:18
    """

    def __init__(
        self,
        depths: tuple[int, ...] = (6, 12, 24, 16),
        growth: int = 32,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            3, 2 * growth, kernel_size=7, stride=2, padding=3, bias=False
        )
        self.norm1 = nn.BatchNorm2d(2 * growth)
        self.layers = nn.Sequential()
        channels = 2 * growth
        for i, depth in enumerate(depths):
            if i > 0:
                self.layers.append(Transition(channels))
                channels = channels // 2
            for _ in range(depth):
                self.layers.append(Dense(channels, growth))
                channels += growth
        self.norm2 = nn.BatchNorm2d(channels)
        self.linear1 = nn.Linear(channels, classes)
        nn.init.kaiming_normal_(self.conv1.weight)

    def forward(self, image: Tensor) -> Tensor:
        # (N, 2*growth, (H + 1) // 2, (W + 1) // 2)
        x = self.norm1(self.conv1(image))  # densenet121.dl:22
        # (N, 2*growth, (H + 3) // 4, (W + 3) // 4)
        h = F.relu(F.max_pool2d(x, 3, stride=2, padding=1))
        h = self.layers(h)  # (N, channels, h, w)
        x = torch.mean(F.relu(self.norm2(h)), dim=(2, 3))  # (N, channels)
        return self.linear1(x)  # (N, classes)
