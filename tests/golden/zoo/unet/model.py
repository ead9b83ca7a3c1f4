# -*- coding: utf-8 -*-
"""The network of unet.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Step(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, out, H, W]

    unet.dl:4
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(C, out, kernel_size=3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)  # (N, out, H, W)
        return F.relu(self.norm1(x))  # (N, out, H, W)


class Twice(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, out, H, W]

    unet.dl:6
    """

    def __init__(self, C: int, out: int) -> None:
        super().__init__()
        self.step1 = Step(C, out=out)
        self.step2 = Step(out, out=out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.step1(x)  # (N, out, H, W)
        return self.step2(x)  # (N, out, H, W)


class UNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, 2, H, W]

    unet.dl:8
    """

    def __init__(self) -> None:
        super().__init__()
        self.twice1 = Twice(3, out=64)
        self.twice2 = Twice(64, out=128)
        self.twice3 = Twice(128, out=256)
        self.twice4 = Twice(256, out=512)
        self.twice5 = Twice(512, out=1024)
        self.conv1 = nn.ConvTranspose2d(1024, 512, kernel_size=2, stride=2)
        self.twice6 = Twice(1024, out=512)
        self.conv2 = nn.ConvTranspose2d(512, 256, kernel_size=2, stride=2)
        self.twice7 = Twice(512, out=256)
        self.conv3 = nn.ConvTranspose2d(256, 128, kernel_size=2, stride=2)
        self.twice8 = Twice(256, out=128)
        self.conv4 = nn.ConvTranspose2d(128, 64, kernel_size=2, stride=2)
        self.twice9 = Twice(128, out=64)
        self.conv5 = nn.Conv2d(64, 2, kernel_size=1)

    def forward(self, image: Tensor) -> Tensor:
        H = image.shape[2]
        W = image.shape[3]
        if not H % 16 == 0:
            raise ValueError("unet.dl:18: H must be a multiple of 16")
        if not W % 16 == 0:
            raise ValueError("unet.dl:18: W must be a multiple of 16")
        h = self.twice1(image)  # (N, 64, H, W)
        x = F.max_pool2d(h, 2)  # (N, 64, H // 2, W // 2)
        h_ = self.twice2(x)  # (N, 128, H // 2, W // 2)
        x = F.max_pool2d(h_, 2)  # (N, 128, H // 4, W // 4)
        h__ = self.twice3(x)  # (N, 256, H // 4, W // 4)
        x = F.max_pool2d(h__, 2)  # (N, 256, H // 8, W // 8)
        h___ = self.twice4(x)  # (N, 512, H // 8, W // 8)
        x = F.max_pool2d(h___, 2)  # (N, 512, H // 16, W // 16)
        h____ = self.twice5(x)  # (N, 1024, H // 16, W // 16)
        up = self.conv1(h____)  # (N, 512, 2*(H // 16), 2*(W // 16))
        x = torch.cat([h___, up], dim=1)  # (N, 1024, H // 8, W // 8)
        h___ = self.twice6(x)  # (N, 512, H // 8, W // 8)
        up = self.conv2(h___)  # (N, 256, 2*(H // 8), 2*(W // 8))
        x = torch.cat([h__, up], dim=1)  # (N, 512, H // 4, W // 4)
        h__ = self.twice7(x)  # (N, 256, H // 4, W // 4)
        up = self.conv3(h__)  # (N, 128, 2*(H // 4), 2*(W // 4))
        x = torch.cat([h_, up], dim=1)  # (N, 256, H // 2, W // 2)
        h_ = self.twice8(x)  # (N, 128, H // 2, W // 2)
        up = self.conv4(h_)  # (N, 64, 2*(H // 2), 2*(W // 2))
        x = torch.cat([h, up], dim=1)  # (N, 128, H, W)
        h = self.twice9(x)  # (N, 64, H, W)
        return self.conv5(h)  # (N, 2, H, W)
