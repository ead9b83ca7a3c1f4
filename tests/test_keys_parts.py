"""Parts of models by name: the emitted code reaches what the spec names, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from dlc.compiler import ir
from dlc.runtime.artifacts import load_weights
from dlc.runtime.parts import freeze, group, parameters
from packages import checked, imported, package, trained, written
from torch import Tensor, nn

SPEC = """\
data points {
  x: f32[4] = [[1, 2, 3, 4], [2, 3, 4, 1], [0, 1, 0, 2], [3, 3, 1, 0], [1, 0, 2, 2]]
  y: f32[1] = [2, 4, 6, 1, 3]
}

block Norm(width: int) = Linear(width, bias=False) -> BatchNorm1d -> tanh

block Stage(width: int) {
  input x: f32[N, D]
  weight scale: f32[D] = ones(D)
  output y = x * scale -> Norm(width) -> repeat(2) { Norm(width) } -> LayerNorm()
}

model Net {
  input x: f32[N, 4]
  layer encoder = Linear(9) -> tanh -> Linear(10)
  layer training = Linear(3)
  h = x -> encoder
  for width in [8, 8, 6] {
    h = h -> Stage(width)
  }
  output y_hat: f32[N, 1] = h -> repeat(2) { Linear(6) -> tanh } -> training -> Linear(1)
}

train Net on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.1)
  epochs = 3
  KEYS
}
"""


def learned(keys: str, folder: Path) -> tuple[nn.Module, dict[str, Tensor]]:
    """The model as it was, and its weights and buffers after the training."""
    home = written(package(SPEC.replace("KEYS", keys)), folder / "code")
    code, run = trained(home, folder / "runs", folder, 3)
    assert code == 0, (run / "status.json").read_text()
    torch.manual_seed(0)
    return imported(home, "model").Net(), load_weights(run / "checkpoints" / "last.pt")["model"]


def changed(model: nn.Module, after: dict[str, Tensor]) -> tuple[list[str], list[str]]:
    """The parameters that stayed and those that moved."""
    names = [name for name, _ in model.named_parameters()]
    state = model.state_dict()
    same = [name for name in names if torch.allclose(state[name], after[name], 0, 1e-20)]
    return same, [name for name in names if name not in same]


def shapes(model: nn.Module, names: list[str]) -> list[list[int]]:
    state = model.state_dict()
    return sorted(list(state[name].shape) for name in names)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("encoder", [[9, 4], [9], [10, 9], [10]]),
        ("encoder.linear2", [[10, 9], [10]]),
        ("encoder.linear1.bias", [[9]]),
        ("encoder.Linear.weight", [[9, 4], [10, 9]]),
        ("training", [[3, 6], [3]]),
        ("LayerNorm", [[8], [8], [8], [8], [6], [6]]),
        ("stage1.scale", [[10]]),
        ("Stage.scale", [[10], [8], [8]]),
        ("stage3", [[8], [6, 8], [6], [6], *[[6, 6], [6], [6]] * 2, [6], [6]]),
        ("stage1.norm2", [[8, 8], [8], [8]]),
        ("stage2.Norm.linear1.weight", [[8, 8]] * 3),
        ("linear2", [[6, 6], [6]]),
        ("BatchNorm1d", [[8]] * 12 + [[6]] * 6),
    ],
)
def test_a_part_is_what_the_spec_names(
    tmp_path: Path, part: str, expected: list[list[int]]
) -> None:
    model, after = learned(f"freeze = [{part}]", tmp_path)
    same, moved = changed(model, after)
    assert shapes(model, same) == sorted(expected)
    assert moved


def test_a_group_reaches_the_same_parts(tmp_path: Path) -> None:
    rest = "encoder, Stage.scale, Norm, linear1, linear2, linear3"
    keys = f"groups = [group({rest}), group(LayerNorm, lr=1e-30), group(training, lr=0.5)]"
    model, after = learned(keys, tmp_path)
    same, moved = changed(model, after)
    assert shapes(model, same) == sorted([[8], [8], [8], [8], [6], [6]])
    assert [3, 6] in shapes(model, moved)


class Row(nn.Module):
    """Three layers by number, a shared one, and one beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.ModuleDict({"norm": nn.BatchNorm1d(2)}) for _ in range(3))
        self.head = nn.Linear(2, 1)
        self.again = self.head
        self.scale = nn.Parameter(torch.ones(2))


def ids(found: list[nn.Parameter]) -> set[int]:
    return {id(each) for each in found}


def test_names_are_those_of_modules_and_parameters() -> None:
    model = Row()
    assert ids(parameters(model, "head")) == ids([model.head.weight, model.head.bias])
    assert ids(parameters(model, "head.bias", "scale")) == ids([model.head.bias, model.scale])
    first = model.layers[0]["norm"]
    assert ids(parameters(model, "layers.0")) == ids(list(first.parameters()))


def test_a_star_is_one_level() -> None:
    model = Row()
    assert ids(parameters(model, "*")) == ids(list(model.parameters()))
    assert len(parameters(model, "layers.*.norm.bias")) == 3
    assert len(parameters(model, "layers.*")) == 6
    with pytest.raises(ValueError, match=r"Row has no parameters named 'layers\.\*\.bias'"):
        parameters(model, "layers.*.bias")


def test_a_shared_layer_comes_once_under_either_name() -> None:
    model = Row()
    assert len(parameters(model, "head", "again")) == 2
    assert ids(parameters(model, "again")) == ids(parameters(model, "head"))


@pytest.mark.parametrize("name", ["hea", "head.weigh", "layer", "head.weight.x", ""])
def test_what_is_not_there_is_no_part(name: str) -> None:
    with pytest.raises(ValueError, match="Row has no parameters named"):
        freeze(Row(), name)


def test_frozen_parts_have_no_gradient_and_their_norms_no_batches() -> None:
    model = Row()
    frozen = freeze(model, "layers.1", "head.bias")
    held = {name for name, each in model.named_parameters() if not each.requires_grad}
    assert held == {"layers.1.norm.weight", "layers.1.norm.bias", "head.bias"}
    model.train()
    frozen.eval()
    assert [each["norm"].training for each in model.layers] == [True, False, True]
    assert model.head.training
    model.requires_grad_(True)
    frozen.requires_grad_(False)
    assert not model.head.bias.requires_grad and model.head.weight.requires_grad


def test_a_norm_stays_only_where_all_of_it_is_named() -> None:
    model = Row()
    freeze(model, "layers.0.norm.weight").eval()
    assert model.layers[0]["norm"].training


def test_a_group_has_its_parameters_and_settings() -> None:
    model = Row()
    found = group(model, "head", lr=0.5, weight_decay=0)
    assert found == {"params": [model.head.weight, model.head.bias], "lr": 0.5, "weight_decay": 0}


def test_a_layer_that_a_loop_declares_is_frozen_in_every_turn() -> None:
    text = """
data points {
  x: f32[4] = [[1, 2, 3, 4], [2, 3, 4, 5]]
  y: f32[4] = [[1, 2, 3, 4], [2, 3, 4, 5]]
}

model Net {
  input x: f32[N, 4]
  h = x
  for _ in range(3) {
    layer inner = Linear(4)
    h = h -> inner -> tanh -> Linear(4)
  }
  output out = h
}

train Net on points {
  loss = mse_loss(out, y)
  optimizer = SGD(lr=0.1)
  freeze = [inner]
  epochs = 1
}
"""
    program = checked(text).program
    assert program is not None
    (training,) = program.trainings
    assert isinstance(training, ir.TypedTraining)
    assert len(training.frozen) == 6  # a weight and a bias of each of three turns
    assert 'freeze(model, "inners.*")' in package(text).files["train.py"]
