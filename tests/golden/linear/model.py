"""The network of linear.dl."""

from torch import Tensor, nn


class Line(nn.Module):
    """x f32[N, 1] -> y_hat f32[N, 1]

    linear.dl:13
    """

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear1(x)  # (N, 1)  linear.dl:15
