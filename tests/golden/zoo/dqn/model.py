"""The network of dqn.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DQN(nn.Module):
    """frames f32[N, 4, 84, 84] -> values f32[N, actions]

    dqn.dl:9
    """

    def __init__(self, actions: int = 4) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 32, kernel_size=8, stride=4)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=4, stride=2)
        self.conv3 = nn.Conv2d(64, 64, kernel_size=3)
        self.linear1 = nn.Linear(3136, 512)
        self.linear2 = nn.Linear(512, actions)

    def forward(self, frames: Tensor) -> Tensor:
        x = F.relu(self.conv1(frames))  # (N, 32, 20, 20)  dqn.dl:11
        x = F.relu(self.conv2(x))  # (N, 64, 9, 9)
        h = F.relu(self.conv3(x))  # (N, 64, 7, 7)
        x = torch.flatten(h, 1)  # (N, 3136)
        x = F.relu(self.linear1(x))  # (N, 512)  dqn.dl:12
        return self.linear2(x)  # (N, actions)
