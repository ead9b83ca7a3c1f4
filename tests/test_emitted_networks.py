"""Emitted modules are what their specs say: outputs and gradients equal torch's own."""

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from networks import emitted, same
from torch import Tensor, nn

CNN = """
model Net {
  input image: f32[N, 1, 12, 12]
  output logits: f32[N, 10]
  logits = image
    -> Conv2d(8, 3, padding=1) -> BatchNorm2d() -> relu -> MaxPool2d(3, stride=2, padding=1)
    -> Conv2d(6, 3, stride=2, bias=False) -> ReLU() -> MaxPool2d(2)
    -> flatten(1) -> Linear(10)
}
"""
WORDS = """
model Net {
  input words: token(50)[N, 7]
  output score: f32[N]
  h = words -> Embedding(8) -> mean(1)
  gate = h -> Linear(8) -> sigmoid
  score = (h * gate + h / 2 -> Linear(1) -> reshape(N))
}
"""
BLOCKS = """
block Conv(out: int, kernel: int, stride: int = 1) =
  Conv2d(out, kernel, stride=stride, padding=kernel // 2, bias=False) -> BatchNorm2d

block Residual(out: int) {
  input x: f32[N, C, H, W]
  main = x -> Conv(out, 3) -> relu -> Conv(out, 3)
  output y = relu(main + (x -> Conv(out, 1)))
}

block Scale(by: float = 2.0) {
  input x: f32[N, D]
  output y = x * by - x
}

model Net(width: int = 4, p: float = 0.0) {
  input image: f32[N, 3, H, W]
  output y: f32[N, width]
  h = image -> Residual(width) -> Residual(2 * width)
  h = h -> AdaptiveAvgPool2d(1) -> flatten(1) -> Scale(3.0) -> Dropout(p)
  y = h -> Linear(width)
}
"""


@pytest.mark.parametrize("training", [True, False])
def test_moving_relu_behind_the_pool_changes_nothing(tmp_path: Path, training: bool) -> None:
    torch.manual_seed(0)
    net = emitted(CNN, tmp_path).Net().train(training)

    def reference(image: Tensor) -> Tensor:
        # The statistics of the first pass must not show in the second.
        norm = net.norm1
        x = F.batch_norm(
            net.conv1(image),
            norm.running_mean if not training else None,
            norm.running_var if not training else None,
            norm.weight,
            norm.bias,
            training=training,
        )
        x = F.max_pool2d(F.relu(x), 3, stride=2, padding=1)
        x = F.max_pool2d(F.relu(net.conv2(x)), 2)
        return net.linear1(torch.flatten(x, 1))

    same(net, reference, torch.randn(5, 1, 12, 12))


def test_running_statistics_are_torchs(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(CNN, tmp_path).Net()
    norm = nn.BatchNorm2d(8)
    image = torch.randn(5, 1, 12, 12)
    net(image)
    norm(net.conv1(image))
    torch.testing.assert_close(net.norm1.running_mean, norm.running_mean)
    torch.testing.assert_close(net.norm1.running_var, norm.running_var)


def test_embeddings_arithmetic_and_reductions_are_torchs(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(WORDS, tmp_path).Net()

    def reference(words: Tensor) -> Tensor:
        h = net.embedding1(words).mean(1)
        gate = torch.sigmoid(net.linear1(h))
        return net.linear2(h * gate + h / 2).reshape(-1)

    same(net, reference, torch.randint(0, 50, (6, 7)))


@pytest.mark.parametrize("width", [4, 7])
def test_blocks_are_right_for_other_hyperparameters_too(tmp_path: Path, width: int) -> None:
    torch.manual_seed(0)
    net = emitted(BLOCKS, tmp_path).Net(width=width).eval()

    def block(each: Any, x: Tensor) -> Tensor:
        main = each.conv2(F.relu(each.conv1(x)))
        return F.relu(main + each.conv3(x))

    def reference(image: Tensor) -> Tensor:
        h = block(net.residual2, block(net.residual1, image))
        h = torch.flatten(F.adaptive_avg_pool2d(h, 1), 1)
        return net.linear1(h * 3 - h)

    assert net.linear1.in_features == 2 * width
    same(net, reference, torch.randn(2, 3, 9, 11))


def test_one_block_is_one_class_and_a_block_without_weights_a_function(tmp_path: Path) -> None:
    model = emitted(BLOCKS, tmp_path)
    classes = {name for name, each in vars(model).items() if isinstance(each, type)}
    assert classes - {"Tensor"} == {"Net", "Residual", "Conv"}
    assert not isinstance(model.scale, type)


def test_dropout_drops_in_training_alone(tmp_path: Path) -> None:
    net = emitted(BLOCKS, tmp_path).Net(p=0.5)
    image = torch.randn(4, 3, 8, 8)
    net.train()
    assert not torch.equal(net(image), net(image))
    net.eval()
    assert torch.equal(net(image), net(image))


def test_an_argument_behind_one_left_out_keeps_its_meaning(tmp_path: Path) -> None:
    text = """
    model Net {
      input x: f32[2, 3, 4]
      output y: f32[6, 4] = x -> flatten(end_dim=1)
      output z: f32[2, 3, 4] = x -> clamp(max=0.5)
    }
    """
    net = emitted(text, tmp_path).Net()
    same(net, lambda x: (x.flatten(0, 1), x.clamp(max=0.5)), torch.randn(2, 3, 4))


def test_numbers_of_the_compiler_and_converted_tensors_are_torchs(tmp_path: Path) -> None:
    text = """
    model Net {
      input words: token(9)[N, T]
      layer rows = Embedding(4, init=ones_)
      mask = (words > 2) -> to(f32)
      masked = (words -> rows) * mask[:, :, None]
      output y: f32[N, T, 4] = masked / sqrt(16) + exp(0) - abs(-2) * log(1)
      sums = words -> rows -> sum(-1) -> sum(-1)
      output z: f32[N] = ((words * 2) -> to(f64) -> to(f32) -> mean(1)) + sums
    }
    """
    net = emitted(text, tmp_path).Net()
    assert net.rows.weight.unique().tolist() == [1]

    def reference(words: Tensor) -> tuple[Tensor, Tensor]:
        rows = net.rows(words)
        y = rows * (words > 2).float()[:, :, None] / 4 + 1
        return y, words.float().mean(1) * 2 + rows.sum((1, 2))

    same(net, reference, torch.randint(0, 9, (5, 6)))


def test_a_generator_of_transposed_convolutions_is_torchs(tmp_path: Path) -> None:
    text = """
    model Net {
      input z: f32[N, 10]
      output image: f32[N, 1, 28, 28] = z -> Linear(8 * 7 * 7) -> reshape(N, 8, 7, 7)
        -> ConvTranspose2d(4, 4, stride=2, padding=1) -> LeakyReLU(0.2)
        -> ConvTranspose2d(1, 3, 2, 1, output_padding=1) -> tanh
    }
    """
    torch.manual_seed(0)
    net = emitted(text, tmp_path).Net()

    def reference(z: Tensor) -> Tensor:
        x = net.linear1(z).reshape(-1, 8, 7, 7)
        x = F.conv_transpose2d(x, net.conv1.weight, net.conv1.bias, stride=2, padding=1)
        x = F.leaky_relu(x, 0.2)
        x = F.conv_transpose2d(x, net.conv2.weight, net.conv2.bias, 2, 1, output_padding=1)
        return torch.tanh(x)

    same(net, reference, torch.randn(3, 10))


SCALED = """
model Net {
  input x: f32[N, 5, 5]
  weight scale: f32[5] = 2.0
  output y: f32[N, 5, 5] = scale * (x -> Linear(5)) -> permute(0, 2, 1)
}
"""


def test_a_view_behind_a_product_is_a_view_of_the_whole_product(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(SCALED, tmp_path).Net()
    weight, bias = (each for name, each in net.named_parameters() if name != "scale")
    with torch.no_grad():
        net.scale.copy_(torch.arange(5.0))
        x = torch.randn(2, 5, 5)
        expected = (torch.arange(5.0) * F.linear(x, weight, bias)).permute(0, 2, 1)
        torch.testing.assert_close(net(x), expected)
