"""LeNet-5: LeCun, Bottou, Bengio and Haffner, 1998, as it is taught."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LeNet5(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.linear1 = nn.Linear(16 * 5 * 5, 120)
        self.linear2 = nn.Linear(120, 84)
        self.head = nn.Linear(84, classes)

    def forward(self, image: Tensor) -> Tensor:
        x = torch.tanh(self.conv1(image))
        x = F.avg_pool2d(x, 2)
        x = torch.tanh(self.conv2(x))
        x = F.avg_pool2d(x, 2)
        x = torch.flatten(x, 1)
        x = torch.tanh(self.linear1(x))
        x = torch.tanh(self.linear2(x))
        return self.head(x)
