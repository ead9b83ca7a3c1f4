"""The network of efficientnet_b0.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def nearest(v: float) -> int:
    """`nearest`, as the spec computes it when a network is built."""
    return max(8, 8 * (int(v + 4) // 8))


def eights(v: float) -> int:
    """`eights`, as the spec computes it when a network is built."""
    return nearest(v) + 8 if nearest(v) < 0.9 * v else nearest(v)


def up(v: float) -> int:
    """`up`, as the spec computes it when a network is built."""
    return -int((-v) // 1)


class ConvNorm(nn.Module):
    """x f32[N, C, H, W] ->
    f32[N, out, (H - kernel + 2*(kernel // 2)) // stride + 1, (W - kernel + 2*(kernel // 2)) // stride + 1]

    efficientnet_b0.dl:12
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
        return self.norm1(self.conv1(x))  # efficientnet_b0.dl:13


class Excite(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C, H, W]

    efficientnet_b0.dl:15
    """

    def __init__(self, C: int, squeezed: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, squeezed, kernel_size=1)
        self.conv2 = nn.Conv2d(squeezed, C, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.mean(x, dim=(2, 3), keepdim=True)  # (N, C, 1, 1)
        scale = F.silu(self.conv1(scale))  # (N, squeezed, 1, 1)  efficientnet_b0.dl:17
        scale = self.conv2(scale)  # (N, C, 1, 1)
        return x * torch.sigmoid(scale)  # (N, C, H, W)


class Inverted(nn.Module):
    """x f32[N, C, H, W] -> y
    f32[N, out, (H if stride == 1 and C == out else (H - kernel + 2 * (kernel // 2)) // stride + 1), (W if stride == 1 and C == out else (W - kernel + 2 * (kernel // 2)) // stride + 1)]

    efficientnet_b0.dl:21
    """

    def __init__(
        self, C: int, out: int, expand: int, kernel: int, stride: int, dropped: float
    ) -> None:
        super().__init__()
        self.out = out
        self.expand = expand
        self.stride = stride
        self.dropped = dropped
        if expand != 1:
            self.conv_norm1 = ConvNorm(C, out=C * expand)
        self.conv_norm2 = ConvNorm(
            C * expand, out=C * expand, kernel=kernel, stride=stride, groups=C * expand
        )
        self.excite1 = Excite(C * expand, squeezed=C // 4)
        self.conv_norm3 = ConvNorm(C * expand, out)

    def forward(self, x: Tensor) -> Tensor:
        N, C, _, _ = x.shape
        # (N, C*expand, H, W)
        wide = x if self.expand == 1 else F.silu(self.conv_norm1(x))
        h = self.excite1(F.silu(self.conv_norm2(wide)))  # efficientnet_b0.dl:27
        h = self.conv_norm3(h)
        if self.stride == 1 and C == self.out:
            # (N, 1, 1, 1)
            x1 = F.dropout(
                torch.ones(N, 1, 1, 1, device=x.device),
                self.dropped,
                training=self.training,
            )
            return x + h * x1  # (N, C, H, W)
        return h


class EfficientNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    efficientnet_b0.dl:32
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
        self.conv_norm1 = ConvNorm(3, out=eights(32 * wide), kernel=3, stride=2)
        total = 0
        for stage in stages:
            total += up(stage[4] * deep)
        self.inverteds = nn.Sequential()
        channels = eights(32 * wide)
        done = 0
        for expand, kernel, stride, out, depth in stages:
            for j in range(up(depth * deep)):
                rate = dropped * done / total
                self.inverteds.append(
                    Inverted(
                        channels,
                        out=eights(out * wide),
                        expand=expand,
                        kernel=kernel,
                        stride=stride if j == 0 else 1,
                        dropped=rate,
                    )
                )
                channels = eights(out * wide)
                done += 1
        self.conv_norm2 = ConvNorm(channels, out=4 * eights(320 * wide))
        self.dropout1 = nn.Dropout(dropped)
        self.linear1 = nn.Linear(4 * eights(320 * wide), classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        nn.init.uniform_(self.linear1.weight, a=-1 / classes**0.5, b=1 / classes**0.5)

    def forward(self, image: Tensor) -> Tensor:
        # (N, eights(32 * wide), (H + 1) // 2, (W + 1) // 2)
        h = F.silu(self.conv_norm1(image))  # efficientnet_b0.dl:40
        h = self.inverteds(h)  # (N, channels, h, w)
        x = F.silu(self.conv_norm2(h))  # (N, 4*eights(320 * wide), h, w)
        x = self.dropout1(torch.mean(x, dim=(2, 3)))  # (N, 4*eights(320 * wide))
        return self.linear1(x)  # (N, classes)
