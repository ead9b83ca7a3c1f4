"""The network of initial.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def keras_init(module: nn.Module) -> None:
    """Initial weights of one module as in Keras."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.uniform_(module.weight, -0.05, 0.05)
        if module.padding_idx is not None:
            nn.init.zeros_(module.weight[module.padding_idx])
    elif isinstance(module, nn.LSTM):
        for name, weight in module.named_parameters():
            if "weight_ih" in name:
                nn.init.xavier_uniform_(weight)
            elif "weight_hh" in name:
                nn.init.orthogonal_(weight)
            else:
                nn.init.zeros_(weight)
            if "bias_ih" in name:
                forget = slice(module.hidden_size, 2 * module.hidden_size)
                nn.init.ones_(weight[forget])


class Head(nn.Module):
    """x f32[N, C] -> f32[N, out]

    initial.dl:2
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(C, 16)
        self.linear2 = nn.Linear(16, out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.linear1(x))  # (N, 16)  initial.dl:2
        return self.linear2(x)  # (N, out)


class Reviews(nn.Module):
    """words token(50)[N, 12] -> logits f32[N, 3]

    initial.dl:4
    """

    def __init__(self) -> None:
        super().__init__()
        self.embedding1 = nn.Embedding(50, 8, padding_idx=0)
        self.lstm1 = nn.LSTM(8, 10, batch_first=True)
        self.head1 = Head(10, out=3)
        self.apply(keras_init)

    def forward(self, words: Tensor) -> Tensor:
        x = self.embedding1(words)  # (N, 12, 8)  initial.dl:6
        y, _ = self.lstm1(x)  # (N, 12, 10)
        return self.head1(y[:, -1])  # (N, 3)  initial.dl:7


class Photos(nn.Module):
    """image f32[N, 3, 8, 8] -> logits f32[N, 3]

    initial.dl:10
    """

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, kernel_size=3, bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.head1 = Head(288, out=3)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.xavier_normal_(module.weight, gain=gain)
        nn.init.kaiming_normal_(self.conv1.weight, nonlinearity="relu")

    def forward(self, image: Tensor) -> Tensor:
        x = F.relu(self.norm1(self.conv1(image)))  # (N, 8, 6, 6)  initial.dl:13
        return self.head1(torch.flatten(x, 1))  # (N, 3)  initial.dl:14
