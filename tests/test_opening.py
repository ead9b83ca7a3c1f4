"""How a `forward` begins: what must hold of sizes is asked in one short line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from networks import code_of, emitted


def asked(text: str) -> list[str]:
    """The `if` of each condition, and the line that reads sizes before it."""
    lines = [line.strip() for line in code_of(text).split("\n")]
    return [line for line in lines if line.startswith("if ") or line.endswith(".shape")]


CONVOLVED = """
model Net {
  input image: f32[N, 3, H, W]
  output y: f32[N, 4] = image -> Conv2d(4, 7) -> mean([2, 3])
}
"""
HALVED = """
model Net {
  input image: f32[N, 3, H, W]
  h = image -> MaxPool2d(4)
  output y: f32[N, 3, H, W] = image + (h -> Upsample(scale_factor=4))
}
"""
SUMMED = """
model Net(least: int = 3) {
  input x: f32[N, T]
  input z: f32[N, S]
  output y: f32[N, 1] = x[:, T - 1:] + z[:, S - 1:] + x[:, 4:5] * z[:, 4:5]
}
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (CONVOLVED, ["if min(image.shape[2:]) < 7:"]),
        (HALVED, ["if any(size % 4 != 0 for size in image.shape[2:]):"]),
        # Where a size is needed by name anyway, the condition names it.
        (
            HALVED.replace("image + (h", "image * H + (h"),
            ["_, _, H, W = image.shape", "if H % 4 != 0 or W % 4 != 0:"],
        ),
        # Axes that are not the last ones are read by name.
        (
            CONVOLVED.replace("3, H, W]", "H, W, 3]").replace(
                "image ->", "image -> permute(0, 3, 1, 2) ->"
            ),
            ["_, H, W, _ = image.shape", "if H < 7 or W < 7:"],
        ),
        (
            CONVOLVED.replace("3, H, W]", "3, H, 9]"),
            ["if image.shape[2] < 7:"],
        ),
    ],
)
def test_conditions_on_sizes_that_are_alike_are_one(text: str, lines: list[str]) -> None:
    assert asked(text) == lines


@pytest.mark.parametrize("size", [(7, 7), (6, 9), (9, 6), (3, 3)])
def test_too_small_a_picture_is_refused_as_torch_would(
    size: tuple[int, int], tmp_path: Path
) -> None:
    net = emitted(CONVOLVED, tmp_path).Net()
    image = torch.zeros(2, 3, *size)
    if min(size) >= 7:
        torch.testing.assert_close(net(image), net.conv1(image).mean((2, 3)))
        return
    with pytest.raises(RuntimeError):
        net.conv1(image)
    with pytest.raises(ValueError, match="H >= 7 and W >= 7"):
        net(image)


@pytest.mark.parametrize("size", [(8, 4), (8, 6), (6, 8), (5, 5)])
def test_what_cannot_be_halved_is_refused(size: tuple[int, int], tmp_path: Path) -> None:
    net = emitted(HALVED, tmp_path).Net()
    image = torch.randn(2, 3, *size)
    if not any(each % 4 for each in size):
        pooled = torch.nn.functional.max_pool2d(image, 4)
        expected = image + pooled.repeat_interleave(4, 2).repeat_interleave(4, 3)
        torch.testing.assert_close(net(image), expected)
        return
    with pytest.raises(ValueError, match="H and W must be multiples of 4"):
        net(image)


def test_inputs_of_a_name_that_the_check_uses_do_no_harm(tmp_path: Path) -> None:
    text = CONVOLVED.replace("image", "size").replace("H, W", "min, any")
    net = emitted(text, tmp_path).Net()
    assert net(torch.zeros(2, 3, 7, 8)).shape == (2, 4)
    with pytest.raises(ValueError, match=">= 7"):
        net(torch.zeros(2, 3, 7, 6))
