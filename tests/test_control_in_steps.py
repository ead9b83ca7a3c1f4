"""Patterns, choices, loops and lists in steps and predictions mean what they mean in models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from dlc.runtime.artifacts import load_weights
from packages import checked, imported, package, trained, written
from torch import Tensor

DATA = """\
param turns = 3

data pairs {
  x: f32[2] = [[0, 1], [1, 0], [2, 1], [1, 3], [0.5, 0.5]]
  y: f32[1] = [1, 2, 3, 4, 5]
}

model Line {
  input x: f32[N, 2]
  output y_hat: f32[N, 1] = x -> Linear(1)
}

model Both {
  input x: f32[N, 2]
  output mean: f32[N, 1] = x -> Linear(1)
  output spread: f32[N, 1] = x -> Linear(1)
}
"""
TRAIN = """
train L = Line(), B = Both() on pairs {
  step L {
    LINE
    optimizer = SGD(lr=0.05)
  }
  step B {
    BOTH
    optimizer = SGD(lr=0.05)
  }
  epochs = 3
  batch = 2
}
"""
ROLLED = """total = 0
    for i in range(turns) { total = total + mse_loss(L(x) * (i + 1), y) }
    parts = []
    for each in [L(x), 0] { parts.append(each) }
    if turns > 2 { extra = mean(parts.pop(0) ** 2) } else { extra = 7 * total }
    loss = total + extra"""
UNROLLED = """total = mse_loss(L(x) * 1, y) + mse_loss(L(x) * 2, y) + mse_loss(L(x) * 3, y)
    loss = total + mean(L(x) ** 2)"""
PATTERN = """middle, spread = B(x)
    _, (largest, _) = ((0, (middle, 1)))
    loss = mse_loss(largest, y) + mse_loss(spread, y)"""
PLAIN = """middle, spread = B(x)
    loss = mse_loss(middle, y) + mse_loss(spread, y)"""
SPEC = DATA + TRAIN.replace("LINE", ROLLED).replace("BOTH", PLAIN)


def left(text: str, folder: Path) -> dict[str, dict[str, Tensor]]:
    """The weights that a training leaves, by model."""
    code, run = trained(written(package(text), folder / "code"), folder / "runs", folder, 3)
    assert code == 0
    found: Any = load_weights(run / "checkpoints" / "last.pt")
    return dict(found)


def test_a_loop_in_a_step_trains_as_its_turns_written_out(tmp_path: Path) -> None:
    rolled = left(SPEC, tmp_path / "rolled")
    plain = left(SPEC.replace(ROLLED, UNROLLED), tmp_path / "plain")
    for model, states in plain.items():
        for name, tensor in states.items():
            torch.testing.assert_close(rolled[model][name], tensor, rtol=1e-6, atol=1e-7)


def test_a_pattern_in_a_step_takes_the_outputs_of_a_model_in_order(tmp_path: Path) -> None:
    """By hand: both heads are lines of their own, and the first is called `mean`."""
    found = left(SPEC.replace("spread, y)", "spread, y) * 0"), tmp_path)["B"]
    torch.manual_seed(0)
    made = imported(written(package(SPEC), tmp_path / "again"), "model")
    made.Line()
    fresh = {name: each.detach() for name, each in made.Both().named_parameters()}
    same = [name for name, each in fresh.items() if torch.equal(found[name], each)]
    assert same == ["linear2.weight", "linear2.bias"]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_params_decide_how_often_a_loop_turns(turns: int) -> None:
    program = checked(SPEC, [f"turns={turns}"]).program
    assert program is not None
    (training,) = program.trainings
    losses = [
        step
        for step in training.steps[0].network.steps  # type: ignore[union-attr]
        if getattr(getattr(step, "layer", None), "name", "") == "mse_loss"
    ]
    assert len(losses) == turns


def test_a_loop_of_no_turns_leaves_the_number_that_it_began_with() -> None:
    said = checked(SPEC, ["turns=0"]).diagnostics
    assert [each.message for each in said if "number 0" in each.message]


def test_a_branch_that_is_not_taken_is_not_looked_at() -> None:
    wrong = (
        "if turns > 2 { loss_of = mean(L(x)) } else { loss_of = mean(L(y)) }\n    loss = loss_of"
    )
    text = DATA + TRAIN.replace("LINE", wrong).replace("BOTH", PLAIN)
    assert checked(text).ok
    said = checked(text, ["turns=1"]).diagnostics
    assert [each.severity for each in said] == ["error"]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("layer head = Linear(1)", "D0634"),
        ("weight w: f32[1] = ones(1)", "D0634"),
        ("buffer b: f32[1] = ones(1)", "D0634"),
        ("input z: f32[N]", "D0634"),
        ("output z: f32[N] = x", "D0634"),
        ("if True { layer head = Linear(1) }", "D0634"),
        ("if False { h = x } else if True { weight w: f32[1] = 1 } else { h = x }", "D0634"),
        ("for i in range(2) { buffer b: f32[1] = ones(1) }", "D0634"),
        ("a, b, c = B(x)", "D0224"),
        ("a = B(x)", "D0223"),
        ("for a, b in range(3) { h = a }", "D0122"),
        ("if x { h = 1 } else { h = 2 }", "D0123"),
        ("nothing.append(x)", "D0301"),
        ("empty = []\n    h = empty.pop()", "D0125"),
        ('require turns == 2, "two turns"', "D0218"),
        ("h = x -> Linear(3)", "D0636"),
    ],
)
def test_what_a_step_cannot_have_is_refused(statement: str, code: str) -> None:
    found = checked(SPEC.replace("total = 0\n", f"{statement}\n    total = 0\n", 1)).diagnostics
    assert [each.code for each in found if each.severity == "error"][:1] == [code]


PREDICT = """
predict ask {
  input z: f32[N, 2] = ones(N, 2)
  mean, spread = B(z)
  found = []
  for each in [mean, spread] { found.append(each * 2) }
  if turns > 2 { most = max(found[0], found[1]) } else { most = found[0] }
  output most: f32[N, 1]
}
"""


def test_a_prediction_has_patterns_loops_and_lists_too(tmp_path: Path) -> None:
    text = SPEC + PREDICT.replace("max(found[0], found[1])", "maximum(found[0], found[1])")
    home = written(package(text), tmp_path)
    torch.manual_seed(3)
    model = imported(home, "model").Both()
    made = imported(home, "procedures").ask(model, 5)
    mean, spread = model(torch.ones(5, 2))
    torch.testing.assert_close(made, torch.maximum(2 * mean, 2 * spread))


def test_an_output_of_a_prediction_may_be_bound_in_a_loop_or_not_at_all() -> None:
    text = (
        SPEC + "\npredict ask {\n  output most: f32[1]\n  for i in range(2) { most = ones(1) }\n}\n"
    )
    assert checked(text).ok
    unbound = text.replace("most = ones(1)", "least = ones(1)")
    assert not checked(unbound).ok
