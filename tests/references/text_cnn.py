"""TextCNN: Kim, 2014; the variant CNN-rand."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TextCNN(nn.Module):
    def __init__(
        self,
        vocabulary: int = 18_765,
        width: int = 300,
        windows: Sequence[int] = (3, 4, 5),
        maps: int = 100,
        classes: int = 2,
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width, padding_idx=0)
        self.convs = nn.ModuleList(
            nn.Conv1d(width, maps, kernel_size=window) for window in windows
        )
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(maps * len(windows), classes)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embed(words).transpose(1, 2)
        features = [F.relu(conv(x)).amax(dim=2) for conv in self.convs]
        x = self.dropout(torch.cat(features, dim=1))
        return self.head(x)
