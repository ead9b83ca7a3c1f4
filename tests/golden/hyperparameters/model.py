"""The network of hyperparameters.dl."""

import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """x f32[N, 2] -> logits f32[N, out]

    hyperparameters.dl:11
    """

    def __init__(
        self,
        width: int = 16,
        out: int = 3,
        dropout: float = 0.25,
        bias: bool = True,
        scale: float = 2.0,
    ) -> None:
        super().__init__()
        self.scale = scale
        self.linear1 = nn.Linear(2, width, bias=bias)
        self.dropout1 = nn.Dropout(dropout)
        self.linear2 = nn.Linear(width, 2 * width)
        self.linear3 = nn.Linear(2 * width, out)

    def forward(self, x: Tensor) -> Tensor:
        h = self.dropout1(F.gelu(self.linear1(x)))  # (N, width)  hyperparameters.dl:21
        h = self.linear2(h * self.scale + h)  # (N, 2*width)
        return self.linear3(F.leaky_relu(h, negative_slope=0.2))  # (N, out)
