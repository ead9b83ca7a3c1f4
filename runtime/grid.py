"""Many pictures as one."""

from __future__ import annotations

import torch
from torch import Tensor


def make_grid(images: Tensor, nrow: int = 8, padding: int = 2) -> Tensor:
    """[N, C, H, W] side by side as [3, …], `nrow` a line, with black lines between them.

    Laid out as `torchvision.utils.make_grid` does it; grey pictures get three equal channels.
    """
    count, channels, height, width = images.shape
    if channels == 1:
        images = images.expand(-1, 3, -1, -1)
    columns = min(nrow, count)
    rows = -(-count // columns)
    high, wide = height + padding, width + padding
    grid = torch.zeros(3, high * rows + padding, wide * columns + padding, device=images.device)
    for index, image in enumerate(images):
        top, left = (index // columns) * high + padding, (index % columns) * wide + padding
        grid[:, top : top + height, left : left + width] = image
    return grid
