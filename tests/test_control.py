"""Loops, choices and lists: what is decided when a network is built, and loops at run time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from networks import codes, emitted, network, same
from torch import Tensor, nn

HEAD = "model Net {\n  input x: f32[N, 4]\n"


def net(body: str, folder: Path, head: str = HEAD) -> nn.Module:
    torch.manual_seed(0)
    made = emitted(f"{head}{body}\n}}\n", folder).Net()
    assert isinstance(made, nn.Module)
    return made


def test_a_for_makes_new_layers_each_turn(tmp_path: Path) -> None:
    built = net("h = x\nfor w in [8, 4, 2] { h = h -> Linear(w) -> tanh }\noutput y = h", tmp_path)
    shapes = [tuple(p.shape) for n, p in built.named_parameters() if n.endswith("weight")]
    assert shapes == [(8, 4), (4, 8), (2, 4)]
    linears = [m for m in built.modules() if isinstance(m, nn.Linear)]

    def reference(x: Tensor) -> Tensor:
        for linear in linears:
            x = torch.tanh(linear(x))
        return x

    same(built, reference, torch.randn(3, 4))


def test_a_declared_layer_is_shared_and_new_in_each_turn_where_it_is_declared(
    tmp_path: Path,
) -> None:
    body = """
layer once = Linear(4)
h = x -> once -> once
for i in range(2) {
  layer each = Linear(4)
  h = h -> each -> relu -> each
}
output y = h
"""
    built = net(body, tmp_path)
    linears = [m for m in built.modules() if isinstance(m, nn.Linear)]
    assert len(linears) == 3

    def reference(x: Tensor) -> Tensor:
        x = linears[0](linears[0](x))
        for linear in linears[1:]:
            x = linear(torch.relu(linear(x)))
        return x

    same(built, reference, torch.randn(3, 4))


@pytest.mark.parametrize(
    ("count", "layers"), [("0", 0), ("3", 6), ("1 + 1", 4), ("len([5, 6, 7, 8])", 8)]
)
def test_repeat_goes_as_many_turns_as_it_says(count: str, layers: int) -> None:
    text = f"{HEAD}output y = x -> repeat({count}) {{ Linear(4) -> Linear(4) }}\n}}"
    made = [step for step in network(text).steps if getattr(step, "attribute", "")]
    assert len(made) == layers


def test_repeat_of_nothing_is_the_identity(tmp_path: Path) -> None:
    built = net("h = x -> repeat(0) { Linear(9) }\noutput y = h * 2", tmp_path)
    x = torch.randn(2, 4)
    assert torch.equal(built(x), x * 2)


def test_repeat_may_change_what_it_carries() -> None:
    text = f"{HEAD}output y = x -> repeat(3) {{ Grow }}\n}}\n"
    block = "block Grow {\n  input x: f32[N, D]\n  output y = cat([x, x -> Linear(D)], 1)\n}\n"
    (output,) = network(block + text).outputs
    assert str(output.type) == "f32[N, 32]"


def test_a_choice_takes_one_branch_and_leaves_the_other(tmp_path: Path) -> None:
    body = """
if 2 > 1 and not False { h = x * 2 } else { h = x -> Linear(1000) }
g = if h.shape[1] == 4 { h + 1 } else { h -> Linear(7) }
k = g -> if True { tanh } else { relu }
if False { k = k -> Linear(3) } else if 1 in [3, 2, 1] { k = k - 1 }
output y = k
"""
    built = net(body, tmp_path)
    assert not list(built.parameters())
    x = torch.randn(2, 4)
    torch.testing.assert_close(built(x), torch.tanh(x * 2 + 1) - 1)


def test_the_branch_not_taken_is_not_typed() -> None:
    assert (
        codes(f"{HEAD}output y = if True {{ x -> Linear(2) }} else {{ x -> Conv2d(2, 9) }}\n}}")
        == []
    )


def test_and_and_or_leave_out_what_does_not_count() -> None:
    body = "widths = []\nout = if len(widths) > 0 and widths[0] > 3 { 1 } else { 2 }"
    assert codes(f"{HEAD}{body}\noutput y = x -> Linear(out)\n}}") == []


def test_lists_hold_what_a_unet_needs(tmp_path: Path) -> None:
    head = "model Net {\n  input x: f32[N, 3, 16, 16]\n"
    body = """
skips = []
h = x
for w in [4, 8] {
  h = h -> Conv2d(w, 3, padding=1) -> relu
  skips.append(h)
  h = h -> MaxPool2d(2)
}
for w in reversed([4, 8]) {
  h = h -> ConvTranspose2d(w, 2, stride=2)
  h = cat([h, skips.pop()], 1) -> Conv2d(w, 3, padding=1)
}
output y = h
output left: f32[N, 1] = x -> flatten(1) -> Linear(len(skips) + 1)
"""
    built = net(body, tmp_path, head)
    y, left = built(torch.randn(2, 3, 16, 16))
    assert y.shape == (2, 4, 16, 16) and left.shape == (2, 1)


def test_pop_takes_the_last_or_a_place(tmp_path: Path) -> None:
    body = "parts = [x, x * 2, x * 3]\na = parts.pop(0)\nb = parts.pop()\noutput y = b - a"
    x = torch.randn(2, 4)
    torch.testing.assert_close(net(body, tmp_path)(x), x * 2)


def test_for_unpacks_pairs() -> None:
    body = """
h = x
for i, (w, act) in enumerate(zip([8, 16], [relu, tanh])) { h = h -> Linear(w + i) -> act }
output y: f32[N, 17] = h
"""
    assert codes(f"{HEAD}{body}}}") == []


def test_a_loop_over_an_open_size_runs_as_many_turns(tmp_path: Path) -> None:
    head = "model Net {\n  input x: f32[N, T, 4]\n  input h: f32[N, 3]\n"
    body = """
layer cell = Linear(3)
layer back = Linear(3, bias=False)
states = []
for t in range(T) {
  h = tanh((x[:, t] -> cell) + (h -> back))
  states.append(h)
}
output y: f32[N, T, 3] = stack(states, 1)
output last: f32[N, 3] = h
"""
    built = net(body, tmp_path, head)
    cell, back = built.cell, built.back
    assert isinstance(cell, nn.Linear) and isinstance(back, nn.Linear)

    def reference(x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        found = []
        for t in range(x.shape[1]):
            h = torch.tanh(cell(x[:, t]) + back(h))
            found.append(h)
        return torch.stack(found, 1), h

    for steps in (1, 5):
        same(built, reference, torch.randn(2, steps, 4), torch.randn(2, 3))


def test_carried_values_may_change_places_each_turn(tmp_path: Path) -> None:
    head = "model Net {\n  input x: f32[N, T, 4]\n  input a: f32[N, 4]\n  input b: f32[N, 4]\n"
    body = "for t in range(1, T) { c = a\n a = b + x[:, t]\n b = c }\noutput y = a\noutput z = b"
    built = net(body, tmp_path, head)

    def reference(x: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
        for t in range(1, x.shape[1]):
            a, b = b + x[:, t], a
        return a, b

    same(built, reference, torch.randn(2, 6, 4), torch.randn(2, 4), torch.randn(2, 4))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("for t in range(N) { x = x -> Linear(4) }", "D0130"),
        ("layer f = Linear(5)\nfor t in range(N) { x = x -> f }", "D0130"),
        ("for t in range(N) { y0 = x[t + 1] }", "D0130"),
        ("for i in 5 { x = x * 2 }", "D0122"),
        ("x = x -> repeat(1.5) { relu }", "D0121"),
        ("x = x -> repeat { relu }", "D0121"),
        ("if N > 3 { x = x * 2 }", "D0123"),
        ("if x { x = x * 2 }", "D0123"),
        ("if False { h = x }\nx = h", "D0124"),
        ("skips = []\nx = skips.pop()", "D0125"),
        ("x.append(x)", "D0125"),
        ("x = x.view(4)", "D0120"),
        ("x = x.size", "D0120"),
    ],
)
def test_what_cannot_be_decided_is_said(body: str, code: str) -> None:
    assert code in codes(f"{HEAD}{body}\noutput y = x\n}}")


@pytest.mark.parametrize(
    "body",
    [
        "x = x -> repeat(10 ** 9) { Linear(4) }",
        "for i in range(10 ** 9) { x = x -> Linear(4) }",
        "for i in range(90000) { for j in range(90000) { a = i } }",
        "x = x -> repeat(99999) { Twice }",
    ],
)
def test_what_would_never_end_is_refused_at_once(body: str) -> None:
    block = "block Twice = Linear(4) -> Linear(4)\n"
    assert codes(f"{block}{HEAD}{body}\noutput y = x\n}}")[0] in ("D0126", "D0309")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("4 > 3 and 0", ["D0218"]),
        ("0", ["D0218"]),
        ("[]", ["D0218"]),
        ("False or 2", []),
        ("x.shape[1] == 4 and 8 % 4 == 0", []),
        ("x", ["D0123"]),
    ],
)
def test_what_is_required_must_be_true_as_in_python(condition: str, said: list[str]) -> None:
    assert codes(f"{HEAD}require {condition}\noutput y = x\n}}") == said


def test_what_is_required_of_open_sizes_becomes_conditions_one_by_one(tmp_path: Path) -> None:
    head = "model Net {\n  input x: f32[N, H, W]\n"
    built = net("require H % 2 == 0 and W > 3\noutput y = x * 2", tmp_path, head)
    assert built(torch.ones(1, 2, 4)).shape == (1, 2, 4)
    for wrong in ((1, 3, 4), (1, 2, 3)):
        with pytest.raises(ValueError, match=r"net\.dl:3"):
            built(torch.ones(wrong))


def test_functions_of_two_grow_where_None_is_written_as_operators_do(tmp_path: Path) -> None:
    head = "model Net {\n  input x: f32[N, T]\n"
    wide = "output y = {}\n"
    x = torch.randn(2, 3)
    built = net(wide.format("x[:, :, None] -> maximum(x[:, None])"), tmp_path, head)
    assert torch.equal(built(x), torch.maximum(x[:, :, None], x[:, None]))
    body = "a = x[:, :, None]\nb = x[:, None]\n" + wide.format("maximum(a, b)")
    assert codes(f"{head}{body}\n}}") == ["D0201"]


def test_a_block_may_use_itself_with_other_hyperparameters(tmp_path: Path) -> None:
    block = """
block Tower(height: int) {
  input x: f32[N, D]
  h = x -> Linear(D) -> relu
  if height > 1 { h = h -> Tower(height - 1) }
  output y = h + x
}
"""
    text = f"{block}{HEAD}output y = x -> Tower(3)\n}}\n"
    built = emitted(text, tmp_path).Net()
    assert sum(isinstance(m, nn.Linear) for m in built.modules()) == 3
    assert built(torch.randn(2, 4)).shape == (2, 4)


def test_a_block_that_never_ends_is_refused() -> None:
    block = "block Tower(height: int) {\n  input x: f32[N, D]\n"
    block += "  output y = if height > 0 { x -> Tower(height + 1) } else { x }\n}\n"
    assert codes(f"{block}{HEAD}output y = x -> Tower(1)\n}}") == ["D0127"]
