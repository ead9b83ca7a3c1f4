"""Branches, lists, shared layers and initial weights of emitted constructors."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from other_values import general
from test_built_blocks import X, built, net
from torch import nn

HEADER = 'widths: list = [3, 4, 2], k: int = 2, deep: bool = True, mode: str = "a"'
SPECS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "statements": (
        "if deep {\n  h = h -> Linear(k) -> tanh\n} else {\n  h = h -> Linear(5)\n}",
        [{"deep": False}, {"k": 5}],
    ),
    "a value": ("h = h -> if k > 2 { Linear(4) } else { Identity }", [{"k": 3}, {"k": 2}]),
    "one that lets pass": ("h = if deep { h } else { h -> Linear(k) }", [{"deep": False}]),
    "a branch of branches": (
        "if deep {\n  if k > 1 {\n    h = h -> Linear(3) -> tanh\n  }\n}", [{"k": 1}, {"k": 4}]
    ),
    "a loop at the end of a branch": (
        "if deep {\n  h = h -> LayerNorm\n} else {\n"
        "  for w in widths { h = h -> Linear(w) -> tanh }\n}",
        [{"deep": False}, {"deep": False, "widths": (2, 3)}],
    ),
    "else if": (
        'if mode == "a" { h = h -> Linear(2) } else if mode == "b" { h = h -> Linear(3) } '
        "else { h = h * 2 }", [{"mode": "b"}, {"mode": "c"}]
    ),
    "a choice within a choice": (
        "if deep {\n  if k == 2 {\n    h = h -> repeat(k) { Linear(4) }\n  }\n}",
        [{"deep": False}, {"k": 3}, {"k": 3, "deep": False}],
    ),
    "numbers": ("c = if deep { k } else { 3 * k }\nh = h -> Linear(c)", [{"deep": False, "k": 3}]),
    "in loops": (
        "for i in range(k) {\n  if i > 0 {\n    h = h -> LayerNorm -> Linear(3)\n  }\n"
        "  h = h -> Linear(5) -> tanh\n}", [{"k": 1}, {"k": 4}]
    ),
    "loops in branches of loops": (
        "for i in range(k) {\n  if i != 1 {\n    for w in widths { h = h -> Linear(w) }\n  }\n"
        "  h = h -> Linear(3)\n}", [{"k": 3}, {"k": 4, "widths": (2,)}]
    ),
    "choices in loops of loops": (
        "for i in range(k) {\n  for w in widths {\n    h = h -> Linear(4) -> tanh\n"
        "    h = if w == 3 { h } else { h -> Linear(4) }\n  }\n}",
        [{"widths": (3, 3, 5)}, {"k": 1}],
    ),
    "popped from the end": (
        "kept = []\nfor w in widths {\n  kept.append(h)\n  h = h -> Linear(w)\n}\n"
        "for w in reversed(widths) { h = cat([h, kept.pop()], 1) -> Linear(w) }",
        [{"widths": (5, 1)}, {"widths": (2, 3, 4, 5)}],
    ),
    "stacked": (
        "kept = []\nfor i in range(k) {\n  h = h -> Linear(4) -> tanh\n  kept.append(h)\n}\n"
        "h = stack(kept, 1) -> sum(1)", [{"k": 4}]
    ),
    "joined": (
        "kept = []\nfor i in range(k) { kept.append(h -> Linear(3)) }\n"
        "h = cat(kept, 1) -> Linear(2)",
        [{"k": 3}, {"k": 1}],
    ),
    "appended in branches": (
        "kept = []\nfor i in range(k) {\n"
        "  if i > 0 { kept.append(h -> Linear(4)) } else { kept.append(h) }\n}\n"
        "h = h + kept.pop()", [{"k": 1}, {"k": 3}]
    ),
    "a layer from before a loop": (
        "layer f = Linear(4)\nfor i in range(k) { h = tanh(f(h)) + (h -> Linear(4)) }", [{"k": 4}]
    ),
    "a layer from before a loop of blocks": (
        "layer f = Wide(4)\nfor w in widths { h = f(h) }\nh = f(h)", [{"widths": (1,)}]
    ),
    "a layer of a turn, used twice": (
        "for i in range(k) {\n  layer f = Linear(4)\n  h = h -> f -> f\n}", [{"k": 1}, {"k": 3}]
    ),
    "a layer of a turn, for a loop in it": (
        "for i in range(k) {\n  layer f = Linear(4)\n"
        "  for w in widths { h = f(h) + (h -> Linear(4)) }\n}",
        [{"k": 3, "widths": (1, 2)}],
    ),
    "a layer used before a branch and in it": (
        "layer f = Linear(4)\nh = f(h)\nh = if deep { f(h) } else { h }", [{"deep": False}]
    ),
    "a layer of a turn, in a branch of it": (
        "for i in range(k) {\n  layer f = Linear(4)\n  h = tanh(f(h))\n"
        "  h = if i > 0 { f(h) } else { h }\n}", [{"k": 1}, {"k": 3}]
    ),
    "dropout and norms of turns": (
        "for w in widths { h = h -> Linear(w) -> BatchNorm1d -> Dropout(0.5) -> relu }",
        [{"widths": (6, 5)}],
    ),
}  # fmt: skip
WIDE = "block Wide(out: int) = Linear(out) -> tanh -> Linear(out)\n"


@pytest.mark.parametrize("name", SPECS)
def test_what_a_constructor_decides_is_the_same_network_decided_before(name: str) -> None:
    body, others = SPECS[name]
    text = net(body, HEADER, WIDE)
    for values in [{}, *others]:
        general(text, "Net", values)


def test_a_value_that_a_branch_lets_pass_is_identity() -> None:
    module = built(net("h = h -> if deep { Linear(4) } else { Identity }", "deep: bool = True"))
    assert [type(each) for each in module.Net(deep=False).children()] == [nn.Identity]
    assert [type(each) for each in module.Net().children()] == [nn.Linear]
    torch.testing.assert_close(module.Net(deep=False)(X), X)


def test_a_branch_not_taken_has_no_layers() -> None:
    body = "if deep {\n  h = h -> Linear(3) -> tanh\n} else {\n  h = h -> Linear(5, bias=False)\n}"
    made = built(net(body, "deep: bool = True")).Net(deep=False)
    (weight,) = made.parameters()
    torch.testing.assert_close(made(X), F.linear(X, weight))


def test_a_branch_not_taken_in_a_turn_has_no_layers_either() -> None:
    body = "for i in range(k) {\n  if deep {\n"
    body += "    h = tanh(h -> if i != 1 { Linear(4) } else { Identity })\n  }\n  h = h * 2\n}"
    module = built(net(body, "k: int = 3, deep: bool = True"))
    assert not list(module.Net(deep=False).parameters())
    assert len(list(module.Net(k=4).parameters())) == 6


def test_a_shared_layer_is_one_attribute_with_one_set_of_weights() -> None:
    made = built(
        net("layer f = Linear(4)\nfor i in range(k) { h = tanh(f(h)) }", "k: int = 3")
    ).Net()
    weight, bias = made.parameters()
    expected = X
    for _ in range(3):
        expected = torch.tanh(F.linear(expected, weight, bias))
    torch.testing.assert_close(made(X), expected)
    assert isinstance(made.f, nn.Linear)


def test_a_layer_used_outside_a_branch_is_not_replaced_by_the_branch() -> None:
    body = "layer f = Linear(4)\nh = f(h)\nh = if deep { f(h) } else { h }"
    made = built(net(body, "deep: bool = True")).Net(deep=False)
    torch.testing.assert_close(made(X), F.linear(X, *made.parameters()))


# Initial weights


def test_initial_weights_of_layers_in_a_loop_are_set_in_each_turn() -> None:
    body = "for i in range(k) { h = h -> Linear(4, init=zeros_) }"
    made = built(net(body, "k: int = 3")).Net(k=5)
    weights = [each for name, each in made.named_parameters() if "weight" in name]
    assert len(weights) == 5 and not any(bool(each.any()) for each in weights)


def test_initial_weights_of_a_model_reach_its_blocks_whose_own_go_first() -> None:
    block = "block One(out: int) = Linear(out, init=zeros_) -> Linear(out)\n"
    text = net("for i in range(k) { h = h -> One(4) }\nh = h -> Linear(2)", "k: int = 3", block)
    text = text.replace("k: int = 3)", "k: int = 3, init = ones_)")
    made = built(text).Net(k=4)
    values = [
        float(each.detach().unique()) for name, each in made.named_parameters() if "weight" in name
    ]
    assert values == [0.0, 1.0] * 4 + [1.0]


def test_initial_weights_may_depend_on_hyperparameters_and_turns() -> None:
    body = "for i in range(k) { h = h -> Linear(4, init=constant_(0.5 / k + i)) }"
    made = built(net(body, "k: int = 2")).Net(k=4)
    weights = [each for name, each in made.named_parameters() if "weight" in name]
    assert [float(each.detach().unique()) for each in weights] == [0.125, 1.125, 2.125, 3.125]
