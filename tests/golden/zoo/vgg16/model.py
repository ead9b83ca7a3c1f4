# -*- coding: utf-8 -*-
"""The network of vgg16.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class VGG(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, 1000]

    vgg16.dl:4
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(64, 64, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2d(64, 128, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(128, 128, kernel_size=3, padding=1)
        self.conv5 = nn.Conv2d(128, 256, kernel_size=3, padding=1)
        self.conv6 = nn.Conv2d(256, 256, kernel_size=3, padding=1)
        self.conv7 = nn.Conv2d(256, 256, kernel_size=3, padding=1)
        self.conv8 = nn.Conv2d(256, 512, kernel_size=3, padding=1)
        self.conv9 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.conv10 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.conv11 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.conv12 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.conv13 = nn.Conv2d(512, 512, kernel_size=3, padding=1)
        self.linear1 = nn.Linear(25088, 4096)
        self.dropout1 = nn.Dropout()
        self.linear2 = nn.Linear(4096, 4096)
        self.dropout2 = nn.Dropout()
        self.linear3 = nn.Linear(4096, 1000)

    def forward(self, image: Tensor) -> Tensor:
        H = image.shape[2]
        W = image.shape[3]
        if not H >= 32:
            raise ValueError("vgg16.dl:8: H >= 32")
        if not W >= 32:
            raise ValueError("vgg16.dl:8: W >= 32")
        x = F.relu(self.conv1(image))  # (N, 64, H, W)
        x = self.conv2(x)  # (N, 64, H, W)
        h = F.relu(F.max_pool2d(x, 2))  # (N, 64, H // 2, W // 2)
        x = F.relu(self.conv3(h))  # (N, 128, H // 2, W // 2)
        x = self.conv4(x)  # (N, 128, H // 2, W // 2)
        h = F.relu(F.max_pool2d(x, 2))  # (N, 128, H // 4, W // 4)
        x = F.relu(self.conv5(h))  # (N, 256, H // 4, W // 4)
        x = F.relu(self.conv6(x))  # (N, 256, H // 4, W // 4)
        x = self.conv7(x)  # (N, 256, H // 4, W // 4)
        h = F.relu(F.max_pool2d(x, 2))  # (N, 256, H // 8, W // 8)
        x = F.relu(self.conv8(h))  # (N, 512, H // 8, W // 8)
        x = F.relu(self.conv9(x))  # (N, 512, H // 8, W // 8)
        x = self.conv10(x)  # (N, 512, H // 8, W // 8)
        h = F.relu(F.max_pool2d(x, 2))  # (N, 512, H // 16, W // 16)
        x = F.relu(self.conv11(h))  # (N, 512, H // 16, W // 16)
        x = F.relu(self.conv12(x))  # (N, 512, H // 16, W // 16)
        x = self.conv13(x)  # (N, 512, H // 16, W // 16)
        h = F.relu(F.max_pool2d(x, 2))  # (N, 512, H // 32, W // 32)
        x = F.adaptive_avg_pool2d(h, 7)  # (N, 512, 7, 7)
        x = torch.flatten(x, 1)  # (N, 25088)
        x = F.relu(self.linear1(x))  # (N, 4096)
        x = self.dropout1(x)  # (N, 4096)
        x = F.relu(self.linear2(x))  # (N, 4096)
        x = self.dropout2(x)  # (N, 4096)
        return self.linear3(x)  # (N, 1000)
