"""The network of vgg16.dl."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class VGG(nn.Module):
    """image f32[N, 3, H, W] -> logits f32[N, classes]

    vgg16.dl:4
    """

    def __init__(
        self,
        depths: tuple[int, ...] = (2, 2, 3, 3, 3),
        hidden: int = 4096,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.convs = nn.ModuleList()
        channels = 3
        for i, width in enumerate((64, 128, 256, 512, 512)):
            convs = nn.ModuleList()
            for _ in range(depths[i]):
                convs.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
                channels = width
            self.convs.append(convs)
        self.linear1 = nn.Linear(49 * channels, hidden)
        self.dropout1 = nn.Dropout()
        self.linear2 = nn.Linear(hidden, hidden)
        self.dropout2 = nn.Dropout()
        self.linear3 = nn.Linear(hidden, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        nn.init.normal_(self.linear1.weight, std=0.01)
        nn.init.normal_(self.linear2.weight, std=0.01)
        nn.init.normal_(self.linear3.weight, std=0.01)

    def forward(self, image: Tensor) -> Tensor:
        h = image
        for convs in self.convs:
            for conv in convs.children():
                h = F.relu(conv(h))  # (N, width, h, w)  vgg16.dl:13
            h = F.max_pool2d(h, 2)  # (N, channels, h // 2, w // 2)
        x = F.adaptive_avg_pool2d(h, 7)  # (N, channels, 7, 7)
        x = torch.flatten(x, 1)  # (N, 49*channels)
        x = self.dropout1(F.relu(self.linear1(x)))  # (N, hidden)  vgg16.dl:18
        x = self.dropout2(F.relu(self.linear2(x)))  # (N, hidden)
        return self.linear3(x)  # (N, classes)
