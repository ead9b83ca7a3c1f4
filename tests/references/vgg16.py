"""VGG-16: Simonyan and Zisserman, 2014."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class VGG(nn.Module):
    def __init__(
        self,
        depths: Sequence[int] = (2, 2, 3, 3, 3),
        hidden: int = 4096,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList()
        channels = 3
        for i, depth in enumerate(depths):
            width = min(64 * 2**i, 512)
            stage = nn.ModuleList()
            for _ in range(depth):
                stage.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
                channels = width
            self.stages.append(stage)
        self.linear1 = nn.Linear(channels * 7 * 7, hidden)
        self.linear2 = nn.Linear(hidden, hidden)
        self.head = nn.Linear(hidden, classes)
        self.dropout = nn.Dropout()
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)

    def forward(self, image: Tensor) -> Tensor:
        x = image
        for stage in self.stages:
            for conv in stage:
                x = F.relu(conv(x))
            x = F.max_pool2d(x, 2)
        x = F.adaptive_avg_pool2d(x, 7)
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.linear1(x)))
        x = self.dropout(F.relu(self.linear2(x)))
        return self.head(x)
