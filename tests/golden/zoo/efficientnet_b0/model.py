"""The network of efficientnet_b0.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def eights(v: float) -> int:
    """`eights`, as the spec computes it when a network is built."""
    return max(8 * (int(v + 4) // 8), -8 * int(-0.9 * v // 8))


def up(v: float) -> int:
    """`up`, as the spec computes it when a network is built."""
    return -int((-v) // 1)


class ConvNorm(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, (H - kernel + 2*(kernel // 2)) // stride + 1,
    (W - kernel + 2*(kernel // 2)) // stride + 1]

    efficientnet_b0.dl:11
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
        return self.norm1(self.conv1(x))  # efficientnet_b0.dl:12


class Excite(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C, H, W]

    efficientnet_b0.dl:14
    """

    def __init__(self, C: int, squeezed: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, squeezed, kernel_size=1)
        self.conv2 = nn.Conv2d(squeezed, C, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.mean(x, dim=(2, 3), keepdim=True)  # (N, C, 1, 1)
        scale = F.silu(self.conv1(scale))  # (N, squeezed, 1, 1)  efficientnet_b0.dl:16
        scale = self.conv2(scale)  # (N, C, 1, 1)
        return x * torch.sigmoid(scale)  # (N, C, H, W)


class Inverted(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, channels, h2, w]

    efficientnet_b0.dl:20
    """

    def __init__(
        self, C: int, out: int, expand: int, kernel: int, stride: int, dropped: float
    ) -> None:
        super().__init__()
        self.expand = expand
        self.dropped = dropped
        wide = C * expand
        self.residual = stride == 1 and C == out
        if expand != 1:
            self.conv_norm1 = ConvNorm(C, wide)
        self.conv_norm2 = ConvNorm(wide, wide, kernel, stride, wide)
        self.excite1 = Excite(wide, C // 4)
        self.conv_norm3 = ConvNorm(wide, out)

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.expand == 1 else F.silu(self.conv_norm1(x))  # (N, C*expand, H, W)
        h = self.excite1(F.silu(self.conv_norm2(h)))  # efficientnet_b0.dl:25
        h = self.conv_norm3(h)
        if self.residual:
            x1 = torch.ones(x.shape[0], 1, 1, 1, device=x.device)  # (N, 1, 1, 1)
            # (N, C, H, W)
            return x + h * F.dropout(x1, self.dropped, training=self.training)
        return h


class EfficientNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    efficientnet_b0.dl:29
    """

    def __init__(
        self,
        wide: float = 1.0,
        deep: float = 1.0,
        dropped: float = 0.2,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        stages = (
            (1, 3, 1, 16, 1),
            (6, 3, 2, 24, 2),
            (6, 5, 2, 40, 2),
            (6, 3, 2, 80, 3),
            (6, 5, 1, 112, 3),
            (6, 5, 2, 192, 4),
            (6, 3, 1, 320, 1),
        )
        self.conv_norm1 = ConvNorm(3, eights(32 * wide), kernel=3, stride=2)
        total = 0
        for stage in stages:
            total += up(stage[4] * deep)
        self.inverteds = nn.Sequential()
        channels = eights(32 * wide)
        done = 0
        for expand, size, stride, base, depth in stages:
            out = eights(base * wide)
            for j in range(up(depth * deep)):
                pace = stride if j == 0 else 1
                rate = dropped * done / total
                self.inverteds.append(Inverted(channels, out, expand, size, pace, rate))
                channels = out
                done += 1
        self.conv_norm2 = ConvNorm(channels, 4 * eights(320 * wide))
        self.dropout1 = nn.Dropout(dropped)
        self.linear1 = nn.Linear(4 * eights(320 * wide), classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        nn.init.uniform_(self.linear1.weight, a=-1 / classes**0.5, b=1 / classes**0.5)

    def forward(self, image: Tensor) -> Tensor:
        # (N, eights(32 * wide), (H + 1) // 2, (W + 1) // 2)
        h = F.silu(self.conv_norm1(image))  # efficientnet_b0.dl:37
        h = self.inverteds(h)  # (N, channels, h, w)
        x = F.silu(self.conv_norm2(h))  # (N, 4*eights(320 * wide), h, w)
        x = self.dropout1(torch.mean(x, dim=(2, 3)))  # (N, 4*eights(320 * wide))
        return self.linear1(x)  # (N, classes)
