"""Names that an author gives to numbers: a constructor, and `forward`, use them where it helps."""

from __future__ import annotations

from pathlib import Path

import torch
from networks import code_of, emitted

INVERTED = """
block Inverted(out: int, expand: int, stride: int) {
  input x: f32[N, C, H, W]
  wide = expand * C
  residual = stride == 1 and C == out
  h = x -> Conv2d(wide, 1) -> Conv2d(wide, 3, stride, 1, groups=wide) -> Conv2d(out, 1)
  output y = if residual { x + h } else { h }
}

model Net(out: int = 4) {
  input x: f32[N, 4, H, W]
  output y = x -> Inverted(out, 2, 1) -> Inverted(out + 1, 3, 2) -> mean([2, 3])
}
"""


def test_what_a_branch_of_forward_needs_is_decided_in_the_constructor(tmp_path: Path) -> None:
    code = code_of(INVERTED)
    assert "self.residual = stride == 1 and C == out" in code
    assert "return x + h if self.residual else h" in code
    assert "self.stride" not in code and "C = x.shape" not in code
    module = emitted(INVERTED, tmp_path)
    x = torch.randn(2, 4, 6, 6)
    block = module.Inverted(4, 4, 2, 1)
    torch.testing.assert_close(block(x), x + block.conv3(block.conv2(block.conv1(x))))
    other = module.Inverted(4, 3, 2, 1)
    torch.testing.assert_close(other(x), other.conv3(other.conv2(other.conv1(x))))


def test_a_size_with_a_name_that_stands_twice_goes_by_it() -> None:
    code = code_of(INVERTED)
    assert "wide = C * expand" in code
    assert "self.conv1 = nn.Conv2d(C, wide, kernel_size=1)" in code
    assert "groups=wide" in code


def test_a_size_with_a_name_that_stands_once_is_written_out() -> None:
    once = """
model Net(width: int = 4) {
  input x: f32[N, 4]
  wide = 2 * width + 1
  output y: f32[N, wide] = x -> Linear(wide)
}
"""
    assert "nn.Linear(4, 2 * width + 1)" in code_of(once) and "wide = " not in code_of(once)


LOOP = """
model Net(width: int = 4, depth: int = 3) {
  input x: f32[N, 4]
  h = x
  for i in range(depth) {
    wide = width * 2 ** i
    h = h -> Linear(wide) -> LayerNorm -> relu -> Linear(wide + 1)
  }
  output y: f32[N, 2] = h -> Linear(2)
}
"""


def test_a_name_of_a_turn_is_one_of_the_constructor_s_turn(tmp_path: Path) -> None:
    assert "wide = 2**i * width" in code_of(LOOP)
    net = emitted(LOOP, tmp_path).Net(width=3, depth=4)
    assert net.linear1.in_features == 3 * 2**3 + 1
    assert net(torch.randn(2, 4)).shape == (2, 2)


WAVES = """
block Waves(half: int) {
  input x: f32[N, D]
  bands = half // 2
  output y = sin(x) * bands + cos(x) * (bands - 1) -> Linear(bands)
}

model Net(size: int = 8) {
  input x: f32[N, 4]
  output y = x -> Waves(size) -> Waves(size + 2)
}
"""


def test_a_size_that_forward_names_twice_is_kept_by_the_constructor(tmp_path: Path) -> None:
    code = code_of(WAVES)
    assert "self.bands = half // 2" in code
    assert "torch.sin(x) * self.bands + torch.cos(x) * (self.bands - 1)" in code
    block = emitted(WAVES, tmp_path).Waves(3, 10)
    x = torch.randn(2, 3)
    torch.testing.assert_close(block(x), block.linear1(x.sin() * 5 + x.cos() * 4))


SAME = """
block Other(k: int) {
  input x: f32[N, D]
  h = k ** 0.5
  n = k // 2
  z = x * h + n
  h = z * h + n
  n = h + n
  output y = n -> Linear(4)
}

model Net(k: int = 3) {
  input x: f32[N, 5]
  output y = x -> Other(k) -> Other(k + 1)
}
"""


def test_a_tensor_may_have_the_name_of_a_number_before_it(tmp_path: Path) -> None:
    block = emitted(SAME, tmp_path).Other(5, 9)
    x = torch.randn(2, 5)
    h = (x * 3 + 4) * 3 + 4
    torch.testing.assert_close(block(x), block.linear1(h + 4))


METHODS = """
model Net(half: int = 8) {
  input x: f32[N, 4]
  float = half // 2
  output y = x * float + float
}
"""


def test_a_name_that_modules_have_already_is_another_attribute(tmp_path: Path) -> None:
    net = emitted(METHODS, tmp_path).Net(half=6)
    x = torch.randn(2, 4)
    torch.testing.assert_close(net(x), x * 3 + 3)
    assert callable(net.half) and callable(net.float)


ARGUMENTS = """
block Part(out: int, kind: str, scale: float, sharp: bool = False) {
  input x: f32[N, D]
  h = x * scale -> Linear(out)
  output y = if kind == "a" and sharp { h -> relu } else { h }
}

model Net(width: int = 4, scale: float = 0.5) {
  input x: f32[N, 4]
  h = x -> Part(2 * width, "a", scale, width > 3) -> Part(3, "b", 1.0)
  output y = h -> Part(width, "a", scale=1 / width)
}
"""


def test_what_is_computed_goes_in_order_and_what_is_written_out_by_name() -> None:
    code = code_of(ARGUMENTS)
    assert 'Part(4, 2 * width, kind="a", scale=scale, sharp=width > 3)' in code
    assert 'Part(2 * width, out=3, kind="b", scale=1.0)' in code
    assert 'Part(3, width, kind="a", scale=1 / width)' in code


SHARED = """
block Half {
  input x: f32[N, D]
  a, b = chunk(x, 2, 1)
  output y: f32[N, D] = cat([a + b, a - b], 1)
}

block Two(heads: int, groups: int) {
  input x: f32[N, D]
  layer half = Half
  size = D // heads
  q = x -> Linear(2 * heads * size) -> half
  k = x -> Linear(2 * groups * size) -> half
  output y = cat([q, k], 1) -> Linear(D)
}

model Net(width: int = 8, heads: int = 4, groups: int = 2) {
  input x: f32[N, width]
  output y: f32[N, width] = x -> Two(heads, groups) -> Two(groups, heads)
}
"""


def test_a_shared_block_without_weights_takes_any_size(tmp_path: Path) -> None:
    module = emitted(SHARED, tmp_path)
    net = module.Net(width=12, heads=3, groups=6)
    x = torch.randn(2, 12)

    def half(x: torch.Tensor) -> torch.Tensor:
        a, b = x.chunk(2, 1)
        return torch.cat([a + b, a - b], 1)

    y = x
    for two in (net.two1, net.two2):
        y = two.linear3(torch.cat([half(two.linear1(y)), half(two.linear2(y))], 1))
    torch.testing.assert_close(net(x), y)


BRACKETS = """
model Net(width: int = 8, heads: int = 4) {
  input x: f32[N, 8]
  size = width // heads
  h = x -> Linear(3 * size) -> relu -> Linear(size) -> Linear(2 * size + 1)
  output y = h
}
"""


def test_a_name_needs_no_brackets_where_what_it_stands_for_did() -> None:
    code = code_of(BRACKETS)
    assert "size = width // heads" in code and "nn.Linear(8, 3 * size)" in code
    assert "(size)" not in code
