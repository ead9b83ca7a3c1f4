"""The network of words.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Reader(nn.Module):
    """words token(9)[N, T] -> chances f32[N, 3]

    words.dl:15
    """

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(9, 8, padding_idx=0)
        self.conv1 = nn.Conv1d(8, 12, kernel_size=3, padding="same")
        self.norm1 = nn.BatchNorm1d(12)
        self.linear1 = nn.Linear(12, 3)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed(words).permute(0, 2, 1)  # (N, 8, T)  words.dl:21
        x = F.relu(self.norm1(self.conv1(x)))  # (N, 12, T)
        x = F.adaptive_max_pool1d(x, 1)  # (N, 12, 1)
        x = torch.flatten(x, 1)  # (N, 12)
        return torch.log_softmax(self.linear1(x), dim=1)  # (N, 3)  words.dl:28
