"""The network of memory.dl."""

import torch
from torch import Tensor, nn


class Counter(nn.Module):
    """steps f32[N, 4] -> guess f32[N, 1]

    memory.dl:7
    """

    def __init__(self, width: int = 6) -> None:
        super().__init__()
        self.width = width
        self.lstm1 = nn.LSTM(1, width, num_layers=2, batch_first=True)
        self.gru1 = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.linear1 = nn.Linear(4 * width, 1)

    def forward(self, steps: Tensor) -> Tensor:
        N = steps.shape[0]
        # (N, 4, width), (2, N, width)
        y, (h, _) = self.lstm1(steps.reshape(-1, 4, 1))  # memory.dl:9
        # (N, 4, 2*width)
        both, _ = self.gru1(y, torch.zeros(2, N, self.width, device=steps.device))
        x = torch.cat([y[:, -1], both[:, 0], h[-1]], dim=1)  # (N, 4*width)
        return self.linear1(x)  # (N, 1)
