"""The network of parts.dl."""

import torch
from torch import Tensor, nn


def halves(x: Tensor) -> tuple[Tensor, Tensor]:
    """x f32[N, D] -> left f32[N, D // 2], right f32[N, D // 2]

    parts.dl:2
    """
    D = x.shape[1]
    left = x[:, : D // 2]  # (N, D // 2)
    right = x[:, D // 2 :]  # (N, D // 2)
    return left, right


class Parts(nn.Module):
    """x f32[N, 8], series f32[N, T, 8] -> mixed f32[N, 4], distances f32[N, N, 3],
    every f32[N, (T + 1) // 2, 4], stacked f32[N, 2, 4]

    parts.dl:9
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(
        self, x: Tensor, series: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        N = x.shape[0]
        a, b = torch.chunk(x, 2, -1)  # (N, 4), (N, 4)
        first, _ = torch.split(x, [3, 5], 1)  # (N, 3)
        left, right = halves(x)  # (N, 4), (N, 4)  parts.dl:14
        gate = torch.exp(-torch.abs(a)) / 2.0  # (N, 4)
        noise = torch.randn_like(a) * 0.1 + torch.rand(N, 1, device=x.device)  # (N, 4)
        distance = first[:, None] - first[None]  # (N, N, 3)
        mixed = a * gate + b - left / 2 + right.detach() + noise  # (N, 4)
        distances = torch.abs(distance)  # (N, N, 3)
        every = series[:, ::2, :4]  # (N, (T + 1) // 2, 4)
        stacked = torch.stack([a, b], dim=1)  # (N, 2, 4)
        return mixed, distances, every, stacked
