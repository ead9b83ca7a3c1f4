"""MobileNetV2: Sandler, Howard, Zhu, Zhmoginov and Chen, 2018."""

from torch import Tensor, nn

# How often a block widens, its channels, how many there are, the stride of the first.
STAGES = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]


def eights(size: float) -> int:
    """The multiple of 8 that is nearest, but never less than nine tenths."""
    nearest = max(8, int(size + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * size else nearest


class ConvNorm(nn.Sequential):
    def __init__(
        self, channels: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        padding = kernel // 2
        super().__init__(
            nn.Conv2d(
                channels, out, kernel, stride, padding, groups=groups, bias=False
            ),
            nn.BatchNorm2d(out),
        )


class Inverted(nn.Module):
    def __init__(self, channels: int, out: int, expand: int, stride: int) -> None:
        super().__init__()
        wide = expand * channels
        layers: list[nn.Module] = []
        if expand > 1:
            layers += [ConvNorm(channels, wide), nn.ReLU6()]
        layers += [ConvNorm(wide, wide, 3, stride, groups=wide), nn.ReLU6()]
        self.layers = nn.Sequential(*layers, ConvNorm(wide, out))
        self.is_residual = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x) if self.is_residual else self.layers(x)


class MobileNetV2(nn.Module):
    def __init__(self, width: float = 1.0, classes: int = 1000) -> None:
        super().__init__()
        channels = eights(32 * width)
        layers: list[nn.Module] = [ConvNorm(3, channels, 3, stride=2), nn.ReLU6()]
        for expand, out, depth, stride in STAGES:
            out = eights(out * width)
            for i in range(depth):
                layers.append(Inverted(channels, out, expand, stride if i == 0 else 1))
                channels = out
        last = eights(1280 * max(1.0, width))
        self.features = nn.Sequential(*layers, ConvNorm(channels, last), nn.ReLU6())
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(last, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.features(image).mean((2, 3)))
