"""The network of parts.dl."""

import torch
from torch import Tensor, nn


def halves(x: Tensor) -> tuple[Tensor, Tensor]:
    """x f32[N, D] -> left f32[N, D // 2], right f32[N, D // 2]

    parts.dl:2
    """
    D = x.shape[1]
    return x[:, : D // 2], x[:, D // 2 :]  # left (N, D // 2), right (N, D // 2)


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
        a, b = x.chunk(2, -1)  # (N, 4), (N, 4)
        first, _ = torch.split(x, [3, 5], 1)  # (N, 3)
        left, right = halves(x)  # (N, 4), (N, 4)  parts.dl:14
        gate = torch.exp(-torch.abs(a)) / 2.0  # (N, 4)
        # (N, 4)
        noise = torch.randn_like(a) * 0.1 + torch.rand(x.shape[0], 1, device=x.device)
        distance = first[:, None] - first[None]  # (N, N, 3)
        mixed = a * gate + b - left / 2 + right.detach() + noise  # (N, 4)
        distances = torch.abs(distance)  # (N, N, 3)
        # mixed (N, 4), distances (N, N, 3), every (N, (T + 1) // 2, 4), stacked (N, 2, 4)
        return mixed, distances, series[:, ::2, :4], torch.stack([a, b], dim=1)
