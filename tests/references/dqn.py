"""The network of DQN, as in Mnih and others 2015, "Model architecture"."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DQN(nn.Module):
    """What each action is worth, (N, actions), after four frames (N, 4, 84, 84)."""

    def __init__(self, actions: int = 4) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 32, kernel_size=8, stride=4)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=4, stride=2)
        self.conv3 = nn.Conv2d(64, 64, kernel_size=3)
        self.linear = nn.Linear(3136, 512)
        self.head = nn.Linear(512, actions)

    def forward(self, frames: Tensor) -> Tensor:
        x = F.relu(self.conv1(frames))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv3(x))
        x = torch.flatten(x, 1)
        x = F.relu(self.linear(x))
        return self.head(x)
