"""MLP-Mixer, B/16: Tolstikhin and others, 2021."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.expand = nn.Linear(width, hidden)
        self.project = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        x = F.gelu(self.expand(x), approximate="tanh")
        return self.project(x)


class Mixer(nn.Module):
    def __init__(self, places: int, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.mix_places = Mlp(places, width // 2)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mix_channels = Mlp(width, 4 * width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.mix_places(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.mix_channels(self.norm2(x))


class MlpMixer(nn.Module):
    def __init__(
        self,
        size: int = 224,
        patch: int = 16,
        width: int = 768,
        depth: int = 12,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        places = (size // patch) ** 2
        self.patches = nn.Conv2d(3, width, kernel_size=patch, stride=patch)
        self.layers = nn.Sequential(*(Mixer(places, width) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)
        nn.init.zeros_(self.head.weight)

    def forward(self, image: Tensor) -> Tensor:
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = self.norm(self.layers(x))
        x = torch.mean(x, dim=1)
        return self.head(x)
