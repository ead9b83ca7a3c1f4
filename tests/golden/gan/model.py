"""The network of gan.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Generator(nn.Module):
    """z f32[N, 100] -> image f32[N, 784]

    gan.dl:12
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(100, 256)
        self.linear2 = nn.Linear(256, 784)

    def forward(self, z: Tensor) -> Tensor:
        x = F.leaky_relu(self.linear1(z), negative_slope=0.2)  # (N, 256)  gan.dl:14
        return torch.sigmoid(self.linear2(x))  # (N, 784)


class Discriminator(nn.Module):
    """image f32[N, 784] -> score f32[N, 1]

    gan.dl:17
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(784, 256)
        self.linear2 = nn.Linear(256, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = F.leaky_relu(self.linear1(image), negative_slope=0.2)  # (N, 256)  gan.dl:19
        return self.linear2(x)  # (N, 1)
