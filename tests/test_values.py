"""Values known when a network is built: functions, names, defaults; weights of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from networks import codes, emitted, network, same
from packages import checked
from torch import Tensor, nn

HEAD = "model Net {\n  input x: f32[N, 4]\n"


def width_of(expression: str, before: str = "") -> str:
    """The type that a Linear of this width gives."""
    text = f"{before}\n{HEAD}output y = x -> Linear({expression})\n}}"
    assert codes(text) == [], checked(text).diagnostics
    return str(network(text).outputs[0].type)


@pytest.mark.parametrize(
    "expression",
    [
        "max(3, 8)",
        "min([9, 8, 11])",
        "len([1, 2, 3]) + 5",
        "int(8.9)",
        "abs(-8)",
        "round(7.6)",
        "sum([1, 2, 5])",
        "int(sqrt(64))",
        "int(log(2 ** 8, 2))",
        "int(exp(0)) * 8",
        "range(3, 9)[5]",
        "reversed([1, 8])[0]",
        "zip([1, 2], [4, 8])[1][1]",
        "enumerate([8])[0][1]",
        "[1, 2] [1] * 4",
        "([1] + [8] * 2)[-1]",
        "[4, 8, 16][1:][0]",
        "if 3 in [1, 2] { 5 } else { 8 }",
        "2 ** 0 * 8",
        "x.shape[1] * 2",
        "1 < 2 < 3 and 8 or 9",
    ],
)
def test_functions_of_numbers_are_pythons(expression: str) -> None:
    assert width_of(expression) == "f32[N, 8]"


def test_lists_of_tensors_are_lists_too(tmp_path: Path) -> None:
    text = f"""{HEAD}
  parts = [x, x * 2] + [x - 1]
  h = sum(parts) * len(parts)
  for i, (part, scale) in enumerate(zip(reversed(parts), [1, 2, 3])) {{ h = h + part * scale * i }}
  output y = h
}}
"""
    x = torch.randn(2, 4)
    expected = (x + x * 2 + x - 1) * 3 + x * 2 * 2 + x * 3 * 2
    torch.testing.assert_close(emitted(text, tmp_path).Net()(x), expected)


def test_a_function_of_the_spec_has_names_of_its_own() -> None:
    eights = "function eights(v: float, by: int = 8) = max(by, int(v + by / 2) // by * by)"
    assert width_of("eights(30.0)", eights) == "f32[N, 32]"
    assert width_of("eights(30.0, by=10)", eights) == "f32[N, 30]"
    factorial = "function f(n: int) = if n < 2 { 1 } else { n * f(n - 1) }"
    assert width_of("f(4)", factorial) == "f32[N, 24]"


@pytest.mark.parametrize(
    ("before", "expression", "code"),
    [
        ("function f(n: int) = f(n + 1)", "f(1)", "D0131"),
        ("function f(n: int) = n", "f(1.5)", "D0308"),
        ("function f(n: int) = n", "f()", "D0307"),
        ("", "len(x)", "D0131"),
        ("", "int([1])", "D0309"),
        ("", "sqrt(-1)", "D0309"),
        ("", "max([])", "D0309"),
    ],
)
def test_a_function_without_a_value_says_so(before: str, expression: str, code: str) -> None:
    text = f"{before}\n{HEAD}output y = x -> Linear({expression})\n}}"
    assert code in codes(text)


BLOCK = """
block Mlp(width: int, act: op = relu, norm: op = LayerNorm) {
  input x: f32[..., D]
  output y = x -> Linear(width) -> norm -> act
}
"""


def test_layers_functions_and_blocks_are_values_by_their_names(tmp_path: Path) -> None:
    text = f"""
{BLOCK}
block Half {{
  input x: f32[..., D]
  output y = x / 2
}}
{HEAD}
  h = x -> Mlp(8) -> Mlp(6, act=tanh) -> Mlp(6, norm=Half, act=gelu)
  fs = [relu, Half]
  for f in fs {{ h = f(h) }}
  output y = h
}}
"""
    built = emitted(text, tmp_path).Net()
    linears = [m for m in built.modules() if isinstance(m, nn.Linear)]
    norms = [m for m in built.modules() if isinstance(m, nn.LayerNorm)]
    assert (len(linears), len(norms)) == (3, 2)

    def reference(x: Tensor) -> Tensor:
        h = torch.relu(norms[0](linears[0](x)))
        h = torch.tanh(norms[1](linears[1](h)))
        h = nn.functional.gelu(linears[2](h) / 2)
        return torch.relu(h) / 2

    same(built, reference, torch.randn(3, 4))


def test_leading_axes_may_be_any_but_the_same_throughout() -> None:
    text = f"{BLOCK}model Net {{\n  input x: f32[N, 3, 5, 4]\n  output y = x -> Mlp(7)\n}}"
    assert str(network(text).outputs[0].type) == "f32[N, 3, 5, 7]"
    two = "block Two {\n  input a: f32[..., D]\n  input b: f32[..., D]\n  output y = a + b\n}\n"
    body = "input z: f32[N, 2, 4]\n  output y = (x, z) -> Two\n}"
    assert codes(f"{two}{HEAD}{body}") == ["D0209"]


def test_a_value_by_its_name_is_no_tensor() -> None:
    assert codes(f"{HEAD}output y = relu + x\n}}") == ["D0312"]
    assert codes(f"{BLOCK}{HEAD}output y = x -> Mlp(4, act=3)\n}}") == ["D0308"]


def test_weights_of_ones_own_start_as_said_and_are_trained(tmp_path: Path) -> None:
    text = """
model Net {
  input x: f32[N, T, 4]
  weight scale: f32[4] = 0.5
  weight shift: f32[4] = zeros(4)
  weight table: f32[3, 4] = normal_(std=0.02)
  weight one: f32 = 1
  buffer half: f32[4] = ones(4) / 2
  buffer mask: bool[T, T] = tril(ones(T, T)) -> to(bool)
  h = (x * scale + shift) * one - half + table[0]
  scores = (h @ h.mT) -> masked_fill(~mask, -inf) -> softmax(-1)
  output y = scores @ h
}
"""
    built = emitted(text, tmp_path).Net()
    assert {n: tuple(p.shape) for n, p in built.named_parameters()} == {
        "scale": (4,),
        "shift": (4,),
        "table": (3, 4),
        "one": (),
    }
    assert "half" not in built.state_dict()
    assert torch.equal(built.scale.data, torch.full((4,), 0.5))
    assert 0.001 < float(built.table.std()) < 0.05

    def reference(x: Tensor) -> Tensor:
        h = (x * built.scale + built.shift) * built.one - torch.ones(4) / 2 + built.table[0]
        mask = torch.ones(x.shape[1], x.shape[1]).tril().bool()
        return (h @ h.mT).masked_fill(~mask, float("-inf")).softmax(-1) @ h

    same(built, reference, torch.randn(2, 5, 4))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("weight w: f32[3] = ones(4)", "D0128"),
        ("weight w: i64[3] = 1", "D0128"),
        ("weight w: f32[N] = 1", "D0128"),
        ("weight w: f32[4] = x[0]", "D0128"),
        ('weight w: f32[4] = "a"', "D0128"),
        ("buffer w: f32[4] = mean(x, 0)", "D0128"),
    ],
)
def test_a_weight_that_cannot_be_is_refused(statement: str, code: str) -> None:
    assert code in codes(f"{HEAD}{statement}\noutput y = x * w\n}}")


def test_a_declared_chain_is_one_module_with_one_set_of_weights(tmp_path: Path) -> None:
    text = """
model Net(width: int = 6) {
  input a: f32[N, 4]
  input b: f32[N, 4]
  layer critic = Linear(width) -> tanh -> Linear(1)
  output y = critic(a) - (b -> critic)
}
"""
    built = emitted(text, tmp_path).Net(width=5)
    assert sum(p.numel() for p in built.parameters()) == 4 * 5 + 5 + 5 + 1
    first, second = (m for m in built.modules() if isinstance(m, nn.Linear))

    def critic(x: Tensor) -> Tensor:
        found = second(torch.tanh(first(x)))
        assert isinstance(found, Tensor)
        return found

    same(built, lambda a, b: critic(a) - critic(b), torch.randn(3, 4), torch.randn(3, 4))


def test_the_first_of_several_results_flows_out_of_a_chain(tmp_path: Path) -> None:
    text = """
block Reader = Embedding(8) -> LSTM(16)
model Net {
  input words: token(9)[N, T]
  layer again = Linear(4) -> GRU(5)
  output y: f32[N, T, 5] = words -> Reader -> again
}
"""
    built = emitted(text, tmp_path).Net()
    assert built(torch.randint(0, 9, (2, 3))).shape == (2, 3, 5)


def test_a_shared_layer_has_one_set_of_sizes() -> None:
    body = "layer p = Linear(4)\n a = x -> p\n b = x[:, :3] -> p\noutput y = a + b\n}"
    assert codes(f"{HEAD}{body}") == ["D0230"]


def test_parameters_of_declared_layers_are_read_by_torchs_names(tmp_path: Path) -> None:
    text = """
model Net {
  input words: token(50)[N, T]
  layer table = Embedding(8)
  h = words -> table
  output logits: f32[N, T, 50] = h @ table.weight.T
}
"""
    built = emitted(text, tmp_path).Net()
    assert len(list(built.parameters())) == 1
    words = torch.randint(0, 50, (2, 3))
    expected = built.table(words) @ built.table.weight.T
    torch.testing.assert_close(built(words), expected)
    body = "layer p = Linear(4)\n{}\noutput y = {}\n}}"
    for use, value in (("h = x -> p", "h * p.scale"), ("h = x", "h @ p.weight")):
        assert codes(f"{HEAD}{body.format(use, value)}") == ["D0129"]


def test_an_input_with_a_default_may_be_left_out(tmp_path: Path) -> None:
    text = """
block Add {
  input x: f32[N, D]
  input bias: f32[D] = 1.0
  output y = x + bias
}
model Net {
  input x: f32[N, 4]
  input start: f32[N, 4] = 0.5
  output y = (x -> Add) * start + ((x, x[0]) -> Add)
}
"""
    built = emitted(text, tmp_path).Net()
    x, start = torch.randn(3, 4), torch.randn(3, 4)
    torch.testing.assert_close(built(x), (x + 1) * 0.5 + x + x[0])
    torch.testing.assert_close(built(x, start), (x + 1) * start + x + x[0])
    wrong = "input a: f32[N, 4] = 0.0\n  input b: f32[N, 4]\n  output y = x + a + b\n}"
    assert codes(f"{HEAD}{wrong}") == ["D0132"]


def test_derivatives_are_torchs_in_evaluation_too(tmp_path: Path) -> None:
    text = """
model Net {
  input t: f32[N, 1]
  layer net = Linear(8) -> tanh -> Linear(1)
  u = net(t)
  du = grad(sum(u), t)
  output residual = grad(sum(du), t) + u
}
"""
    built = emitted(text, tmp_path).Net().eval()
    first, second = (m for m in built.modules() if isinstance(m, nn.Linear))
    t = torch.randn(5, 1)
    with torch.no_grad():
        found = built(t.clone())
    w, v = first.weight[:, 0], second.weight[0]
    h = torch.tanh(t * w + first.bias)
    expected = ((-2 * h * (1 - h**2) * w**2) * v).sum(1, keepdim=True) + second(h)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    built(t).sum().backward()
    assert first.weight.grad is not None


def test_a_file_imports_blocks_from_files_below(tmp_path: Path) -> None:
    from dlc.compiler.pipeline import check
    from dlc.compiler.source import Source

    (tmp_path / "parts").mkdir()
    blocks = "param wide = 3\nfunction double(n: int) = 2 * n\n"
    blocks += "block Mix = Linear(double(wide)) -> Inner\nblock Inner = Linear(5)\n"
    (tmp_path / "parts" / "blocks.dl").write_text(blocks)
    (tmp_path / "outside.dl").write_text("block A = Linear(2)\n")
    text = 'from "parts/blocks.dl" import Mix, double\nblock Inner = Linear(double(4))\n'
    text += f"{HEAD}  output y = x -> Mix -> relu -> Inner\n}}\n"
    found = check(Source(str(tmp_path / "net.dl"), text))
    assert found.program is not None, found.diagnostics
    outputs = found.program.models["Net"].network.outputs
    assert str(outputs[0].type) == "f32[N, 8]"
    for line in (
        'from "blocks.dl" import Mix',
        'from "parts/blocks.dl" import Mux',
        'from "../net.dl" import Mix',
        'from "/etc/passwd" import Mix',
    ):
        source = Source(
            str(tmp_path / "parts" / "net.dl") if ".." in line else str(tmp_path / "n.dl"),
            f"{line}\n{HEAD}  output y = x -> Mix\n}}\n",
        )
        said = [each.code for each in check(source).diagnostics]
        assert "D0134" in said, (line, said)


def test_files_that_import_each_other_are_refused(tmp_path: Path) -> None:
    from dlc.compiler.pipeline import check
    from dlc.compiler.source import Source

    (tmp_path / "a.dl").write_text('from "b.dl" import B\nblock A = Linear(2)\n')
    (tmp_path / "b.dl").write_text('from "a.dl" import A\nblock B = Linear(2)\n')
    text = f'from "a.dl" import A\n{HEAD}  output y = x -> A\n}}\n'
    said = [each.code for each in check(Source(str(tmp_path / "net.dl"), text)).diagnostics]
    assert "D0134" in said


def test_an_extern_has_the_types_that_it_declares() -> None:
    extern = 'extern Head(width: int) = python("mine.heads:Head") {\n'
    extern += "  input x: f32[N, D]\n  output y: f32[N, width]\n}\n"
    assert str(network(f"{extern}{HEAD}output y = x -> Head(9)\n}}").outputs[0].type) == "f32[N, 9]"
    assert codes('extern H() = python("os;x:y") { input x: f32[N, 4] output y: f32[N, 4] }\n')


def test_a_block_with_a_class_for_each_use_reads_sizes_off_its_own_axes(tmp_path: Path) -> None:
    text = """
block B(act: op = relu) {
  input x: f32[N, C, A]
  h = (x -> act) * x.shape[2] + (A + 1)
  output y = h + A // 3 + (x -> reshape(N, C * A) -> sum)
}
model Net {
  input x: f32[N, 4, H]
  output y = x -> MaxPool1d(2) -> B
}
"""
    x = torch.randn(2, 4, 9)
    pooled = nn.functional.max_pool1d(x, 2)
    expected = torch.relu(pooled) * 4 + 5 + 1 + pooled.sum()
    torch.testing.assert_close(emitted(text, tmp_path).Net()(x), expected)


def test_a_block_counts_with_sizes_of_two_of_its_inputs_together(tmp_path: Path) -> None:
    built = emitted(
        """
block B(act: op = relu) {
  input x: f32[N, C, A]
  input z: f32[N, C, B]
  output y = (x -> act) * (A + B)
  output w = z
}
model Net {
  input x: f32[N, 4, H]
  a, b = (x -> MaxPool1d(2), x -> MaxPool1d(3)) -> B
  output y = a
  output z = b
}
""",
        tmp_path,
    ).Net()
    x = torch.randn(2, 4, 12)
    y, _ = built(x)
    torch.testing.assert_close(y, nn.functional.max_pool1d(x, 2).relu() * (6 + 4))
