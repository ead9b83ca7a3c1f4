"""Models trained with other hyperparameters than their defaults, and names of layers in loops."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from keyed import Trained
from other_values import module_of, takes
from packages import imported, package, trained, written

SPEC = """\
data points {
  x: f32[1] = range(16) -> standardize
  y: f32[1] = 2 * range(16) + 1 -> standardize
}
model Line(depth: int = 3, act: op = relu, width: int = 4) {
  input x: f32[N, 1]
  h = x
  layer first = Linear(width)
  h = first(h)
  for i in range(depth) {
    layer inner = Linear(width)
    layer norm = LayerNorm
    h = h -> inner -> norm -> act
  }
  layer head = Linear(1)
  output y_hat: f32[N, 1] = head(h)
}
"""
TRAIN = """\
train Line(HYPER) on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.05)
  epochs = 2
  KEYS
}
"""
FROZEN = {
    "LayerNorm": (["norm"], 6),
    "LayerNorm.bias": (["norm", "bias"], 3),
    "first": (["first"], 2),
    "head": (["head"], 2),
}


def spec(hyper: str, keys: str = "") -> str:
    return SPEC + TRAIN.replace("(HYPER)", f"({hyper})" if hyper else "").replace("KEYS", keys)


def test_a_model_is_built_with_what_its_training_states(tmp_path: Path) -> None:
    found = Trained(spec("depth=4, width=5"), tmp_path)
    shapes = [tuple(each.shape) for each in found.weights.values() if each.dim() == 2]
    assert sorted(shapes) == [(1, 5), (5, 1), *[(5, 5)] * 4]


def test_a_class_is_made_for_the_layer_that_its_training_states(tmp_path: Path) -> None:
    module = module_of(package(spec("depth=3, act=tanh")).files["model.py"])
    assert takes(module.Line) == {"depth", "width"}
    net = module.Line(depth=0, width=1)
    assert len(list(net.parameters())) == 4
    made = module.Line(depth=1, width=2)
    with torch.no_grad():
        for name, each in made.named_parameters():
            each.fill_(0.0 if "norm" in name and "weight" in name else 0.5)
        # The norm gives its bias alone, so what comes out is head(act(0.5)).
        expected = 0.5 + 2 * 0.5 * torch.tanh(torch.tensor(0.5))
        torch.testing.assert_close(made(torch.ones(1, 1)), expected.reshape(1, 1))


def test_several_trainings_of_one_model_with_unlike_layers_have_a_class_each(
    tmp_path: Path,
) -> None:
    text = (
        SPEC
        + """\
model Pair {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = (x -> Line(depth=1, act=tanh)) + (x -> Line(depth=3, act=sigmoid))
}
train Pair on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.05)
  epochs = 1
}
"""
    )
    home = written(package(text), tmp_path)
    made = imported(home, "model").Pair()
    kinds = {type(each) for each in made.children()}
    assert len(kinds) == 2
    shapes = [tuple(each.shape) for each in made.parameters() if each.dim() == 2]
    assert len(shapes) == 3 + 5
    code, _ = trained(home, tmp_path / "runs", tmp_path, 1)
    assert code == 0


@pytest.mark.parametrize("name", FROZEN)
def test_what_stands_in_a_loop_is_frozen_in_every_turn(tmp_path: Path, name: str) -> None:
    parts, count = FROZEN[name]
    found = Trained(spec("", f"freeze = [{name}]"), tmp_path)
    fresh, _ = found.fresh()
    before = fresh.state_dict()
    assert before.keys() == found.weights.keys()
    stays = {key for key, each in before.items() if each.equal(found.weights[key])}
    named = {key for key in before if all(each in key for each in parts)}
    assert stays == named
    assert len(stays) == count
