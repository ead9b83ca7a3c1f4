"""The network of cats_dogs.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Cnn(nn.Module):
    """image f32[N, 3, 64, 64] -> p f32[N, 1]

    cats_dogs.dl:12
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, kernel_size=3)
        self.linear1 = nn.Linear(30752, 128)
        self.linear2 = nn.Linear(128, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv1(image)  # (N, 32, 62, 62)  cats_dogs.dl:17
        x = F.relu(F.max_pool2d(x, 2))  # (N, 32, 31, 31)
        x = torch.flatten(x, 1)  # (N, 30752)
        x = F.relu(self.linear1(x))  # (N, 128)  cats_dogs.dl:21
        return torch.sigmoid(self.linear2(x))  # (N, 1)
