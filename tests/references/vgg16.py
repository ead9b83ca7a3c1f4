"""VGG-16: Simonyan and Zisserman, 2014."""

from collections.abc import Sequence

from torch import Tensor, nn


class VGG(nn.Module):
    def __init__(
        self,
        depths: Sequence[int] = (2, 2, 3, 3, 3),
        classes: int = 1000,
        hidden: int = 4096,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for i, depth in enumerate(depths):
            width = min(64 * 2**i, 512)
            for _ in range(depth):
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(7))
        self.classifier = nn.Sequential(
            nn.Linear(channels * 7 * 7, hidden),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(hidden, classes),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)

    def forward(self, image: Tensor) -> Tensor:
        return self.classifier(self.features(image).flatten(1))
