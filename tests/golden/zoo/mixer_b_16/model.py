"""The network of mixer_b_16.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """x f32[axis0, axis1, D] -> y f32[axis0, axis1, D]

    mixer_b_16.dl:4
    """

    def __init__(self, D: int, width: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(D, width)
        self.linear2 = nn.Linear(width, D)

    def forward(self, x: Tensor) -> Tensor:
        # (axis0, axis1, width)
        x = F.gelu(self.linear1(x), approximate="tanh")  # mixer_b_16.dl:6
        return self.linear2(x)  # (axis0, axis1, D)


class Mixer(nn.Module):
    """x f32[N, P, C] -> y f32[N, P, C]

    mixer_b_16.dl:9
    """

    def __init__(self, C: int, P: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(C, eps=1e-6)
        self.mlp1 = Mlp(P, C // 2)
        self.norm2 = nn.LayerNorm(C, eps=1e-6)
        self.mlp2 = Mlp(C, 4 * C)

    def forward(self, x: Tensor) -> Tensor:
        h = x + self.mlp1(self.norm1(x).transpose(1, 2)).transpose(1, 2)  # (N, P, C)
        return h + self.mlp2(self.norm2(h))  # (N, P, C)


class MlpMixer(nn.Module):
    """image f32[N, 3, size, size] -> logits f32[N, classes]

    mixer_b_16.dl:15
    """

    def __init__(
        self,
        size: int = 224,
        patch: int = 16,
        width: int = 768,
        depth: int = 12,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        P = (size // patch) ** 2
        self.conv1 = nn.Conv2d(3, width, kernel_size=patch, stride=patch)
        self.mixers = nn.Sequential(*(Mixer(width, P) for _ in range(depth)))
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.linear1 = nn.Linear(width, classes)
        nn.init.zeros_(self.linear1.weight)

    def forward(self, image: Tensor) -> Tensor:
        # (N, (size // patch)*(size // patch), width)
        x = self.conv1(image).flatten(2).transpose(1, 2)  # mixer_b_16.dl:24
        x = self.norm1(self.mixers(x))  # (N, (size // patch)*(size // patch), width)
        x = torch.mean(x, dim=1)  # (N, width)
        return self.linear1(x)  # (N, classes)
