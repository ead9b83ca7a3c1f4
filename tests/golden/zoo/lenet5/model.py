"""The network of lenet5.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LeNet5(nn.Module):
    """image f32[N, 1, 32, 32] -> logits f32[N, classes]

    lenet5.dl:5
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.linear1 = nn.Linear(400, 120)
        self.linear2 = nn.Linear(120, 84)
        self.linear3 = nn.Linear(84, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = torch.tanh(self.conv1(image))  # (N, 6, 28, 28)  lenet5.dl:7
        x = F.avg_pool2d(x, 2)  # (N, 6, 14, 14)
        x = torch.tanh(self.conv2(x))  # (N, 16, 10, 10)
        h = F.avg_pool2d(x, 2)  # (N, 16, 5, 5)
        x = torch.flatten(h, 1)  # (N, 400)
        x = torch.tanh(self.linear1(x))  # (N, 120)  lenet5.dl:10
        x = torch.tanh(self.linear2(x))  # (N, 84)
        return self.linear3(x)  # (N, classes)
