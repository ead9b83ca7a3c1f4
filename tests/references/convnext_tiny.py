"""ConvNeXt-T: Liu, Mao, Wu, Feichtenhofer, Darrell and Xie, 2022."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Norm(nn.LayerNorm):
    """Layer normalisation of the channels of a map."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Layer(nn.Module):
    def __init__(self, width: int, dropped: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((width,), 1e-6))
        self.conv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.expand = nn.Linear(width, 4 * width)
        self.project = nn.Linear(4 * width, width)
        self.dropped = dropped

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(self.conv(x).permute(0, 2, 3, 1))
        h = self.scale * self.project(F.gelu(self.expand(h)))
        kept = F.dropout(x.new_ones(len(x), 1, 1, 1), self.dropped, self.training)
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
        layers: list[nn.Module] = [
            nn.Conv2d(3, width, 4, stride=4),
            Norm(width, eps=1e-6),
        ]
        last = sum(depths) - 1
        rates = [dropped * i / last for i in range(last + 1)]
        for i, depth in enumerate(depths):
            if i > 0:
                layers += [
                    Norm(width, eps=1e-6),
                    nn.Conv2d(width, 2 * width, 2, stride=2),
                ]
                width *= 2
            layers += [Layer(width, rates.pop(0)) for _ in range(depth)]
        self.features = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.norm(self.features(image).mean((2, 3))))
