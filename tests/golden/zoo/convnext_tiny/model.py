"""The network of convnext_tiny.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Norm(nn.Module):
    """x f32[N, C, H, W] -> f32[N, C, H, W]

    convnext_tiny.dl:5
    """

    def __init__(self, C: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(C, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm1(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)  # (N, C, H, W)


class Layer(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C, H, W]

    convnext_tiny.dl:7
    """

    def __init__(self, C: int, dropped: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((C,), 1e-6))
        self.conv1 = nn.Conv2d(C, C, kernel_size=7, padding=3, groups=C)
        self.norm1 = nn.LayerNorm(C, eps=1e-6)
        self.linear1 = nn.Linear(C, 4 * C)
        self.linear2 = nn.Linear(4 * C, C)
        self.dropout1 = nn.Dropout(dropped)

    def forward(self, x: Tensor) -> Tensor:
        # (N, H, W, C)
        h = self.norm1(self.conv1(x).permute(0, 2, 3, 1))  # convnext_tiny.dl:10
        x1 = F.gelu(self.linear1(h))  # (N, H, W, 4*C)
        h = torch.permute(self.scale * self.linear2(x1), (0, 3, 1, 2))  # (N, C, H, W)
        # (N, C, H, W)
        return x + h * self.dropout1(torch.ones(x.shape[0], 1, 1, 1, device=x.device))


class ConvNeXt(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    convnext_tiny.dl:15
    """

    def __init__(
        self,
        width: int = 96,
        depths: tuple[int, ...] = (3, 3, 9, 3),
        dropped: float = 0.1,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, kernel_size=4, stride=4)
        self.norm1 = Norm(width)
        self.layers = nn.Sequential()
        channels = width
        done = 0
        for i, depth in enumerate(depths):
            wide = 2**i * width
            if i > 0:
                self.layers.append(Norm(channels))
                self.layers.append(nn.Conv2d(channels, wide, kernel_size=2, stride=2))
                channels = wide
            for _ in range(depth):
                self.layers.append(Layer(channels, dropped * done / (sum(depths) - 1)))
                done += 1
        self.norm2 = nn.LayerNorm(channels, eps=1e-6)
        self.linear1 = nn.Linear(channels, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        if min(image.shape[2:]) < 4:
            raise ValueError("convnext_tiny.dl:23: H >= 4 and W >= 4")
        # (N, width, H // 4, W // 4)
        h = self.norm1(self.conv1(image))  # convnext_tiny.dl:23
        h = self.layers(h)  # (N, channels, h, w)
        x = self.norm2(torch.mean(h, dim=(2, 3)))  # (N, channels)
        return self.linear1(x)  # (N, classes)
