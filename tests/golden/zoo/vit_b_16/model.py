# -*- coding: utf-8 -*-
"""The network of vit_b_16.dl."""

import torch
from torch import Tensor, nn


class ViT(nn.Module):
    """image f32[N, 3, 224, 224] -> logits f32[N, 1000]

    vit_b_16.dl:3
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.zeros(1, 1, 768))
        self.places = nn.Parameter(torch.empty(197, 768))
        nn.init.normal_(self.places, std=0.02)
        self.conv1 = nn.Conv2d(3, 768, kernel_size=16, stride=16)
        self.encoder1 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder2 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder3 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder4 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder5 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder6 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder7 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder8 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder9 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder10 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder11 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.encoder12 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=1e-06,
            batch_first=True,
            norm_first=True,
        )
        self.norm1 = nn.LayerNorm(768, eps=1e-06)
        self.linear1 = nn.Linear(768, 1000)

    def forward(self, image: Tensor) -> Tensor:
        N = image.shape[0]
        x = self.conv1(image)  # (N, 768, 14, 14)
        x = torch.flatten(x, 2)  # (N, 768, 196)
        patches = torch.permute(x, (0, 2, 1))  # (N, 196, 768)
        x = self.first.expand((N, -1, -1))  # (N, 1, 768)
        x = torch.cat([x, patches], dim=1) + self.places  # (N, 197, 768)
        x = self.encoder1(x)  # (N, 197, 768)
        x = self.encoder2(x)  # (N, 197, 768)
        x = self.encoder3(x)  # (N, 197, 768)
        x = self.encoder4(x)  # (N, 197, 768)
        x = self.encoder5(x)  # (N, 197, 768)
        x = self.encoder6(x)  # (N, 197, 768)
        x = self.encoder7(x)  # (N, 197, 768)
        x = self.encoder8(x)  # (N, 197, 768)
        x = self.encoder9(x)  # (N, 197, 768)
        x = self.encoder10(x)  # (N, 197, 768)
        x = self.encoder11(x)  # (N, 197, 768)
        h = self.encoder12(x)  # (N, 197, 768)
        x = h[:, 0]  # (N, 768)
        x = self.norm1(x)  # (N, 768)
        return self.linear1(x)  # (N, 1000)
