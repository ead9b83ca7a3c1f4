"""The network of mnist.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Cnn(nn.Module):
    """image f32[N, 1, 28, 28] -> logits f32[N, 10]

    mnist.dl:12
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3)
        self.linear1 = nn.Linear(5408, 128)
        self.linear2 = nn.Linear(128, 10)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv1(image)  # (N, 32, 26, 26)  mnist.dl:17
        x = F.relu(F.max_pool2d(x, 2))  # (N, 32, 13, 13)
        x = torch.flatten(x, 1)  # (N, 5408)
        x = F.relu(self.linear1(x))  # (N, 128)  mnist.dl:21
        return self.linear2(x)  # (N, 10)
