"""ViT-B/16: Dosovitskiy and others, 2020; its attention written out."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.expand = nn.Linear(width, 4 * width)
        self.project = nn.Linear(4 * width, width)
        nn.init.xavier_uniform_(self.qkv.weight)
        nn.init.zeros_(self.qkv.bias)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attend(self.norm1(x))
        h = F.gelu(self.expand(self.norm2(x)))
        return x + self.project(h)

    def attend(self, x: Tensor) -> Tensor:
        batch, steps, width = x.shape
        qkv = self.qkv(x).view(batch, steps, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        shares = (q @ k.mT / math.sqrt(width // self.heads)).softmax(-1)
        return self.out((shares @ v).transpose(1, 2).reshape(batch, steps, width))


class ViT(nn.Module):
    def __init__(
        self,
        size: int = 224,
        patch: int = 16,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        steps = (size // patch) ** 2 + 1
        self.first = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(torch.randn(steps, width) * 0.02)
        self.patches = nn.Conv2d(3, width, kernel_size=patch, stride=patch)
        self.layers = nn.Sequential(*(Layer(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)
        nn.init.trunc_normal_(self.patches.weight, std=math.sqrt(1 / (3 * patch**2)))
        nn.init.zeros_(self.head.weight)

    def forward(self, image: Tensor) -> Tensor:
        patches = self.patches(image).flatten(2).mT
        first = self.first.expand(len(image), -1, -1)
        x = torch.cat([first, patches], dim=1) + self.places
        x = self.layers(x)
        return self.head(self.norm(x[:, 0]))
