"""The network of blocks.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def gate(x: Tensor, gate_: Tensor) -> tuple[Tensor, Tensor]:
    """x f32[N, C, H, W], gate f32[N, C, H, W] -> y f32[N, C, H, W], rest
    f32[N, C, H, W]

    blocks.dl:14
    """
    y = x * torch.sigmoid(gate_)  # (N, C, H, W)
    return y, x - y  # y (N, C, H, W), rest (N, C, H, W)


def average(x: Tensor) -> Tensor:
    """x f32[N, C, H, W] -> f32[N, C]

    blocks.dl:26
    """
    return torch.mean(x, dim=(2, 3))  # (N, C)


def scaled(x: Tensor, by: float, slope: float = 0.01) -> Tensor:
    """x f32[N, D] -> y f32[N, D]

    blocks.dl:21
    """
    return F.leaky_relu(x, negative_slope=slope) * (by + 1)  # (N, D)


class ConvNorm(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, H - kernel + 2*(kernel // 2) + 1,
    W - kernel + 2*(kernel // 2) + 1]

    blocks.dl:4
    """

    def __init__(self, C: int, out: int, kernel: int = 3) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            C, out, kernel_size=kernel, padding=kernel // 2, bias=False
        )
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm1(self.conv1(x)))  # blocks.dl:5


class Residual(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, out, H, W]

    blocks.dl:7
    """

    def __init__(self, C: int, out: int, rate: float = 0.1) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(C, out)
        self.dropout1 = nn.Dropout(rate)
        self.conv_norm2 = ConvNorm(out, out, kernel=1)
        self.conv1 = nn.Conv2d(C, out, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        main = self.dropout1(self.conv_norm1(x))  # (N, out, H, W)  blocks.dl:9
        main = self.conv_norm2(main)  # (N, out, H, W)
        skip = self.conv1(x)  # (N, out, H, W)
        return F.relu(main + skip)  # (N, out, H, W)


class Head(nn.Module):
    """x f32[N, D] -> y f32[N, out]

    blocks.dl:28
    """

    def __init__(self, D: int, out: int, factor: float = 0.5) -> None:
        super().__init__()
        self.factor = factor
        if out <= 1:
            raise ValueError("blocks.dl:30: a head tells two classes apart at least")
        self.linear1 = nn.Linear(D, D // 2)
        self.linear2 = nn.Linear(D // 2, out)

    def forward(self, x: Tensor) -> Tensor:
        x = scaled(x, by=self.factor * 2)  # (N, D)  blocks.dl:32
        x = self.linear1(x)  # (N, D // 2)
        x = scaled(x, by=self.factor, slope=0.2)  # (N, D // 2)
        return self.linear2(x)  # (N, out)


class Net(nn.Module):
    """image f32[N, 3, 16, 16] -> logits f32[N, 5], raw f32[N, 16]

    blocks.dl:38
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(3, out=8)
        self.residual1 = Residual(8, out=16)
        self.residual2 = Residual(16, out=16, rate=0.2)
        self.head1 = Head(16, out=5)
        self.head2 = Head(16, out=5, factor=1.5)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        x = self.residual1(self.conv_norm1(image))  # (N, 16, 16, 16)  blocks.dl:43
        wide = F.max_pool2d(x, 2)  # (N, 16, 8, 8)
        deep = self.residual2(wide)  # (N, 16, 8, 8)
        x, _ = gate(wide, deep)  # (N, 16, 8, 8)
        raw = average(x)  # (N, 16)
        logits = self.head1(raw) + self.head2(raw)  # (N, 5)
        return logits, raw
