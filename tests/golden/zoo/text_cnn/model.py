"""The network of text_cnn.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TextCNN(nn.Module):
    """words token(vocabulary)[N, T] -> scores f32[N, classes]

    text_cnn.dl:4
    """

    def __init__(
        self,
        vocabulary: int = 18765,
        width: int = 300,
        windows: tuple[int, ...] = (3, 4, 5),
        maps: int = 100,
        classes: int = 2,
    ) -> None:
        super().__init__()
        self.embedding1 = nn.Embedding(vocabulary, width, padding_idx=0)
        self.convs = nn.ModuleList(
            nn.Conv1d(width, maps, kernel_size=window) for window in windows
        )
        self.dropout1 = nn.Dropout()
        self.linear1 = nn.Linear(len(windows) * maps, classes)

    def forward(self, words: Tensor) -> Tensor:
        h = self.embedding1(words).permute(0, 2, 1)  # (N, width, T)  text_cnn.dl:12
        features = [torch.amax(F.relu(conv(h)), dim=2) for conv in self.convs]
        x = self.dropout1(torch.cat(features, dim=1))  # (N, len(windows)*maps)
        return self.linear1(x)  # (N, classes)
