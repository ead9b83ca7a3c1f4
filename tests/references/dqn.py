"""The network of DQN, as in Mnih and others 2015, "Model architecture"."""

from torch import Tensor, nn


class DQN(nn.Module):
    """What each action is worth, (N, actions), after four frames (N, 4, 84, 84)."""

    def __init__(self, actions: int = 4) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(4, 32, 8, stride=4),
            nn.ReLU(),
            nn.Conv2d(32, 64, 4, stride=2),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(3136, 512),
            nn.ReLU(),
            nn.Linear(512, actions),
        )

    def forward(self, frames: Tensor) -> Tensor:
        return self.layers(frames)
