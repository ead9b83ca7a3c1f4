"""The network of wgan_gp.dl."""

import torch.nn.functional as F
from torch import Tensor, nn


class Layers(nn.Module):
    """x f32[N, C] -> f32[N, out]

    wgan_gp.dl:8
    """

    def __init__(self, C: int, width: int, out: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(C, width)
        self.linear2 = nn.Linear(width, width)
        self.linear3 = nn.Linear(width, width)
        self.linear4 = nn.Linear(width, out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.linear1(x))  # (N, width)  wgan_gp.dl:9
        x = F.relu(self.linear2(x))  # (N, width)
        x = F.relu(self.linear3(x))  # (N, width)
        return self.linear4(x)  # (N, out)


class Generator(nn.Module):
    """z f32[N, 2] -> point f32[N, 2]

    wgan_gp.dl:11
    """

    def __init__(self, width: int = 512) -> None:
        super().__init__()
        self.layers1 = Layers(2, width, out=2)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers1(z)  # (N, 2)  wgan_gp.dl:13


class Critic(nn.Module):
    """point f32[N, 2] -> score f32[N, 1]

    wgan_gp.dl:16
    """

    def __init__(self, width: int = 512) -> None:
        super().__init__()
        self.layers1 = Layers(2, width, out=1)

    def forward(self, point: Tensor) -> Tensor:
        return self.layers1(point)  # (N, 1)  wgan_gp.dl:18
