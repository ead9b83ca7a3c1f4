"""Which steps of a spec share a line of `forward`, and that sharing one changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from networks import code_of, emitted, same
from torch import Tensor
from torch.nn import functional as F


def net(body: str, inputs: str = "input x: f32[N, 8]", blocks: str = "") -> str:
    return f"{blocks}\nmodel Net {{\n  {inputs}\n{body}\n}}\n"


def forward(text: str) -> list[str]:
    """The statements of the last `forward`, without comments."""
    _, _, body = code_of(text).rpartition("def forward(")
    lines = (line.split("  # ")[0].strip() for line in body.split("\n")[1:])
    return [line for line in lines if line and not line.startswith("#")]


IMAGE = "input x: f32[N, 4, H, W]"


@pytest.mark.parametrize(
    ("body", "written"),
    [
        # Activations, norms and dropout stand around a layer, on both sides.
        ("x -> LayerNorm -> Linear(3) -> gelu", ["return F.gelu(self.linear1(self.norm1(x)))"]),
        # Two layers of torch have two lines.
        ("x -> Linear(5) -> Linear(3)", ["x = self.linear1(x)", "return self.linear2(x)"]),
        # So has what makes another shape; an index, or a view behind a layer, has none.
        (
            "x -> Linear(6) -> unflatten(1, (2, 3)) -> transpose(1, 2) -> softmax(2) -> mean(1)",
            [
                "x = self.linear1(x).unflatten(1, (2, -1)).transpose(1, 2)",
                "return torch.mean(torch.softmax(x, dim=2), dim=1)",
            ],
        ),
        ("x[:, :4] -> Linear(3)", ["return self.linear1(x[:, :4])"]),
        # A sum is around layers, and of two.
        ("x + (x -> Linear(8))", ["return x + self.linear1(x)"]),
        ("(x -> Linear(3)) + (x -> Linear(3))", ["return self.linear1(x) + self.linear2(x)"]),
        # What several functions make flows into one at once.
        ("cat([sin(x), cos(x)], 1)", ["return torch.cat([torch.sin(x), torch.cos(x)], dim=1)"]),
        # Four brackets in brackets are too deep, but for dropout's.
        (
            "x -> LayerNorm -> Linear(3) -> relu -> Dropout(0.5) -> tanh",
            [
                "x = self.dropout1(F.relu(self.linear1(self.norm1(x))))",
                "return torch.tanh(x)",
            ],
        ),
    ],
)
def test_a_line_is_one_layer_with_what_stands_around_it(body: str, written: list[str]) -> None:
    lines = forward(net(f"  output y = {body}"))
    if "unflatten" in body:
        lines = [line.replace("(2, 3)", "(2, -1)") for line in lines]
    assert lines == written


def test_a_record_becomes_one_row_in_a_line_of_its_own() -> None:
    body = "  output y = x -> Conv2d(2, 3, padding=1) -> relu -> AdaptiveAvgPool2d(2) -> flatten(1)"
    assert forward(net(body, IMAGE))[-1] == "return torch.flatten(x, 1)"


def test_what_has_a_name_keeps_its_line() -> None:
    body = "  wide = x -> Linear(5)\n  output y = wide -> relu"
    assert forward(net(body)) == ["wide = self.linear1(x)", "return F.relu(wide)"]


@pytest.mark.parametrize(("letters", "lines"), [(23, 2), (24, 3)])
def test_steps_share_a_line_as_long_as_it_ends_at_column_88(letters: int, lines: int) -> None:
    # "        return " and twice "torch.sin(…)" with " * " between: 89 columns for 24 letters.
    word = "w" * letters
    written = forward(net(f"  {word} = x -> Linear(8)\n  output y = sin({word}) * cos({word})"))
    assert len(written) == lines


BLOCKS = """
block Wide(out: int) = Linear(out) -> relu

block Twice(out: int) = Wide(out) -> Wide(out)

block Join(out: int) {
  input skip: f32[N, C]
  input x: f32[N, D]
  output y = cat([skip, x], 1) -> Twice(out)
}
"""


def test_a_block_takes_another_layer_on_its_line_but_not_one_of_its_own_kind() -> None:
    code = code_of(net("  output y = (x, x) -> Join(3)", blocks=BLOCKS))
    assert "return self.twice1(torch.cat([skip, x], dim=1))" in code
    assert "x = self.wide1(x)" in code and "return self.wide2(x)" in code


def test_outputs_that_nothing_else_reads_are_computed_where_they_are_returned() -> None:
    body = (
        "  h = x -> Linear(5) -> relu\n"
        "  output mean = h -> Linear(2)\n"
        "  output spread = h -> Linear(2) -> exp"
    )
    assert forward(net(body))[-1] == "return self.linear2(h), torch.exp(self.linear3(h))"
    assert "# mean (N, 2), spread (N, 2)" in code_of(net(body))
    read = body.replace("h -> Linear(2) -> exp", "mean -> exp")
    assert forward(net(read))[-2:] == ["mean = self.linear2(h)", "return mean, torch.exp(mean)"]


def test_two_outputs_that_a_wrong_input_breaks_have_each_a_line_and_so_a_place() -> None:
    inputs = "input x: f32[N, 8]\n  input z: f32[N, 4]"
    body = "  output a = x -> Linear(2)\n  output b = z -> Linear(2)"
    assert forward(net(body, inputs)) == ["a = self.linear1(x)", "return a, self.linear2(z)"]


def test_random_numbers_are_drawn_in_the_order_of_the_spec(tmp_path: Path) -> None:
    # What is drawn first is on the right of the difference.
    text = net(
        "  p, q = [dropout(x, 0.5), dropout(x, 0.5)]\n"
        "  output y = q - p + (dropout(x, 0.5) * dropout(x, 0.25))"
    )
    module = emitted(text, tmp_path).Net()
    x = torch.randn(6, 8)
    torch.manual_seed(0)
    p, q = F.dropout(x, 0.5), F.dropout(x, 0.5)
    expected = q - p + F.dropout(x, 0.5) * F.dropout(x, 0.25)
    torch.manual_seed(0)
    torch.testing.assert_close(module(x), expected)


def test_lines_that_steps_share_compute_the_same(tmp_path: Path) -> None:
    text = net(
        "  h = x + (x -> LayerNorm -> Linear(16) -> gelu -> Linear(8))\n"
        "  turned = cat([h[:, 4:], h[:, :4]], 1)\n"
        "  output y = (x -> Linear(8) -> sigmoid) * turned - sum(h, 1)[:, None]"
    )
    module = emitted(text, tmp_path).Net()

    def reference(x: Tensor) -> Tensor:
        h = F.layer_norm(x, (8,), module.norm1.weight, module.norm1.bias)
        h = F.gelu(F.linear(h, module.linear1.weight, module.linear1.bias))
        h = x + F.linear(h, module.linear2.weight, module.linear2.bias)
        gate = torch.sigmoid(F.linear(x, module.linear3.weight, module.linear3.bias))
        return gate * h.roll(4, 1) - h.sum(1, keepdim=True)

    same(module, reference, torch.randn(5, 8))


# Lists


def test_a_loop_that_fills_a_list_is_what_the_list_is_made_of(tmp_path: Path) -> None:
    text = net(
        "  found = []\n"
        "  for size in sizes { found.append(x -> Linear(size) -> amax(1, True)) }\n"
        "  output y = cat(found, 1)"
    ).replace("model Net", "model Net(sizes: list = [3, 4, 5])")
    assert forward(text)[0] == (
        "found = [torch.amax(linear(x), dim=1, keepdim=True) for linear in self.linears]"
    )
    module = emitted(text, tmp_path).Net(sizes=(2, 6))
    x = torch.randn(4, 8)
    expected = torch.stack([each(x).amax(1) for each in module.linears], 1)
    torch.testing.assert_close(module(x), expected)


def test_a_list_that_has_entries_already_grows_by_the_others() -> None:
    text = net(
        "  found = [x]\n"
        "  for _ in range(4) { found.append(x -> Linear(4)) }\n"
        "  output y = cat(found, 1)"
    )
    assert forward(text)[:2] == [
        "found = [x]",
        "found += [linear(x) for linear in self.linears]",
    ]


def test_a_loop_whose_turns_need_each_other_stays_a_loop(tmp_path: Path) -> None:
    text = net(
        "  found = []\n"
        "  h = x\n"
        "  for _ in range(4) {\n"
        "    h = h -> Linear(8)\n"
        "    found.append(h)\n"
        "  }\n"
        "  output y = cat(found, 1)\n"
        "  output z = h"
    )
    module = emitted(text, tmp_path).Net()
    h = x = torch.randn(2, 8)
    found = []
    for linear in module.linears:
        h = linear(h)
        found.append(h)
    y, z = module(x)
    torch.testing.assert_close(y, torch.cat(found, 1))
    torch.testing.assert_close(z, h)


# Sizes


def test_a_size_that_is_used_once_stands_where_it_is_used() -> None:
    assert forward(net("  output y = x + ones(N, 1)")) == [
        "return x + torch.ones(x.shape[0], 1, device=x.device)"
    ]
    assert forward(net("  output y = x + ones(N, 1) * N"))[0] == "N = x.shape[0]"


def test_a_size_is_read_before_its_input_is_another_tensor(tmp_path: Path) -> None:
    text = net(
        "  output y = x[:, :4] -> reshape(2 * N, 2) -> Linear(2) -> tanh -> reshape(N, 4)",
        "input x: f32[N, 8]",
    )
    module = emitted(text, tmp_path).Net()
    x = torch.randn(3, 8)
    expected = torch.tanh(module.linear1(x[:, :4].reshape(6, 2))).reshape(3, 4)
    torch.testing.assert_close(module(x), expected)


def test_a_tensor_is_given_an_input_s_shape_by_its_name(tmp_path: Path) -> None:
    text = net(
        "  output y = x -> flatten(2) -> softmax(2) -> reshape(N, 4, H, W)",
        IMAGE,
    )
    assert forward(text)[-1].endswith(".reshape(x.shape)")
    x = torch.randn(2, 4, 3, 5)
    expected = x.flatten(2).softmax(2).reshape(x.shape)
    torch.testing.assert_close(emitted(text, tmp_path).Net()(x), expected)
