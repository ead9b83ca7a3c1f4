"""The network of DDPM, as in Ho, Jain and Abbeel 2020, appendix B."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """Two convolutions, between them the time; the last one starts at zero."""

    def __init__(self, channels: int, out: int, time: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(32, channels, eps=1e-6)
        self.conv1 = nn.Conv2d(channels, out, kernel_size=3, padding=1)
        self.time = nn.Linear(time, out)
        self.norm2 = nn.GroupNorm(32, out, eps=1e-6)
        self.dropout = nn.Dropout(0.1)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, padding=1)
        self.skip: nn.Module = nn.Identity()
        if channels != out:
            self.skip = nn.Conv2d(channels, out, kernel_size=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time(F.silu(time))[:, :, None, None]
        h = self.conv2(self.dropout(F.silu(self.norm2(h))))
        return h + self.skip(x)


class Attention(nn.Module):
    """Every pixel looks at all others, with one head."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.qkv = nn.Conv2d(channels, 3 * channels, kernel_size=1)
        self.out = nn.Conv2d(channels, channels, kernel_size=1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        h = self.qkv(self.norm(x))
        q, k, v = h.flatten(2).mT.chunk(3, dim=-1)
        shares = torch.softmax(q @ k.mT / math.sqrt(x.shape[1]), dim=-1)
        h = (shares @ v).mT.reshape(x.shape)
        return x + self.out(h)


class Stage(nn.Module):
    """A residual block, and attention where this size has it."""

    def __init__(self, channels: int, out: int, time: int, attends: bool) -> None:
        super().__init__()
        self.residual = Residual(channels, out, time)
        self.attention = Attention(out) if attends else nn.Identity()

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        return self.attention(self.residual(x, time))


class UNet(nn.Module):
    """Which noise is in the pictures (N, channels, H, W) after so many turns (N,)."""

    def __init__(
        self,
        channels: int = 3,
        widths: Sequence[int] = (128, 256, 256, 256),
        attended: int = 1,
    ) -> None:
        super().__init__()
        first = widths[0]
        last = widths[-1]
        time = 4 * first
        self.half = first // 2
        self.time = nn.Sequential(
            nn.Linear(first, time), nn.SiLU(), nn.Linear(time, time)
        )
        self.enter = nn.Conv2d(channels, first, kernel_size=3, padding=1)
        self.down = nn.ModuleList()
        self.smaller = nn.ModuleList()
        skips = [first]
        here = first
        for level, width in enumerate(widths):
            for _ in range(2):
                self.down.append(Stage(here, width, time, level == attended))
                skips.append(width)
                here = width
            if level < len(widths) - 1:
                self.smaller.append(
                    nn.Conv2d(here, here, kernel_size=3, stride=2, padding=1)
                )
                skips.append(here)
        self.middle1 = Stage(last, last, time, True)
        self.middle2 = Residual(last, last, time)
        self.up = nn.ModuleList()
        self.larger = nn.ModuleList()
        for level, width in reversed(list(enumerate(widths))):
            for _ in range(3):
                self.up.append(
                    Stage(here + skips.pop(), width, time, level == attended)
                )
                here = width
            if level > 0:
                self.larger.append(nn.Conv2d(here, here, kernel_size=3, padding=1))
        self.norm = nn.GroupNorm(32, first, eps=1e-6)
        self.noise = nn.Conv2d(first, channels, kernel_size=3, padding=1)
        nn.init.zeros_(self.noise.weight)

    def forward(self, x: Tensor, turn: Tensor) -> Tensor:
        waves = 10000 ** (-torch.arange(self.half, device=x.device) / (self.half - 1))
        angles = turn[:, None] * waves
        time = self.time(torch.cat([angles.sin(), angles.cos()], 1))
        h = self.enter(x)
        skips = [h]
        for index, stage in enumerate(self.down):
            h = stage(h, time)
            skips.append(h)
            if index % 2 == 1 and index // 2 < len(self.smaller):
                h = self.smaller[index // 2](h)
                skips.append(h)
        h = self.middle2(self.middle1(h, time), time)
        for index, stage in enumerate(self.up):
            h = stage(torch.cat([h, skips.pop()], 1), time)
            if index % 3 == 2 and index // 3 < len(self.larger):
                h = F.interpolate(h, scale_factor=2)
                h = self.larger[index // 3](h)
        return self.noise(F.silu(self.norm(h)))
