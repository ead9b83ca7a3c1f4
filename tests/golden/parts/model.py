# -*- coding: utf-8 -*-
"""The network of parts.dl."""

import torch
from torch import Tensor, nn


def halves(x: Tensor) -> tuple[Tensor, Tensor]:
    """parts.dl:2."""
    D = x.shape[1]
    left = x[:, : D // 2]  # (N, D // 2)
    right = x[:, D // 2 :]  # (N, D - D // 2)
    return left, right


class Parts(nn.Module):
    """Parts

    parts.dl:9
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(
        self, x: Tensor, series: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        N = x.shape[0]
        a, b = torch.chunk(x, 2, -1)  # (N, 4), (N, 4)
        first, _ = torch.split(x, (3, 5), 1)  # (N, 3)
        left, right = halves(x)  # (N, 4), (N, 4)
        gate = torch.exp(-torch.abs(a)) / 2.0  # (N, 4)
        x = torch.randn_like(a) * 0.1  # (N, 4)
        noise = x + torch.rand(N, 1, device=x.device)  # (N, 4)
        x = first[:, None]  # (N, 1, 3)
        distance = x - first[None]  # (N, N, 3)
        x = a * gate + b  # (N, 4)
        x = x - left / 2  # (N, 4)
        mixed = x + right.detach() + noise  # (N, 4)
        distances = torch.abs(distance)  # (N, N, 3)
        every = series[:, ::2, :4]  # (N, (T + 1) // 2, 4)
        stacked = torch.stack([a, b], dim=1)  # (N, 2, 4)
        return mixed, distances, every, stacked
