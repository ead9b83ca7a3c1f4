"""Generator and critic of points, as for the toy data of Gulrajani and others 2017."""

import torch.nn.functional as F
from torch import Tensor, nn


class Layers(nn.Module):
    """Three hidden layers behind a point (N, 2)."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(2, width)
        self.linear2 = nn.Linear(width, width)
        self.linear3 = nn.Linear(width, width)
        self.linear4 = nn.Linear(width, out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.linear1(x))
        x = F.relu(self.linear2(x))
        x = F.relu(self.linear3(x))
        return self.linear4(x)


class Generator(nn.Module):
    """Noise (N, 2) as points (N, 2)."""

    def __init__(self, width: int = 512) -> None:
        super().__init__()
        self.layers = Layers(width, 2)

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


class Critic(nn.Module):
    """Points (N, 2) as scores (N, 1) of any size."""

    def __init__(self, width: int = 512) -> None:
        super().__init__()
        self.layers = Layers(width, 1)

    def forward(self, point: Tensor) -> Tensor:
        return self.layers(point)
