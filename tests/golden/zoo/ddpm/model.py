"""The network of ddpm.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C, H, W]

    ddpm.dl:10
    """

    def __init__(self, C: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(32, num_channels=C, eps=1e-6)
        self.conv1 = nn.Conv2d(C, 3 * C, kernel_size=1)
        self.conv2 = nn.Conv2d(C, C, kernel_size=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        # (N, H*W, C), (N, H*W, C), (N, H*W, C)
        q, k, v = self.conv1(self.norm1(x)).flatten(2).transpose(1, 2).chunk(3, 2)
        # (N, C, H, W)
        h = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        return x + self.conv2(h)  # (N, C, H, W)


class Residual(nn.Module):
    """x f32[N, C, H, W], time f32[N, E] -> y f32[N, out, H, W]

    ddpm.dl:22
    """

    def __init__(self, C: int, E: int, out: int, attends: bool) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(32, num_channels=C, eps=1e-6)
        self.conv1 = nn.Conv2d(C, out, kernel_size=3, padding=1)
        self.linear1 = nn.Linear(E, out)
        self.norm2 = nn.GroupNorm(32, num_channels=out, eps=1e-6)
        self.dropout1 = nn.Dropout(0.1)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, padding=1)
        self.conv3 = nn.Identity() if C == out else nn.Conv2d(C, out, kernel_size=1)
        self.attention1 = Attention(out) if attends else nn.Identity()
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))  # (N, out, H, W)  ddpm.dl:25
        # (N, out, H, W)
        h = h + self.linear1(F.silu(time))[:, :, None, None]  # ddpm.dl:26
        h = self.dropout1(F.silu(self.norm2(h)))  # (N, out, H, W)
        h = self.conv2(h) + self.conv3(x)  # (N, out, H, W)
        return self.attention1(h)  # (N, out, H, W)


class Larger(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, 2*H, 2*W]

    ddpm.dl:32
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, out, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        # (N, out, 2*H, 2*W)
        return self.conv1(F.interpolate(x, scale_factor=2))  # ddpm.dl:32


class UNet(nn.Module):
    """x f32[N, channels, H, W], turn i64[N] -> noise f32[N, channels, H, W]

    ddpm.dl:34
    """

    def __init__(
        self,
        channels: int = 3,
        widths: tuple[int, ...] = (128, 256, 256, 256),
        attended: int = 1,
    ) -> None:
        super().__init__()
        self.bands = widths[0] // 2
        size = 4 * widths[0]
        self.linear1 = nn.Linear(2 * (widths[0] // 2), size)
        self.linear2 = nn.Linear(size, size)
        self.conv1 = nn.Conv2d(channels, widths[0], kernel_size=3, padding=1)
        skips: list[int] = []
        self.residuals = nn.ModuleList()
        self.convs = nn.ModuleList()
        channels2 = widths[0]
        for level, width in enumerate(widths):
            skips.append(channels2)
            residuals = nn.ModuleList()
            for _ in range(2):
                residuals.append(Residual(channels2, size, width, level == attended))
                skips.append(width)
                channels2 = width
            self.residuals.append(residuals)
            self.convs.append(
                nn.Conv2d(width, width, kernel_size=3, stride=2, padding=1)
                if level < len(widths) - 1
                else nn.Identity()
            )
        self.residual1 = Residual(channels2, size, widths[-1], attends=True)
        self.residual2 = Residual(widths[-1], size, widths[-1], attends=False)
        self.residuals2 = nn.ModuleList()
        self.largers = nn.ModuleList()
        channels3 = widths[-1]
        for level, width in reversed(list(enumerate(widths))):
            residuals2 = nn.ModuleList()
            for _ in range(3):
                residuals2.append(
                    Residual(channels3 + skips.pop(), size, width, level == attended)
                )
                channels3 = width
            self.residuals2.append(residuals2)
            self.largers.append(Larger(width, width) if level > 0 else nn.Identity())
        self.norm1 = nn.GroupNorm(32, num_channels=channels3, eps=1e-6)
        self.conv2 = nn.Conv2d(channels3, channels, kernel_size=3, padding=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, turn: Tensor) -> Tensor:
        # (widths[0] // 2,)
        waves = 10000 ** (-torch.arange(self.bands, device=x.device) / (self.bands - 1))
        angles = turn[:, None] * waves  # (N, widths[0] // 2)
        # (N, 2*(widths[0] // 2))
        time = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
        time = F.silu(self.linear1(time))  # (N, 4*widths[0])  ddpm.dl:41
        time = self.linear2(time)  # (N, 4*widths[0])
        h = self.conv1(x)  # (N, widths[0], H, W)  ddpm.dl:43
        skips: list[Tensor] = []
        for residuals, conv in zip(self.residuals, self.convs, strict=True):
            skips.append(h)
            for residual in residuals.children():
                h = residual(h, time)  # (N, width, h, w)  ddpm.dl:48
                skips.append(h)
            h = conv(h)  # (N, width, h, w)
        h = self.residual1(h, time)  # (N, widths[-1], h, w)
        h = self.residual2(h, time)  # (N, widths[-1], h, w)
        for residuals2, larger in zip(self.residuals2, self.largers, strict=True):
            for residual2 in residuals2.children():
                # (N, channels3 + channels, h, w)
                x = torch.cat([h, skips.pop()], dim=1)
                h = residual2(x, time)  # (N, width, h, w)  ddpm.dl:57
            h = larger(h)  # (N, width, h, w)
        return self.conv2(F.silu(self.norm1(h)))  # (N, channels, H, W)
