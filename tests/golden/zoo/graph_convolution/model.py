"""The network of graph_convolution.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Convolution(nn.Module):
    """x f32[N, V, D], near f32[N, V, V] -> y f32[N, V, out]

    graph_convolution.dl:5
    """

    def __init__(self, D: int, out: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(out))
        self.linear1 = nn.Linear(D, out, bias=False)
        nn.init.xavier_uniform_(self.linear1.weight)

    def forward(self, x: Tensor, near: Tensor) -> Tensor:
        return near @ self.linear1(x) + self.bias  # (N, V, out)  graph_convolution.dl:9


class GCN(nn.Module):
    """x f32[N, V, features], edges f32[N, V, V] -> logits f32[N, V, classes]

    graph_convolution.dl:12
    """

    def __init__(
        self, features: int = 1433, hidden: int = 16, classes: int = 7
    ) -> None:
        super().__init__()
        self.drop = nn.Dropout()
        self.convolution1 = Convolution(features, hidden)
        self.convolution2 = Convolution(hidden, classes)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        near = edges + torch.eye(x.shape[1], device=x.device)  # (N, V, V)
        scale = torch.rsqrt(torch.sum(near, dim=-1))  # (N, V)
        near = scale[:, :, None] * near * scale[:, None]  # (N, V, V)
        # (N, V, hidden)
        h = F.relu(self.convolution1(self.drop(x), near))  # graph_convolution.dl:19
        return self.convolution2(self.drop(h), near)  # (N, V, classes)
