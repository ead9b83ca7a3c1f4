"""Pages of D0260 to D0265: maps of features, stacks of layers."""

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
    page(
        "D0262",
        "Each turn replaces the one before",
        """A loop is to build a stack, and what it binds never flows into its next turn: all turns
        start from the same value, and only the last result is used. The layers of the other
        turns have weights that are never trained.""",
        """model Net {
  input x: f32[N, 16]
  h = x
  for i in range(3) {
    h = x -> Linear(16) -> relu
  }
  output y: f32[N, 10] = h -> Linear(10)
}
""",
        ("h = x -> Linear", "h = h -> Linear"),
    ),
    page(
        "D0263",
        "A list that nothing is taken from",
        """Values are appended to a list, and nowhere is the list read: skip connections that the
        decoder forgets. It works, and learns less.""",
        """model Net {
  input x: f32[N, 16]
  skips = []
  h = x -> Linear(8) -> relu
  skips.append(h)
  output y: f32[N, 10] = h -> Linear(8) -> relu -> Linear(10)
}
""",
        (
            "= h -> Linear(8) -> relu -> Linear",
            "= cat([h -> Linear(8) -> relu, skips.pop()], 1) -> Linear",
        ),
    ),
    page(
        "D0264",
        "A pool that makes a map larger",
        """An adaptive pool gives the size that it is asked for, also where the map that comes is
        smaller; then it copies places. Nothing is learned from the copies, and the layers behind
        have as many more weights.""",
        linear(
            "x -> Conv2d(16, 3, stride=16) -> AdaptiveAvgPool2d(7) -> flatten(1) -> Linear(10)",
            ("f32[N, 3, 32, 32]", "f32[N, 10]"),
        ),
        ("AdaptiveAvgPool2d(7)", "AdaptiveAvgPool2d(2)"),
    ),
    page(
        "D0265",
        "The pictures of a film before its channels",
        """Layers of three axes take records, channels, frames, height, width. Here axis 2 has 3
        entries, as colours have, and axis 1 would be taken for the channels.""",
        linear(
            "x -> Conv3d(16, 3, padding=1) -> relu -> mean([2, 3, 4]) -> Linear(10)",
            ("f32[N, 8, 3, 32, 32]", "f32[N, 10]"),
        ),
        ("x -> Conv3d", "x -> permute(0, 2, 1, 3, 4) -> Conv3d"),
    ),
)
