"""The network of mobilenet_v2.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def eights(v: float) -> int:
    """`eights`, as the spec computes it when a network is built."""
    return max(8 * (int(v + 4) // 8), -8 * int(-0.9 * v // 8))


class ConvNorm(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, (H - kernel + 2*(kernel // 2)) // stride + 1,
    (W - kernel + 2*(kernel // 2)) // stride + 1]

    mobilenet_v2.dl:7
    """

    def __init__(
        self, C: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            C,
            out,
            kernel_size=kernel,
            stride=stride,
            padding=kernel // 2,
            groups=groups,
            bias=False,
        )
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm1(self.conv1(x))  # mobilenet_v2.dl:8


class Inverted(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, channels, h2, w]

    mobilenet_v2.dl:10
    """

    def __init__(self, C: int, out: int, expand: int, stride: int) -> None:
        super().__init__()
        self.expand = expand
        wide = C * expand
        self.residual = stride == 1 and C == out
        if expand != 1:
            self.conv_norm1 = ConvNorm(C, wide)
        self.conv_norm2 = ConvNorm(wide, wide, kernel=3, stride=stride, groups=wide)
        self.conv_norm3 = ConvNorm(wide, out)

    def forward(self, x: Tensor) -> Tensor:
        # (N, C*expand, H, W)
        h = x if self.expand == 1 else F.relu6(self.conv_norm1(x))
        # (N, out, (H - 1) // stride + 1, (W - 1) // stride + 1)
        h = self.conv_norm3(F.relu6(self.conv_norm2(h)))  # mobilenet_v2.dl:15
        return x + h if self.residual else h  # (N, channels, h, w)


class MobileNetV2(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    mobilenet_v2.dl:19
    """

    def __init__(self, width: float = 1.0, classes: int = 1000) -> None:
        super().__init__()
        last = eights(1280 * max(1, width))
        self.conv_norm1 = ConvNorm(3, eights(32 * width), kernel=3, stride=2)
        self.inverteds = nn.Sequential()
        channels = eights(32 * width)
        for expand, out, depth, stride in (
            (1, 16, 1, 1),
            (6, 24, 2, 2),
            (6, 32, 3, 2),
            (6, 64, 4, 2),
            (6, 96, 3, 1),
            (6, 160, 3, 2),
            (6, 320, 1, 1),
        ):
            wide = eights(out * width)
            self.inverteds.append(Inverted(channels, wide, expand, stride))
            for _ in range(depth - 1):
                self.inverteds.append(Inverted(wide, wide, expand, stride=1))
            channels = wide
        self.conv_norm2 = ConvNorm(channels, last)
        self.dropout1 = nn.Dropout(0.2)
        self.linear1 = nn.Linear(last, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        nn.init.normal_(self.linear1.weight, std=0.01)

    def forward(self, image: Tensor) -> Tensor:
        # (N, eights(32 * width), (H + 1) // 2, (W + 1) // 2)
        h = F.relu6(self.conv_norm1(image))  # mobilenet_v2.dl:21
        h = self.inverteds(h)  # (N, channels, h, w)
        x = F.relu6(self.conv_norm2(h))  # (N, last, h, w)
        h = self.dropout1(torch.mean(x, dim=(2, 3)))  # (N, last)
        return self.linear1(h)  # (N, classes)
