"""Blocks stay blocks in emitted code: one class for all sizes, loops and branches in constructors.

Each spec is compiled and run; what it computes is held against torch by hand, or against the same
spec compiled use by use (`other_values.general`).
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from networks import codes
from other_values import code_of, general, module_of, program_of, takes
from torch import Tensor, nn


def built(text: str) -> Any:
    """The module `model` of a text."""
    return module_of(code_of(program_of(text)))


def classes(module: Any) -> set[str]:
    """The names of all classes of layers that a module defines."""
    own = vars(module).values()
    found = {each for each in own if inspect.isclass(each) and issubclass(each, nn.Module)}
    return {each.__name__ for each in found}


def net(body: str, header: str = "", before: str = "", size: str = "f32[N, 4]") -> str:
    """A model around some statements on `h`."""
    lines = "\n".join(f"  {line}" for line in body.strip().split("\n"))
    inner = f"  input x: {size}\n  h = x\n{lines}\n  output y = h"
    return f"{before}\nmodel Net({header}) {{\n{inner}\n}}\n"


X = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
WIDER = """block Wider(out: int) {
  input x: f32[N, D]
  output y: f32[N, out] = x -> Linear(out) -> tanh
}
"""


# One class


def test_a_block_used_at_several_sizes_is_one_class_told_the_sizes_it_needs() -> None:
    module = built(net("h = h -> Wider(6) -> Wider(2)\nh = h -> Wider(5)", before=WIDER))
    assert classes(module) == {"Net", "Wider"}
    made = module.Net()
    shapes = [tuple(each.shape) for each in made.parameters()]
    assert shapes == [(6, 4), (6,), (2, 6), (2,), (5, 2), (5,)]
    weights = list(made.parameters())
    expected = X
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        expected = torch.tanh(F.linear(expected, weight, bias))
    torch.testing.assert_close(made(X), expected)


def test_a_class_takes_the_hyperparameters_of_its_block_with_their_defaults() -> None:
    block = WIDER.replace("out: int", "out: int, slope: float = 0.5").replace(
        "tanh", "leaky_relu(slope)"
    )
    module = built(net("h = h -> Wider(6) -> Wider(2, slope=0.1)", before=block))
    parameters = inspect.signature(module.Wider.__init__).parameters
    assert parameters["slope"].default == 0.5
    own = module.Wider(4, out=2)
    torch.testing.assert_close(own(X), F.leaky_relu(F.linear(X, *own.parameters()), 0.5))


def test_a_block_that_is_given_a_layer_is_one_class_a_layer() -> None:
    block = "block Act(out: int, act: op = relu) = Linear(out) -> act\n"
    module = built(net("h = h -> Act(6) -> Act(3, tanh)\nh = h -> Act(5, tanh)", before=block))
    assert len(classes(module)) == 3
    made = module.Net()
    weights = list(made.parameters())
    expected = torch.relu(F.linear(X, *weights[:2]))
    for place in (2, 4):
        expected = torch.tanh(F.linear(expected, *weights[place : place + 2]))
    torch.testing.assert_close(made(X), expected)


def test_a_block_for_any_leading_axes_is_one_network_for_each_rank() -> None:
    block = "block Any {\n  input x: f32[..., D]\n  output y = x -> Linear(D) -> tanh\n}\n"
    text = net("h = h -> Any\nh = stack([h, h], 1) -> Any\nh = h[:, 0]", before=block)
    made = built(text).Net()
    weights = list(made.parameters())
    expected = X
    for place in (0, 2):
        expected = torch.tanh(F.linear(expected, *weights[place : place + 2]))
    torch.testing.assert_close(made(X), expected)


def test_a_model_may_be_a_block_of_another_with_its_own_hyperparameters() -> None:
    inner = (
        "model Inner(width: int = 3) {\n  input x: f32[N, 4]\n  output y = x -> Linear(width)\n}\n"
    )
    module = built(net("h = h -> Inner(width=5)", before=inner))
    assert classes(module) == {"Net", "Inner"}
    assert [tuple(each.shape) for each in module.Net().parameters()] == [(5, 4), (5,)]
    assert module.Inner()(X).shape == (3, 3)


def test_a_block_uses_itself_as_deep_as_it_is_told() -> None:
    block = """block Deep(level: int) {
  input x: f32[N, D]
  h = x -> Linear(D)
  if level > 0 { h = h -> Deep(level - 1) }
  output y: f32[N, D] = h
}
"""
    text = net("h = h -> Deep(depth)", "depth: int = 2", block)
    for depth in (0, 1, 4):
        general(text, "Net", {"depth": depth})
        assert len(list(built(text).Net(depth=depth).parameters())) == 2 * (depth + 1)


def test_a_derivative_in_a_block_is_there_in_evaluation_too() -> None:
    block = """block Force {
  input x: f32[N, D]
  energy = sum(x -> Linear(1) -> tanh)
  output y: f32[N, D] = grad(energy, x)
}
"""
    made = built(net("h = h -> Force", before=block)).Net().eval()
    x = X.clone().requires_grad_()
    energy = torch.tanh(F.linear(x, *made.parameters())).sum()
    with torch.no_grad():
        found = made(X)
    torch.testing.assert_close(found, torch.autograd.grad(energy, x)[0])


# Loops


def test_repeat_is_one_sequential_of_as_many_layers_as_its_hyperparameter_says() -> None:
    text = net("h = h -> repeat(depth) { Linear(4) }", "depth: int = 2")
    made = built(text).Net(depth=5)
    (row,) = made.children()
    assert isinstance(row, nn.Sequential) and [type(each) for each in row] == [nn.Linear] * 5
    torch.testing.assert_close(made(X), row(X))
    torch.testing.assert_close(built(text).Net(depth=0)(X), X)


def test_what_stands_between_the_layers_of_a_turn_is_a_loop_over_a_list() -> None:
    made = built(net("h = h -> repeat(depth) { Linear(4) -> tanh }", "depth: int = 2")).Net(depth=3)
    (row,) = made.children()
    assert isinstance(row, nn.ModuleList) and len(row) == 3
    expected = X
    for each in row:
        expected = torch.tanh(each(expected))
    torch.testing.assert_close(made(X), expected)


def test_a_loop_whose_channels_change_counts_them() -> None:
    text = net("for i in range(depth) {\n  h = h -> Linear(2 ** i + 1)\n}", "depth: int = 3")
    made = built(text).Net(depth=5)
    shapes = [tuple(each.shape) for each in made.parameters() if each.dim() == 2]
    assert shapes == [(2, 4), (3, 2), (5, 3), (9, 5), (17, 9)]


def test_channels_that_grow_by_what_is_added_are_counted_too() -> None:
    text = net("h = h -> repeat(depth) { Grown(3) }", "depth: int = 2", """
block Grown(more: int) {
  input x: f32[N, D]
  output y: f32[N, D + more] = cat([x, x -> Linear(more)], 1)
}
""")  # fmt: skip
    made = built(text).Net(depth=4)
    shapes = [tuple(each.shape) for each in made.parameters() if each.dim() == 2]
    assert shapes == [(3, 4), (3, 7), (3, 10), (3, 13)]


LOOPS = {
    "a list": ("for w in widths { h = h -> Linear(w) }", {"widths": (5, 2, 3, 6)}),
    "a range with a start": ("for i in range(1, k + 2) { h = h -> Linear(i) }", {"k": 4}),
    "enumerate": ("for i, w in enumerate(widths) { h = h -> Linear(w + i) }", {"widths": (3,)}),
    "zip": ("for a, b in zip(widths, widths[1:]) { h = h -> Linear(a * b) }", {"widths": (2, 3)}),
    "reversed": ("for w in reversed(widths) { h = h -> Linear(w) }", {"widths": (5, 2, 3)}),
    "reversed and counted": (
        "for i, w in reversed(enumerate(widths)) { h = h -> Linear(w + i) }", {"widths": (7, 2)}
    ),
    "a table": (
        "for a, b in [[1, 2], [3, 1], [2, 2]] { h = h -> repeat(b) { Linear(a * k) } }", {"k": 3}
    ),
    "loops in loops": (
        "for w in widths { for i in range(k) { h = h -> Linear(w + i) -> tanh } }",
        {"widths": (3, 1), "k": 3},
    ),
    "a number of one's own": (
        "c = 1\nfor w in widths {\n  h = h -> Linear(c)\n  c = c + w\n}\nh = h -> Linear(c)",
        {"widths": (2, 1, 5)},
    ),
    "a choice a turn": (
        "for i in range(k) { h = h -> if i % 2 == 0 { Linear(3) } else { Linear(5) -> tanh } }",
        {"k": 5},
    ),
    "a name that was something else": (
        "i = 3\nfor w in widths { h = h -> Linear(w) }\nh = h -> Linear(i)", {"widths": (1, 2)}
    ),
    "a sum that a branch decides": (
        "for i in range(k) {\n  g = h -> Linear(2)\n  h = cat([h, g], 1)\n"
        "  h = if i < 1 { h } else { h -> Linear(3) }\n}", {"k": 4}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_the_same_network_written_out(name: str) -> None:
    body, values = LOOPS[name]
    text = net(body, "widths: list = [3, 4, 2], k: int = 2")
    general(text, "Net", {})
    general(text, "Net", values)


def test_the_target_of_a_loop_is_behind_it_what_the_last_turn_was() -> None:
    body = "i = 7\nfor w in widths { for i in range(k) { h = h -> Linear(4) } }\nh = h -> Linear(i)"
    text = net(body, "widths: list = [3, 4, 2], k: int = 2")
    assert list(built(text).Net().parameters())[-1].shape == (1,)
    given = {"k": 3} if "k" in takes(built(text).Net) else {}
    general(text, "Net", given)


def test_weights_of_ones_own_are_one_a_turn() -> None:
    body = "for i in range(3) {\n  weight s: f32[h.shape[1]] = 0.5\n  h = h * s -> Linear(i + 2)\n}"
    text = net(body)
    general(text, "Net", {})
    scales = [each for each in built(text).Net().parameters() if each.dim() == 1]
    assert [len(each) for each in scales if bool((each == 0.5).all())] == [4, 2, 3]


def test_a_loop_at_run_time_stays_one_within_a_constructors() -> None:
    body = "for _ in range(k) {\n  layer f = Linear(4)\n  for t in range(T) { h = h + (h -> f) }\n}"
    text = net(body, "k: int = 2", size="f32[N, T, 4]")
    made = built(text).Net()
    x = torch.randn(2, 3, 4)
    weights = list(made.parameters())
    expected = x
    for place in (0, 2):
        for _ in range(3):
            expected = expected + F.linear(expected, *weights[place : place + 2])
    torch.testing.assert_close(made(x), expected)


# Hyperparameters of every kind


def test_compile_time_functions_are_functions_of_the_file() -> None:
    function = "function even(v: float) = max(2, int(v + 1) // 2 * 2)\n"
    module = built(net("h = h -> Linear(even(3 * wide))", "wide: float = 1.0", function))
    assert [module.even(v) for v in (0.0, 1.0, 3.0, 4.5)] == [2, 2, 4, 4]
    assert module.Net(wide=1.6)(X).shape == (3, 4)
    assert module.Net(wide=3.0)(X).shape == (3, 10)


def test_strings_floats_and_bools_are_arguments() -> None:
    body = (
        'h = h -> Linear(3, bias=biased)\nh = h * scale\nh = if kind == "a" { tanh(h) } else { h }'
    )
    text = net(body, 'biased: bool = True, scale: float = 2.0, kind: str = "a"')
    module = built(text)
    plain = module.Net(biased=False, scale=0.25, kind="b")
    (weight,) = plain.parameters()
    torch.testing.assert_close(plain(X), F.linear(X, weight) * 0.25)
    general(text, "Net", {"scale": 3.0})


def test_a_fixed_hyperparameter_is_no_argument() -> None:
    module = built(net("h = h -> Linear(width) -> act", "act: op = relu, width: int = 3"))
    assert takes(module.Net) == {"width"}
    (weight, bias) = module.Net(width=2).parameters()
    assert weight.shape == (2, 4) and bias.shape == (2,)


def test_a_list_that_is_fixed_is_no_argument_either() -> None:
    body = "if 2 in widths { h = h -> LayerNorm }\nfor i in range(2) { h = h -> Linear(widths[i]) }"
    module = built(net(body, "widths: list = [3, 4, 2]"))
    if "widths" in takes(module.Net):
        assert [each.shape[0] for each in module.Net(widths=(5, 6)).parameters()] == [5, 5, 6, 6]
    else:
        assert [each.shape[0] for each in module.Net().parameters()] == [4, 4, 3, 3, 4, 4]


def test_a_name_of_the_body_does_not_change_a_default() -> None:
    module = built(net("width = 2 * width\nh = h -> Linear(width)", "width: int = 3"))
    assert module.Net()(X).shape == (3, 6)
    if "width" in takes(module.Net):
        assert module.Net(width=5)(X).shape == (3, 10)


def test_a_layer_that_would_need_other_weights_at_its_second_use_is_refused() -> None:
    block = "block To(out: int) {\n  input x: f32[N, D]\n"
    block += "  output y: f32[N, out] = if D == out { x } else { x -> Linear(out) }\n}\n"
    assert "D0230" in codes(net("layer f = To(2)\nh = f(h)\nh = f(h)", before=block))


def test_tensors_of_the_models_are_tensors() -> None:
    assert isinstance(built(net("h = h -> Linear(2)")).Net()(X), Tensor)
