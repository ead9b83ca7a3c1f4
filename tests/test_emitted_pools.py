"""Emitted convolutions with given weights, pools with indices and windows, beside torch's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from networks import codes, emitted, same
from torch import Tensor, nn

UNPOOLED = """
model Net {
  input image: f32[N, 3, H, W]
  pooled, places = image -> Conv2d(4, 3, padding=1) -> tanh -> MaxPool2d(2, return_indices=True)
  output whole: f32[N, 4, H, W] = MaxUnpool2d(2)(pooled, places, output_size=[H, W])
  output again: f32[N, 4, H, W] = max_unpool2d(pooled, places, 2, output_size=image.shape)
}
"""
GIVEN = """
model Net {
  input image: f32[N, 4, 9, 12]
  weight edges: f32[6, 2, 3, 3] = normal_(std=0.1)
  weight shift: f32[6] = normal_()
  weight grow: f32[4, 2, 2, 2] = normal_()
  output edge: f32[N, 6, 5, 6] = conv2d(image, edges, shift, 2, padding=1, groups=2)
  output large: f32[N, 2, 18, 24] = image -> conv_transpose2d(grow, stride=2)
}
"""
SIZED = """
model Net {
  input image: f32[N, 3, H, W]
  h = image -> Conv2d(4, 3, stride=2, padding=1)
  output y: f32[N, 5, H, W] = ConvTranspose2d(5, 3, stride=2, padding=1)(h, output_size=image.shape)
}
"""
WINDOWS = """
model Net {
  input image: f32[N, 3, 9, 12]
  columns = image -> Unfold(3, padding=1) -> transpose(1, 2) -> Linear(27) -> transpose(1, 2)
  output back: f32[N, 3, 9, 12] = columns -> Fold([9, 12], 3, padding=1)
  output means: f32[N, 27, 1] = columns -> avg_pool1d(108)
  output norms: f32[N, 3, 4, 5] = image -> abs -> LPPool2d(2, 3, stride=2)
}
"""
VOLUME = """
model Net {
  input scan: f32[N, 2, 8, 9, 10]
  h = scan -> Conv3d(4, 3, padding=1) -> gelu -> AvgPool3d(2) -> ConvTranspose3d(3, 2, stride=2)
  output y: f32[N, 3] = h -> AdaptiveMaxPool3d(1) -> flatten(1)
}
"""
RANDOM = """
model Net {
  input image: f32[N, 2, 8, 8]
  output half = image -> FractionalMaxPool2d(2, output_ratio=0.5)
  output few = image -> fractional_max_pool2d(2, output_size=3)
}
"""


@pytest.mark.parametrize("sizes", [(8, 8), (9, 11), (2, 3)])
def test_unpooled_maxima_are_back_in_a_map_of_any_size(
    tmp_path: Path, sizes: tuple[int, int]
) -> None:
    net: Any = emitted(UNPOOLED, tmp_path).Net()

    def reference(image: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.tanh(net.conv1(image))
        pooled, places = nn.MaxPool2d(2, return_indices=True)(h)
        whole = nn.MaxUnpool2d(2)(pooled, places, output_size=list(sizes))
        return whole, whole

    same(net, reference, torch.randn(2, 3, *sizes))


def test_weights_of_one_s_own_slide_as_in_torch(tmp_path: Path) -> None:
    net: Any = emitted(GIVEN, tmp_path).Net()

    def reference(image: Tensor) -> tuple[Tensor, Tensor]:
        edge = F.conv2d(image, net.edges, net.shift, stride=2, padding=1, groups=2)
        return edge, F.conv_transpose2d(image, net.grow, stride=2)

    same(net, reference, torch.randn(2, 4, 9, 12))


@pytest.mark.parametrize("sizes", [(8, 8), (9, 11), (1, 2)])
def test_a_transposed_convolution_grows_to_the_size_it_is_told(
    tmp_path: Path, sizes: tuple[int, int]
) -> None:
    net: Any = emitted(SIZED, tmp_path).Net()

    def reference(image: Tensor) -> Tensor:
        grown: Tensor = net.conv2(net.conv1(image), output_size=list(sizes))
        return grown

    same(net, reference, torch.randn(2, 3, *sizes))


def test_windows_written_out_and_summed_back_are_torch_s(tmp_path: Path) -> None:
    net: Any = emitted(WINDOWS, tmp_path).Net()

    def reference(image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        columns = net.linear1(F.unfold(image, 3, padding=1).mT).mT
        back = F.fold(columns, (9, 12), 3, padding=1)
        return back, F.avg_pool1d(columns, 108), nn.LPPool2d(2, 3, stride=2)(image.abs())

    same(net, reference, torch.rand(2, 3, 9, 12) + 0.1)


def test_layers_of_volumes_are_torch_s(tmp_path: Path) -> None:
    net: Any = emitted(VOLUME, tmp_path).Net()

    def reference(scan: Tensor) -> Tensor:
        h = net.conv2(F.avg_pool3d(F.gelu(net.conv1(scan)), 2))
        return F.adaptive_max_pool3d(h, 1).flatten(1)

    same(net, reference, torch.randn(2, 2, 8, 9, 10))


def test_windows_at_random_start_where_torch_s_do(tmp_path: Path) -> None:
    net: Any = emitted(RANDOM, tmp_path).Net()
    image = torch.randn(2, 2, 8, 8)
    torch.manual_seed(3)
    half, few = net(image)
    torch.manual_seed(3)
    assert torch.equal(half, nn.FractionalMaxPool2d(2, output_ratio=0.5)(image))
    assert torch.equal(few, F.fractional_max_pool2d(image, 2, output_size=3))


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (UNPOOLED, ("output_size=[H, W]", "output_size=[H, 2 * W + 2]")),
        (GIVEN, ("f32[6, 2, 3, 3]", "f32[6, 4, 3, 3]")),
        (WINDOWS, ("Fold([9, 12], 3, padding=1)", "Fold([9, 12], 3)")),
        (VOLUME, ("AvgPool3d(2)", "AvgPool3d(9)")),
        (RANDOM, ("output_size=3", "output_size=9")),
    ],
)
def test_the_same_networks_with_one_size_wrong_are_refused(
    text: str, changed: tuple[str, str]
) -> None:
    assert changed[0] in text
    assert "D0201" not in codes(text)
    assert "D0201" in codes(text.replace(*changed))
