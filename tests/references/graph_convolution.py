"""A graph convolutional network, as in Kipf and Welling 2016, equations 2 and 9."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Convolution(nn.Module):
    """What a vertex and its neighbours have, (N, V, features), as (N, V, out)."""

    def __init__(self, features: int, out: int) -> None:
        super().__init__()
        self.linear = nn.Linear(features, out, bias=False)
        self.bias = nn.Parameter(torch.zeros(out))
        nn.init.xavier_uniform_(self.linear.weight)

    def forward(self, x: Tensor, near: Tensor) -> Tensor:
        return near @ self.linear(x) + self.bias


class GCN(nn.Module):
    """Classes (N, V, classes) of vertices with edges (N, V, V) of 0 and 1."""

    def __init__(
        self, features: int = 1433, hidden: int = 16, classes: int = 7
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.5)
        self.first = Convolution(features, hidden)
        self.second = Convolution(hidden, classes)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        near = edges + torch.eye(edges.shape[-1], device=edges.device)
        scale = near.sum(-1).rsqrt()
        near = scale[:, :, None] * near * scale[:, None]
        x = F.relu(self.first(self.dropout(x), near))
        return self.second(self.dropout(x), near)
