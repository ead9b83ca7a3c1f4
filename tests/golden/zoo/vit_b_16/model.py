"""The network of vit_b_16.dl."""

import torch
from torch import Tensor, nn


class ViT(nn.Module):
    """image f32[N, 3, size, size] -> logits f32[N, classes]

    vit_b_16.dl:3
    """

    def __init__(
        self,
        size: int = 224,
        patch: int = 16,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(torch.empty((size // patch) ** 2 + 1, width))
        nn.init.normal_(self.places, std=0.02)
        self.conv1 = nn.Conv2d(3, width, kernel_size=patch, stride=patch)
        self.encoders = nn.Sequential(
            *(
                nn.TransformerEncoderLayer(
                    width,
                    heads,
                    dim_feedforward=4 * width,
                    dropout=0.0,
                    activation="gelu",
                    layer_norm_eps=1e-6,
                    batch_first=True,
                    norm_first=True,
                )
                for _ in range(depth)
            )
        )
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.linear1 = nn.Linear(width, classes)
        nn.init.trunc_normal_(self.conv1.weight, std=1 / (3 * patch**2) ** 0.5)
        nn.init.zeros_(self.linear1.weight)

    def forward(self, image: Tensor) -> Tensor:
        # (N, (size // patch)*(size // patch), width)
        patches = self.conv1(image).flatten(2).permute(0, 2, 1)  # vit_b_16.dl:15
        x = self.first.expand((image.shape[0], -1, -1))  # (N, 1, width)
        # (N, (size // patch)*(size // patch) + 1, width)
        x = torch.cat([x, patches], dim=1) + self.places
        h = self.encoders(x)  # (N, (size // patch)*(size // patch) + 1, width)
        return self.linear1(self.norm1(h[:, 0]))  # (N, classes)
