"""The network of pets.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Stage(nn.Module):
    """x f32[N, C, H, W] -> f32[N, width, H // 2, W // 2]

    pets.dl:15
    """

    def __init__(self, C: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, width, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(self.conv1(x))  # (N, width, H, W)  pets.dl:16
        return F.relu(F.max_pool2d(x, 2))  # (N, width, H // 2, W // 2)


class Cnn(nn.Module):
    """image f32[N, 3, 64, 64] -> scores f32[N, 2]

    pets.dl:18
    """

    def __init__(self) -> None:
        super().__init__()
        self.stage1 = Stage(3, width=16)
        self.stage2 = Stage(16, width=32)
        self.stage3 = Stage(32, width=64)
        self.stage4 = Stage(64, width=128)
        self.dropout1 = nn.Dropout()
        self.linear1 = nn.Linear(128, 2)

    def forward(self, image: Tensor) -> Tensor:
        x = self.stage1(image)  # (N, 16, 32, 32)  pets.dl:23
        x = self.stage2(x)  # (N, 32, 16, 16)
        x = self.stage3(x)  # (N, 64, 8, 8)
        x = self.stage4(x)  # (N, 128, 4, 4)
        x = F.adaptive_avg_pool2d(x, 1)  # (N, 128, 1, 1)
        x = self.dropout1(torch.flatten(x, 1))  # (N, 128)
        return self.linear1(x)  # (N, 2)  pets.dl:30
