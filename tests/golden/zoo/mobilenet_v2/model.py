# -*- coding: utf-8 -*-
"""The network of mobilenet_v2.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Module):
    """ConvNorm

    mobilenet_v2.dl:6
    """

    def __init__(
        self, C: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            C,
            out,
            kernel_size=kernel,
            stride=stride,
            padding=kernel // 2,
            groups=groups,
            bias=False,
        )
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        return self.norm1(x)


class Inverted(nn.Module):
    """Inverted

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(32, out=32, kernel=3, stride=1, groups=32)
        self.conv_norm2 = ConvNorm(32, out=16)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu6(self.conv_norm1(x))  # (N, 32, (H + 1) // 2, (W + 1) // 2)
        return self.conv_norm2(x)  # (N, 16, (H + 1) // 2, (W + 1) // 2)


class Inverted2(nn.Module):
    """Inverted2

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(16, out=96)
        self.conv_norm2 = ConvNorm(96, out=96, kernel=3, stride=2, groups=96)
        self.conv_norm3 = ConvNorm(96, out=24)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 96, (H + 1) // 2, (W + 1) // 2)
        x = F.relu6(self.conv_norm2(wide))  # (N, 96, (H + 3) // 4, (W + 3) // 4)
        return self.conv_norm3(x)  # (N, 24, (H + 3) // 4, (W + 3) // 4)


class Inverted2_(nn.Module):
    """Inverted2_

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(24, out=144)
        self.conv_norm2 = ConvNorm(144, out=144, kernel=3, stride=1, groups=144)
        self.conv_norm3 = ConvNorm(144, out=24)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 144, (H + 3) // 4, (W + 3) // 4)
        h = F.relu6(self.conv_norm2(wide))  # (N, 144, (H + 3) // 4, (W + 3) // 4)
        h = self.conv_norm3(h)  # (N, 24, (H + 3) // 4, (W + 3) // 4)
        return x + h  # (N, 24, (H + 3) // 4, (W + 3) // 4)


class Inverted2__(nn.Module):
    """Inverted2__

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(24, out=144)
        self.conv_norm2 = ConvNorm(144, out=144, kernel=3, stride=2, groups=144)
        self.conv_norm3 = ConvNorm(144, out=32)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 144, (H + 3) // 4, (W + 3) // 4)
        x = F.relu6(self.conv_norm2(wide))  # (N, 144, (H + 7) // 8, (W + 7) // 8)
        return self.conv_norm3(x)  # (N, 32, (H + 7) // 8, (W + 7) // 8)


class Inverted2___(nn.Module):
    """Inverted2___

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(32, out=192)
        self.conv_norm2 = ConvNorm(192, out=192, kernel=3, stride=1, groups=192)
        self.conv_norm3 = ConvNorm(192, out=32)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 192, (H + 7) // 8, (W + 7) // 8)
        h = F.relu6(self.conv_norm2(wide))  # (N, 192, (H + 7) // 8, (W + 7) // 8)
        h = self.conv_norm3(h)  # (N, 32, (H + 7) // 8, (W + 7) // 8)
        return x + h  # (N, 32, (H + 7) // 8, (W + 7) // 8)


class Inverted2____(nn.Module):
    """Inverted2____

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(32, out=192)
        self.conv_norm2 = ConvNorm(192, out=192, kernel=3, stride=2, groups=192)
        self.conv_norm3 = ConvNorm(192, out=64)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 192, (H + 7) // 8, (W + 7) // 8)
        x = F.relu6(self.conv_norm2(wide))  # (N, 192, (H + 15) // 16, (W + 15) // 16)
        return self.conv_norm3(x)  # (N, 64, (H + 15) // 16, (W + 15) // 16)


class Inverted2_____(nn.Module):
    """Inverted2_____

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(64, out=384)
        self.conv_norm2 = ConvNorm(384, out=384, kernel=3, stride=1, groups=384)
        self.conv_norm3 = ConvNorm(384, out=64)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 384, (H + 15) // 16, (W + 15) // 16)
        h = F.relu6(self.conv_norm2(wide))  # (N, 384, (H + 15) // 16, (W + 15) // 16)
        h = self.conv_norm3(h)  # (N, 64, (H + 15) // 16, (W + 15) // 16)
        return x + h  # (N, 64, (H + 15) // 16, (W + 15) // 16)


class Inverted2______(nn.Module):
    """Inverted2______

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(64, out=384)
        self.conv_norm2 = ConvNorm(384, out=384, kernel=3, stride=1, groups=384)
        self.conv_norm3 = ConvNorm(384, out=96)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 384, (H + 15) // 16, (W + 15) // 16)
        x = F.relu6(self.conv_norm2(wide))  # (N, 384, (H + 15) // 16, (W + 15) // 16)
        return self.conv_norm3(x)  # (N, 96, (H + 15) // 16, (W + 15) // 16)


class Inverted2_______(nn.Module):
    """Inverted2_______

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(96, out=576)
        self.conv_norm2 = ConvNorm(576, out=576, kernel=3, stride=1, groups=576)
        self.conv_norm3 = ConvNorm(576, out=96)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 576, (H + 15) // 16, (W + 15) // 16)
        h = F.relu6(self.conv_norm2(wide))  # (N, 576, (H + 15) // 16, (W + 15) // 16)
        h = self.conv_norm3(h)  # (N, 96, (H + 15) // 16, (W + 15) // 16)
        return x + h  # (N, 96, (H + 15) // 16, (W + 15) // 16)


class Inverted2________(nn.Module):
    """Inverted2________

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(96, out=576)
        self.conv_norm2 = ConvNorm(576, out=576, kernel=3, stride=2, groups=576)
        self.conv_norm3 = ConvNorm(576, out=160)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 576, (H + 15) // 16, (W + 15) // 16)
        x = F.relu6(self.conv_norm2(wide))  # (N, 576, (H + 31) // 32, (W + 31) // 32)
        return self.conv_norm3(x)  # (N, 160, (H + 31) // 32, (W + 31) // 32)


class Inverted2_________(nn.Module):
    """Inverted2_________

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(160, out=960)
        self.conv_norm2 = ConvNorm(960, out=960, kernel=3, stride=1, groups=960)
        self.conv_norm3 = ConvNorm(960, out=160)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 960, (H + 31) // 32, (W + 31) // 32)
        h = F.relu6(self.conv_norm2(wide))  # (N, 960, (H + 31) // 32, (W + 31) // 32)
        h = self.conv_norm3(h)  # (N, 160, (H + 31) // 32, (W + 31) // 32)
        return x + h  # (N, 160, (H + 31) // 32, (W + 31) // 32)


class Inverted2__________(nn.Module):
    """Inverted2__________

    mobilenet_v2.dl:9
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(160, out=960)
        self.conv_norm2 = ConvNorm(960, out=960, kernel=3, stride=1, groups=960)
        self.conv_norm3 = ConvNorm(960, out=320)

    def forward(self, x: Tensor) -> Tensor:
        wide = F.relu6(self.conv_norm1(x))  # (N, 960, (H + 31) // 32, (W + 31) // 32)
        x = F.relu6(self.conv_norm2(wide))  # (N, 960, (H + 31) // 32, (W + 31) // 32)
        return self.conv_norm3(x)  # (N, 320, (H + 31) // 32, (W + 31) // 32)


class MobileNetV2(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, 1000]

    mobilenet_v2.dl:16
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(3, out=32, kernel=3, stride=2)
        self.inverted1 = Inverted()
        self.inverted2 = Inverted2()
        self.inverted3 = Inverted2_()
        self.inverted4 = Inverted2__()
        self.inverted5 = Inverted2___()
        self.inverted6 = Inverted2___()
        self.inverted7 = Inverted2____()
        self.inverted8 = Inverted2_____()
        self.inverted9 = Inverted2_____()
        self.inverted10 = Inverted2_____()
        self.inverted11 = Inverted2______()
        self.inverted12 = Inverted2_______()
        self.inverted13 = Inverted2_______()
        self.inverted14 = Inverted2________()
        self.inverted15 = Inverted2_________()
        self.inverted16 = Inverted2_________()
        self.inverted17 = Inverted2__________()
        self.conv_norm2 = ConvNorm(320, out=1280)
        self.dropout1 = nn.Dropout(0.2)
        self.linear1 = nn.Linear(1280, 1000)

    def forward(self, image: Tensor) -> Tensor:
        h = F.relu6(self.conv_norm1(image))  # (N, 32, (H + 1) // 2, (W + 1) // 2)
        h = self.inverted1(h)  # (N, 16, (H + 1) // 2, (W + 1) // 2)
        x = self.inverted2(h)  # (N, 24, (H + 3) // 4, (W + 3) // 4)
        h = self.inverted3(x)  # (N, 24, (H + 3) // 4, (W + 3) // 4)
        x = self.inverted4(h)  # (N, 32, (H + 7) // 8, (W + 7) // 8)
        x = self.inverted5(x)  # (N, 32, (H + 7) // 8, (W + 7) // 8)
        h = self.inverted6(x)  # (N, 32, (H + 7) // 8, (W + 7) // 8)
        x = self.inverted7(h)  # (N, 64, (H + 15) // 16, (W + 15) // 16)
        x = self.inverted8(x)  # (N, 64, (H + 15) // 16, (W + 15) // 16)
        x = self.inverted9(x)  # (N, 64, (H + 15) // 16, (W + 15) // 16)
        h = self.inverted10(x)  # (N, 64, (H + 15) // 16, (W + 15) // 16)
        x = self.inverted11(h)  # (N, 96, (H + 15) // 16, (W + 15) // 16)
        x = self.inverted12(x)  # (N, 96, (H + 15) // 16, (W + 15) // 16)
        h = self.inverted13(x)  # (N, 96, (H + 15) // 16, (W + 15) // 16)
        x = self.inverted14(h)  # (N, 160, (H + 31) // 32, (W + 31) // 32)
        x = self.inverted15(x)  # (N, 160, (H + 31) // 32, (W + 31) // 32)
        h = self.inverted16(x)  # (N, 160, (H + 31) // 32, (W + 31) // 32)
        h = self.inverted17(h)  # (N, 320, (H + 31) // 32, (W + 31) // 32)
        x = F.relu6(self.conv_norm2(h))  # (N, 1280, (H + 31) // 32, (W + 31) // 32)
        x = F.adaptive_avg_pool2d(x, 1)  # (N, 1280, 1, 1)
        x = torch.flatten(x, 1)  # (N, 1280)
        x = self.dropout1(x)  # (N, 1280)
        return self.linear1(x)  # (N, 1000)
