# -*- coding: utf-8 -*-
"""The network of resnet50.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Module):
    """ConvNorm

    resnet50.dl:4
    """

    def __init__(self, C: int, out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            C, out, kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.norm1 = nn.BatchNorm2d(out)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        return self.norm1(x)


class Bottleneck(nn.Module):
    """Bottleneck

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(64, out=64, kernel=1)
        self.conv_norm2 = ConvNorm(64, out=64, kernel=3, stride=1)
        self.conv_norm3 = ConvNorm(64, out=256, kernel=1)
        self.conv_norm4 = ConvNorm(64, out=256, kernel=1, stride=1)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        main = F.relu(self.conv_norm2(main))  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        main = self.conv_norm3(main)  # (N, 256, (H + 3) // 4, (W + 3) // 4)
        skip = self.conv_norm4(x)  # (N, 256, (H + 3) // 4, (W + 3) // 4)
        return F.relu(main + skip)  # (N, 256, (H + 3) // 4, (W + 3) // 4)


class Bottleneck2(nn.Module):
    """Bottleneck2

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(256, out=64, kernel=1)
        self.conv_norm2 = ConvNorm(64, out=64, kernel=3, stride=1)
        self.conv_norm3 = ConvNorm(64, out=256, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        main = F.relu(self.conv_norm2(main))  # (N, 64, (H + 3) // 4, (W + 3) // 4)
        main = self.conv_norm3(main)  # (N, 256, (H + 3) // 4, (W + 3) // 4)
        return F.relu(main + x)  # (N, 256, (H + 3) // 4, (W + 3) // 4)


class Bottleneck2_(nn.Module):
    """Bottleneck2_

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(256, out=128, kernel=1)
        self.conv_norm2 = ConvNorm(128, out=128, kernel=3, stride=2)
        self.conv_norm3 = ConvNorm(128, out=512, kernel=1)
        self.conv_norm4 = ConvNorm(256, out=512, kernel=1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 128, (H + 3) // 4, (W + 3) // 4)
        main = F.relu(self.conv_norm2(main))  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        main = self.conv_norm3(main)  # (N, 512, (H + 7) // 8, (W + 7) // 8)
        skip = self.conv_norm4(x)  # (N, 512, (H + 7) // 8, (W + 7) // 8)
        return F.relu(main + skip)  # (N, 512, (H + 7) // 8, (W + 7) // 8)


class Bottleneck2__(nn.Module):
    """Bottleneck2__

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(512, out=128, kernel=1)
        self.conv_norm2 = ConvNorm(128, out=128, kernel=3, stride=1)
        self.conv_norm3 = ConvNorm(128, out=512, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        main = F.relu(self.conv_norm2(main))  # (N, 128, (H + 7) // 8, (W + 7) // 8)
        main = self.conv_norm3(main)  # (N, 512, (H + 7) // 8, (W + 7) // 8)
        return F.relu(main + x)  # (N, 512, (H + 7) // 8, (W + 7) // 8)


class Bottleneck2___(nn.Module):
    """Bottleneck2___

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(512, out=256, kernel=1)
        self.conv_norm2 = ConvNorm(256, out=256, kernel=3, stride=2)
        self.conv_norm3 = ConvNorm(256, out=1024, kernel=1)
        self.conv_norm4 = ConvNorm(512, out=1024, kernel=1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 256, (H + 7) // 8, (W + 7) // 8)
        main = F.relu(self.conv_norm2(main))  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        main = self.conv_norm3(main)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        skip = self.conv_norm4(x)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        return F.relu(main + skip)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)


class Bottleneck2____(nn.Module):
    """Bottleneck2____

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(1024, out=256, kernel=1)
        self.conv_norm2 = ConvNorm(256, out=256, kernel=3, stride=1)
        self.conv_norm3 = ConvNorm(256, out=1024, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        main = F.relu(self.conv_norm2(main))  # (N, 256, (H + 15) // 16, (W + 15) // 16)
        main = self.conv_norm3(main)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        return F.relu(main + x)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)


class Bottleneck2_____(nn.Module):
    """Bottleneck2_____

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(1024, out=512, kernel=1)
        self.conv_norm2 = ConvNorm(512, out=512, kernel=3, stride=2)
        self.conv_norm3 = ConvNorm(512, out=2048, kernel=1)
        self.conv_norm4 = ConvNorm(1024, out=2048, kernel=1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 512, (H + 15) // 16, (W + 15) // 16)
        main = F.relu(self.conv_norm2(main))  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        main = self.conv_norm3(main)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)
        skip = self.conv_norm4(x)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)
        return F.relu(main + skip)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)


class Bottleneck2______(nn.Module):
    """Bottleneck2______

    resnet50.dl:7
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(2048, out=512, kernel=1)
        self.conv_norm2 = ConvNorm(512, out=512, kernel=3, stride=1)
        self.conv_norm3 = ConvNorm(512, out=2048, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        main = F.relu(self.conv_norm1(x))  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        main = F.relu(self.conv_norm2(main))  # (N, 512, (H + 31) // 32, (W + 31) // 32)
        main = self.conv_norm3(main)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)
        return F.relu(main + x)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)


class ResNet(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, 1000]

    resnet50.dl:19
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_norm1 = ConvNorm(3, out=64, kernel=7, stride=2)
        self.bottleneck1 = Bottleneck()
        self.bottleneck2 = Bottleneck2()
        self.bottleneck3 = Bottleneck2()
        self.bottleneck4 = Bottleneck2_()
        self.bottleneck5 = Bottleneck2__()
        self.bottleneck6 = Bottleneck2__()
        self.bottleneck7 = Bottleneck2__()
        self.bottleneck8 = Bottleneck2___()
        self.bottleneck9 = Bottleneck2____()
        self.bottleneck10 = Bottleneck2____()
        self.bottleneck11 = Bottleneck2____()
        self.bottleneck12 = Bottleneck2____()
        self.bottleneck13 = Bottleneck2____()
        self.bottleneck14 = Bottleneck2_____()
        self.bottleneck15 = Bottleneck2______()
        self.bottleneck16 = Bottleneck2______()
        self.linear1 = nn.Linear(2048, 1000)

    def forward(self, image: Tensor) -> Tensor:
        x = self.conv_norm1(image)  # (N, 64, (H + 1) // 2, (W + 1) // 2)
        # (N, 64, (H + 3) // 4, (W + 3) // 4)
        h = F.relu(F.max_pool2d(x, 3, stride=2, padding=1))
        x = self.bottleneck1(h)  # (N, 256, (H + 3) // 4, (W + 3) // 4)
        x = self.bottleneck2(x)  # (N, 256, (H + 3) // 4, (W + 3) // 4)
        h = self.bottleneck3(x)  # (N, 256, (H + 3) // 4, (W + 3) // 4)
        x = self.bottleneck4(h)  # (N, 512, (H + 7) // 8, (W + 7) // 8)
        x = self.bottleneck5(x)  # (N, 512, (H + 7) // 8, (W + 7) // 8)
        x = self.bottleneck6(x)  # (N, 512, (H + 7) // 8, (W + 7) // 8)
        h = self.bottleneck7(x)  # (N, 512, (H + 7) // 8, (W + 7) // 8)
        x = self.bottleneck8(h)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        x = self.bottleneck9(x)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        x = self.bottleneck10(x)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        x = self.bottleneck11(x)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        x = self.bottleneck12(x)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        h = self.bottleneck13(x)  # (N, 1024, (H + 15) // 16, (W + 15) // 16)
        x = self.bottleneck14(h)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)
        x = self.bottleneck15(x)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)
        h = self.bottleneck16(x)  # (N, 2048, (H + 31) // 32, (W + 31) // 32)
        x = F.adaptive_avg_pool2d(h, 1)  # (N, 2048, 1, 1)
        x = torch.flatten(x, 1)  # (N, 2048)
        return self.linear1(x)  # (N, 1000)
