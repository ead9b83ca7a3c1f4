"""The network of open_sizes.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Halves(nn.Module):
    """image f32[N, 3, H, W] -> rows f32[N, channels, H // 2], flat
    f32[N, W*(H*channels // 2) // 2]

    open_sizes.dl:3
    """

    def __init__(self, channels: int = 4) -> None:
        super().__init__()
        self.channels = channels
        self.conv1 = nn.Conv2d(3, channels, kernel_size=3, padding=1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        N, _, H, W = image.shape
        if H < 2 or W < 2:
            raise ValueError("open_sizes.dl:8: H >= 2 and W >= 2")
        if self.channels * (H // 2) * (W // 2) != H * W * self.channels // 4:
            raise ValueError(
                "open_sizes.dl:10: channels*(H // 2)*(W // 2) == H*W*channels // 4 must hold"
            )
        x = self.conv1(image)  # (N, channels, H, W)  open_sizes.dl:8
        half = F.relu(F.max_pool2d(x, 2))  # (N, channels, H // 2, W // 2)
        rows = torch.mean(half, dim=3)  # (N, channels, H // 2)
        # rows (N, channels, H // 2), flat (N, W*(H*channels // 2) // 2)
        return rows, half.reshape(N, W * (H * self.channels // 2) // 2)
