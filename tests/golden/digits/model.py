"""The network of digits.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Cnn(nn.Module):
    """image f32[N, 1, 8, 8] -> logits f32[N, 10]

    digits.dl:12
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.dropout1 = nn.Dropout(0.3)
        self.linear1 = nn.Linear(1024, 128)
        self.linear2 = nn.Linear(128, 10)

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.conv1(image))  # (N, 32, 8, 8)  digits.dl:17
        x = self.conv2(x)  # (N, 64, 8, 8)
        x = F.relu(F.max_pool2d(x, 2))  # (N, 64, 4, 4)
        x = self.dropout1(torch.flatten(x, 1))  # (N, 1024)
        x = F.relu(self.linear1(x))  # (N, 128)  digits.dl:24
        return self.linear2(x)  # (N, 10)
