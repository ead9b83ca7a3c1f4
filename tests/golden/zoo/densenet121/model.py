# -*- coding: utf-8 -*-
"""The network of densenet121.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class NormConv(nn.Module):
    """NormConv

    densenet121.dl:4
    """

    def __init__(self, C: int, out: int, kernel: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(C)
        self.conv1 = nn.Conv2d(
            C, out, kernel_size=kernel, padding=kernel // 2, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm1(x))  # (N, C, H, W)
        return self.conv1(x)


class Dense(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C + growth, H, W]

    densenet121.dl:7
    """

    def __init__(self, C: int, growth: int) -> None:
        super().__init__()
        self.norm_conv1 = NormConv(C, out=4 * growth, kernel=1)
        self.norm_conv2 = NormConv(4 * growth, out=growth, kernel=3)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.norm_conv1(x)  # (N, 4*growth, H, W)
        x1 = self.norm_conv2(x1)  # (N, growth, H, W)
        return torch.cat([x, x1], dim=1)  # (N, C + growth, H, W)


class Transition(nn.Module):
    """x f32[N, C, H, W] -> y f32[N, C // 2, H // 2, W // 2]

    densenet121.dl:15
    """

    def __init__(self, C: int) -> None:
        super().__init__()
        self.norm_conv1 = NormConv(C, out=C // 2, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm_conv1(x)  # (N, C // 2, H, W)
        return F.avg_pool2d(x, 2)  # (N, C // 2, H // 2, W // 2)


class DenseNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, 1000]

    densenet121.dl:20
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.dense1 = Dense(64, growth=32)
        self.dense2 = Dense(96, growth=32)
        self.dense3 = Dense(128, growth=32)
        self.dense4 = Dense(160, growth=32)
        self.dense5 = Dense(192, growth=32)
        self.dense6 = Dense(224, growth=32)
        self.transition1 = Transition(256)
        self.dense7 = Dense(128, growth=32)
        self.dense8 = Dense(160, growth=32)
        self.dense9 = Dense(192, growth=32)
        self.dense10 = Dense(224, growth=32)
        self.dense11 = Dense(256, growth=32)
        self.dense12 = Dense(288, growth=32)
        self.dense13 = Dense(320, growth=32)
        self.dense14 = Dense(352, growth=32)
        self.dense15 = Dense(384, growth=32)
        self.dense16 = Dense(416, growth=32)
        self.dense17 = Dense(448, growth=32)
        self.dense18 = Dense(480, growth=32)
        self.transition2 = Transition(512)
        self.dense19 = Dense(256, growth=32)
        self.dense20 = Dense(288, growth=32)
        self.dense21 = Dense(320, growth=32)
        self.dense22 = Dense(352, growth=32)
        self.dense23 = Dense(384, growth=32)
        self.dense24 = Dense(416, growth=32)
        self.dense25 = Dense(448, growth=32)
        self.dense26 = Dense(480, growth=32)
        self.dense27 = Dense(512, growth=32)
        self.dense28 = Dense(544, growth=32)
        self.dense29 = Dense(576, growth=32)
        self.dense30 = Dense(608, growth=32)
        self.dense31 = Dense(640, growth=32)
        self.dense32 = Dense(672, growth=32)
        self.dense33 = Dense(704, growth=32)
        self.dense34 = Dense(736, growth=32)
        self.dense35 = Dense(768, growth=32)
        self.dense36 = Dense(800, growth=32)
        self.dense37 = Dense(832, growth=32)
        self.dense38 = Dense(864, growth=32)
        self.dense39 = Dense(896, growth=32)
        self.dense40 = Dense(928, growth=32)
        self.dense41 = Dense(960, growth=32)
        self.dense42 = Dense(992, growth=32)
        self.transition3 = Transition(1024)
        self.dense43 = Dense(512, growth=32)
        self.dense44 = Dense(544, growth=32)
        self.dense45 = Dense(576, growth=32)
        self.dense46 = Dense(608, growth=32)
        self.dense47 = Dense(640, growth=32)
        self.dense48 = Dense(672, growth=32)
        self.dense49 = Dense(704, growth=32)
        self.dense50 = Dense(736, growth=32)
        self.dense51 = Dense(768, growth=32)
        self.dense52 = Dense(800, growth=32)
        self.dense53 = Dense(832, growth=32)
        self.dense54 = Dense(864, growth=32)
        self.dense55 = Dense(896, growth=32)
        self.dense56 = Dense(928, growth=32)
        self.dense57 = Dense(960, growth=32)
        self.dense58 = Dense(992, growth=32)
        self.norm2 = nn.BatchNorm2d(1024)
        self.linear1 = nn.Linear(1024, 1000)

    def forward(self, image: Tensor) -> Tensor:
        H = image.shape[2]
        W = image.shape[3]
        if not H >= 29:
            raise ValueError("densenet121.dl:17: H >= 29")
        if not W >= 29:
            raise ValueError("densenet121.dl:17: W >= 29")
        x = self.conv1(image)  # (N, 64, (H + 1) // 2, (W + 1) // 2)
        x = self.norm1(x)  # (N, 64, (H + 1) // 2, (W + 1) // 2)
        # (N, 64, (H + 3) // 4, (W + 3) // 4)
        h = F.relu(F.max_pool2d(x, 3, stride=2, padding=1))
        x = self.dense1(h)  # (N, 96, (H + 3) // 4, (W + 3) // 4)
        x = self.dense2(x)  # (N, 128, (H + 3) // 4, (W + 3) // 4)
        x = self.dense3(x)  # (N, 160, (H + 3) // 4, (W + 3) // 4)
        x = self.dense4(x)  # (N, 192, (H + 3) // 4, (W + 3) // 4)
        x = self.dense5(x)  # (N, 224, (H + 3) // 4, (W + 3) // 4)
        h = self.dense6(x)  # (N, 256, (H + 3) // 4, (W + 3) // 4)
        h = self.transition1(h)  # (N, 128, (H + 3) // 8, (W + 3) // 8)
        x = self.dense7(h)  # (N, 160, (H + 3) // 8, (W + 3) // 8)
        x = self.dense8(x)  # (N, 192, (H + 3) // 8, (W + 3) // 8)
        x = self.dense9(x)  # (N, 224, (H + 3) // 8, (W + 3) // 8)
        x = self.dense10(x)  # (N, 256, (H + 3) // 8, (W + 3) // 8)
        x = self.dense11(x)  # (N, 288, (H + 3) // 8, (W + 3) // 8)
        x = self.dense12(x)  # (N, 320, (H + 3) // 8, (W + 3) // 8)
        x = self.dense13(x)  # (N, 352, (H + 3) // 8, (W + 3) // 8)
        x = self.dense14(x)  # (N, 384, (H + 3) // 8, (W + 3) // 8)
        x = self.dense15(x)  # (N, 416, (H + 3) // 8, (W + 3) // 8)
        x = self.dense16(x)  # (N, 448, (H + 3) // 8, (W + 3) // 8)
        x = self.dense17(x)  # (N, 480, (H + 3) // 8, (W + 3) // 8)
        h = self.dense18(x)  # (N, 512, (H + 3) // 8, (W + 3) // 8)
        h = self.transition2(h)  # (N, 256, (H + 3) // 16, (W + 3) // 16)
        x = self.dense19(h)  # (N, 288, (H + 3) // 16, (W + 3) // 16)
        x = self.dense20(x)  # (N, 320, (H + 3) // 16, (W + 3) // 16)
        x = self.dense21(x)  # (N, 352, (H + 3) // 16, (W + 3) // 16)
        x = self.dense22(x)  # (N, 384, (H + 3) // 16, (W + 3) // 16)
        x = self.dense23(x)  # (N, 416, (H + 3) // 16, (W + 3) // 16)
        x = self.dense24(x)  # (N, 448, (H + 3) // 16, (W + 3) // 16)
        x = self.dense25(x)  # (N, 480, (H + 3) // 16, (W + 3) // 16)
        x = self.dense26(x)  # (N, 512, (H + 3) // 16, (W + 3) // 16)
        x = self.dense27(x)  # (N, 544, (H + 3) // 16, (W + 3) // 16)
        x = self.dense28(x)  # (N, 576, (H + 3) // 16, (W + 3) // 16)
        x = self.dense29(x)  # (N, 608, (H + 3) // 16, (W + 3) // 16)
        x = self.dense30(x)  # (N, 640, (H + 3) // 16, (W + 3) // 16)
        x = self.dense31(x)  # (N, 672, (H + 3) // 16, (W + 3) // 16)
        x = self.dense32(x)  # (N, 704, (H + 3) // 16, (W + 3) // 16)
        x = self.dense33(x)  # (N, 736, (H + 3) // 16, (W + 3) // 16)
        x = self.dense34(x)  # (N, 768, (H + 3) // 16, (W + 3) // 16)
        x = self.dense35(x)  # (N, 800, (H + 3) // 16, (W + 3) // 16)
        x = self.dense36(x)  # (N, 832, (H + 3) // 16, (W + 3) // 16)
        x = self.dense37(x)  # (N, 864, (H + 3) // 16, (W + 3) // 16)
        x = self.dense38(x)  # (N, 896, (H + 3) // 16, (W + 3) // 16)
        x = self.dense39(x)  # (N, 928, (H + 3) // 16, (W + 3) // 16)
        x = self.dense40(x)  # (N, 960, (H + 3) // 16, (W + 3) // 16)
        x = self.dense41(x)  # (N, 992, (H + 3) // 16, (W + 3) // 16)
        h = self.dense42(x)  # (N, 1024, (H + 3) // 16, (W + 3) // 16)
        h = self.transition3(h)  # (N, 512, (H + 3) // 32, (W + 3) // 32)
        x = self.dense43(h)  # (N, 544, (H + 3) // 32, (W + 3) // 32)
        x = self.dense44(x)  # (N, 576, (H + 3) // 32, (W + 3) // 32)
        x = self.dense45(x)  # (N, 608, (H + 3) // 32, (W + 3) // 32)
        x = self.dense46(x)  # (N, 640, (H + 3) // 32, (W + 3) // 32)
        x = self.dense47(x)  # (N, 672, (H + 3) // 32, (W + 3) // 32)
        x = self.dense48(x)  # (N, 704, (H + 3) // 32, (W + 3) // 32)
        x = self.dense49(x)  # (N, 736, (H + 3) // 32, (W + 3) // 32)
        x = self.dense50(x)  # (N, 768, (H + 3) // 32, (W + 3) // 32)
        x = self.dense51(x)  # (N, 800, (H + 3) // 32, (W + 3) // 32)
        x = self.dense52(x)  # (N, 832, (H + 3) // 32, (W + 3) // 32)
        x = self.dense53(x)  # (N, 864, (H + 3) // 32, (W + 3) // 32)
        x = self.dense54(x)  # (N, 896, (H + 3) // 32, (W + 3) // 32)
        x = self.dense55(x)  # (N, 928, (H + 3) // 32, (W + 3) // 32)
        x = self.dense56(x)  # (N, 960, (H + 3) // 32, (W + 3) // 32)
        x = self.dense57(x)  # (N, 992, (H + 3) // 32, (W + 3) // 32)
        h = self.dense58(x)  # (N, 1024, (H + 3) // 32, (W + 3) // 32)
        x = F.relu(self.norm2(h))  # (N, 1024, (H + 3) // 32, (W + 3) // 32)
        x = F.adaptive_avg_pool2d(x, 1)  # (N, 1024, 1, 1)
        x = torch.flatten(x, 1)  # (N, 1024)
        return self.linear1(x)  # (N, 1000)
