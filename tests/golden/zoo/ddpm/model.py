"""The network of ddpm.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Residual(nn.Module):
    """x f32[N, C, H, W], time f32[N, E] -> y f32[N, out, H, W]

    ddpm.dl:10
    """

    def __init__(self, C: int, E: int, out: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(32, num_channels=C, eps=1e-6)
        self.conv1 = nn.Conv2d(C, out, kernel_size=3, padding=1)
        self.linear1 = nn.Linear(E, out)
        self.norm2 = nn.GroupNorm(32, num_channels=out, eps=1e-6)
        self.dropout1 = nn.Dropout(0.1)
        self.conv2 = nn.Conv2d(out, out, kernel_size=3, padding=1)
        self.conv3 = nn.Identity() if C == out else nn.Conv2d(C, out, kernel_size=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        h = F.silu(self.norm1(x))  # (N, C, H, W)  ddpm.dl:13
        h = self.conv1(h)  # (N, out, H, W)
        x1 = F.silu(time)  # (N, E)
        x1 = self.linear1(x1)  # (N, out)  ddpm.dl:14
        h = h + x1[:, :, None, None]  # (N, out, H, W)
        h = self.dropout1(F.silu(self.norm2(h)))  # (N, out, H, W)
        h = self.conv2(h)  # (N, out, H, W)
        return h + self.conv3(x)  # (N, out, H, W)


class Attention(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C, H, W]

    ddpm.dl:19
    """

    def __init__(self, C: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(32, num_channels=C, eps=1e-6)
        self.conv1 = nn.Conv2d(C, 3 * C, kernel_size=1)
        self.conv2 = nn.Conv2d(C, C, kernel_size=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        N, C, H, W = x.shape
        h = self.norm1(x)  # (N, C, H, W)  ddpm.dl:21
        h = self.conv1(h)  # (N, 3*C, H, W)
        h = torch.flatten(h, 2).transpose(1, 2)  # (N, H*W, 3*C)
        q, k, v = torch.chunk(h, 3, 2)  # (N, H*W, C), (N, H*W, C), (N, H*W, C)
        h = F.scaled_dot_product_attention(q, k, v)  # (N, H*W, C)
        h = torch.transpose(h, 1, 2).reshape(N, C, H, W)  # (N, C, H, W)
        return x + self.conv2(h)  # (N, C, H, W)


class Stage(nn.Module):
    """x f32[N, C, H, W], time f32[N, E] -> y f32[N, out, H, W]

    ddpm.dl:27
    """

    def __init__(self, C: int, E: int, out: int, attends: bool) -> None:
        super().__init__()
        self.residual1 = Residual(C, E, out)
        self.attention1 = Attention(out) if attends else nn.Identity()

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        x = self.residual1(x, time)  # (N, out, H, W)  ddpm.dl:30
        return self.attention1(x)  # (N, out, H, W)


class Larger(nn.Module):
    """x f32[N, C, H, W] -> f32[N, out, 2*H, 2*W]

    ddpm.dl:33
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, out, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2)  # (N, C, 2*H, 2*W)
        return self.conv1(x)  # (N, out, 2*H, 2*W)  ddpm.dl:33


class UNet(nn.Module):
    """x f32[N, channels, H, W], turn i64[N] -> noise f32[N, channels, H, W]

    ddpm.dl:35
    """

    def __init__(
        self,
        channels: int = 3,
        widths: tuple[int, ...] = (128, 256, 256, 256),
        attended: int = 1,
    ) -> None:
        super().__init__()
        self.widths = widths
        self.linear1 = nn.Linear(2 * (widths[0] // 2), 4 * widths[0])
        self.linear2 = nn.Linear(4 * widths[0], 4 * widths[0])
        self.conv1 = nn.Conv2d(channels, widths[0], kernel_size=3, padding=1)
        skips: list[int] = []
        self.stages = nn.ModuleList()
        self.convs = nn.ModuleList()
        channels2 = widths[0]
        for level, width in enumerate(widths):
            skips.append(channels2)
            stages = nn.ModuleList()
            channels3 = channels2
            for _ in range(2):
                stages.append(
                    Stage(
                        channels3, 4 * widths[0], out=width, attends=level == attended
                    )
                )
                skips.append(width)
                channels3 = width
            self.stages.append(stages)
            self.convs.append(
                nn.Conv2d(channels3, width, kernel_size=3, stride=2, padding=1)
                if level < len(widths) - 1
                else nn.Identity()
            )
            channels2 = width if level < len(widths) - 1 else channels3
        self.stage1 = Stage(channels2, 4 * widths[0], out=widths[-1], attends=True)
        self.residual1 = Residual(widths[-1], 4 * widths[0], out=widths[-1])
        self.stages2 = nn.ModuleList()
        self.largers = nn.ModuleList()
        channels4 = widths[-1]
        for level, width in reversed(list(enumerate(widths))):
            stages2 = nn.ModuleList()
            channels5 = channels4
            for _ in range(3):
                stages2.append(
                    Stage(
                        channels5 + skips.pop(),
                        4 * widths[0],
                        out=width,
                        attends=level == attended,
                    )
                )
                channels5 = width
            self.stages2.append(stages2)
            self.largers.append(
                Larger(channels5, out=width) if level > 0 else nn.Identity()
            )
            channels4 = width if level > 0 else channels5
        self.norm1 = nn.GroupNorm(32, num_channels=channels4, eps=1e-6)
        self.conv2 = nn.Conv2d(channels4, channels, kernel_size=3, padding=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, turn: Tensor) -> Tensor:
        # (widths[0] // 2,)
        waves = -torch.arange(self.widths[0] // 2, device=x.device) / (
            self.widths[0] // 2 - 1
        )
        waves = 10000**waves  # (widths[0] // 2,)
        angles = turn[:, None] * waves  # (N, widths[0] // 2)
        x1 = torch.sin(angles)  # (N, widths[0] // 2)
        x2 = torch.cos(angles)  # (N, widths[0] // 2)
        time = torch.cat([x1, x2], dim=1)  # (N, 2*(widths[0] // 2))
        time = F.silu(self.linear1(time))  # (N, 4*widths[0])  ddpm.dl:42
        time = self.linear2(time)  # (N, 4*widths[0])
        h = self.conv1(x)  # (N, widths[0], H, W)  ddpm.dl:44
        skips: list[Tensor] = []
        for stages, conv in zip(self.stages, self.convs, strict=True):
            skips.append(h)
            for stage in stages.children():
                h = stage(h, time)  # (N, width, h, w)  ddpm.dl:49
                skips.append(h)
            h = conv(h)
        h = self.stage1(h, time)  # (N, widths[-1], h, w)
        h = self.residual1(h, time)  # (N, widths[-1], h, w)
        for stages2, larger in zip(self.stages2, self.largers, strict=True):
            for stage2 in stages2.children():
                # (N, channels5 + channels, h, w)
                x = torch.cat([h, skips.pop()], dim=1)
                h = stage2(x, time)  # (N, width, h, w)  ddpm.dl:58
            h = larger(h)
        h = F.silu(self.norm1(h))  # (N, channels4, h, w)
        return self.conv2(h)  # (N, channels, H, W)
