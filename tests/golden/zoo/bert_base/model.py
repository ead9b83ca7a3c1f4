# -*- coding: utf-8 -*-
"""The network of bert_base.dl."""

import torch
from torch import Tensor, nn


class BERT(nn.Module):
    """BERT

    bert_base.dl:4
    """

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Parameter(torch.empty(512, 768))
        nn.init.normal_(self.places, std=0.02)
        self.embedding1 = nn.Embedding(30522, 768, padding_idx=0)
        self.embedding2 = nn.Embedding(2, 768)
        self.norm1 = nn.LayerNorm(768, eps=1e-12)
        self.dropout1 = nn.Dropout(0.1)
        self.encoder1 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder2 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder3 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder4 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder5 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder6 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder7 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder8 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder9 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder10 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder11 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder12 = nn.TransformerEncoderLayer(
            768,
            12,
            dim_feedforward=3072,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.linear1 = nn.Linear(768, 768)

    def forward(self, words: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
        T = words.shape[1]
        if not T <= 512:
            raise ValueError("bert_base.dl:15: T <= 512")
        x = self.embedding1(words)  # (N, T, 768)
        x1 = self.embedding2(parts)  # (N, T, 768)
        x = x + x1  # (N, T, 768)
        h = x + self.places[:T]  # (N, T, 768)
        x = self.norm1(h)  # (N, T, 768)
        x = self.dropout1(x)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder1(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder2(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder3(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder4(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder5(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder6(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder7(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder8(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder9(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder10(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        x = self.encoder11(x, src_key_padding_mask=x1)  # (N, T, 768)
        x1 = words == 0  # (N, T)
        states = self.encoder12(x, src_key_padding_mask=x1)  # (N, T, 768)
        x = states[:, 0]  # (N, 768)
        pooled = torch.tanh(self.linear1(x))  # (N, 768)
        return states, pooled
