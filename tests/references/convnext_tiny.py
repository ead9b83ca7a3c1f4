"""ConvNeXt-T: Liu, Mao, Wu, Feichtenhofer, Darrell and Xie, 2022."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Norm(nn.Module):
    """Layer normalisation of the channels of a map."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Layer(nn.Module):
    def __init__(self, width: int, dropped: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((width,), 1e-6))
        self.conv = nn.Conv2d(width, width, kernel_size=7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.expand = nn.Linear(width, 4 * width)
        self.project = nn.Linear(4 * width, width)
        self.dropped = dropped

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(self.conv(x).permute(0, 2, 3, 1))
        h = F.gelu(self.expand(h))
        h = self.scale * self.project(h)
        kept = torch.ones(len(x), 1, 1, 1, device=x.device)
        kept = F.dropout(kept, self.dropped, training=self.training)
        return x + h.permute(0, 3, 1, 2) * kept


class ConvNeXt(nn.Module):
    def __init__(
        self,
        width: int = 96,
        depths: Sequence[int] = (3, 3, 9, 3),
        dropped: float = 0.1,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, kernel_size=4, stride=4)
        self.norm1 = Norm(width)
        self.layers = nn.Sequential()
        done = 0
        for i, depth in enumerate(depths):
            if i > 0:
                self.layers.append(Norm(width))
                self.layers.append(nn.Conv2d(width, 2 * width, kernel_size=2, stride=2))
                width *= 2
            for _ in range(depth):
                rate = dropped * done / (sum(depths) - 1)
                self.layers.append(Layer(width, rate))
                done += 1
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        x = self.norm1(self.stem(image))
        x = self.layers(x)
        x = self.norm2(torch.mean(x, dim=(2, 3)))
        return self.head(x)
