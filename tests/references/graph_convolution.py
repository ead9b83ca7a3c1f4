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
        x = self.linear(x)
        return near @ x + self.bias


class GCN(nn.Module):
    """Classes (N, V, classes) of vertices with edges (N, V, V) of 0 and 1."""

    def __init__(
        self, features: int = 1433, hidden: int = 16, classes: int = 7
    ) -> None:
        super().__init__()
        self.dropout1 = nn.Dropout(0.5)
        self.first = Convolution(features, hidden)
        self.dropout2 = nn.Dropout(0.5)
        self.second = Convolution(hidden, classes)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        vertices = edges.shape[-1]
        near = edges + torch.eye(vertices, device=edges.device)
        scale = near.sum(-1).rsqrt()
        near = scale[:, :, None] * near
        near = near * scale[:, None, :]
        x = self.dropout1(x)
        h = F.relu(self.first(x, near))
        h = self.dropout2(h)
        return self.second(h, near)
