"""Pages of D0260 and D0261: maps of features."""

from __future__ import annotations

from .page import linear, page

PAGES = (
    page(
        "D0260",
        "A convolution in torch's order",
        """The channels that come in are read off what flows in, so the first number of `Conv2d` is
        how many come out. Here it is as many as come in, and the number behind it would be a
        very large window: in PyTorch this line means something else.""",
        linear(
            "x -> Conv2d(3, 64, 7) -> relu -> AdaptiveAvgPool2d(1) -> flatten(1) -> Linear(10)",
            ("f32[N, 3, 224, 224]", "f32[N, 10]"),
        ),
        ("Conv2d(3, 64, 7)", "Conv2d(64, 7)"),
    ),
    page(
        "D0261",
        "The channels are averaged away",
        """A map of features is `[N, C, H, W]`: the channels stand on axis 1, the places behind it.
        A mean over axes 1 and 2 leaves the width, whose places a `Linear` then takes for features.
        The mean over all places of each channel is `mean([2, 3])`.""",
        linear(
            "x -> Conv2d(16, 3) -> relu -> mean([1, 2]) -> Linear(10)",
            ("f32[N, 3, 32, 32]", "f32[N, 10]"),
        ),
        ("mean([1, 2])", "mean([2, 3])"),
    ),
)
