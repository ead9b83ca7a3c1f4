"""Parts of models: their paths are torch's, and each parameter is frozen or in one group."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from dlc.compiler import ir
from dlc.compiler.plan.names import variable
from dlc.compiler.shapes.parts import weights
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import SPECS, checked, imported, package, package_of, written

NET = """\
data points {
  x: f32[3, 8, 8] = PICTURES
  y: f32[1] = [1, 2, 3]
}

block Stage(out: int) = Conv2d(out, 3, padding=1) -> BatchNorm2d -> relu

model Net {
  input x: f32[N, 3, 8, 8]
  layer encoder = Stage(4) -> Stage(4)
  layer head = Linear(1)
  weight scale: f32[1] = 1
  h = x -> encoder -> Stage(2)
  output y_hat: f32[N, 1] = (h -> mean([2, 3]) -> head) * scale
}

train Net on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.01)
  KEYS
  epochs = 1
}
"""
ONE = [[[0.5] * 8] * 8] * 3
NET = NET.replace("PICTURES", str([ONE, ONE, ONE]))
ALONE = NET[: NET.index("train Net")]


def said(keys: str) -> list[str]:
    """The codes of all that is wrong with the training under these keys."""
    found = checked(NET.replace("KEYS", keys)).diagnostics
    return [each.code for each in found if each.severity == "error"]


def paths() -> list[str]:
    program = checked(NET.replace("KEYS", "")).program
    assert program is not None
    (training,) = program.trainings
    assert isinstance(training, ir.TypedTraining)
    return [each.name for each in weights(training.network)]


PATHS = paths()


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_the_parameters_are_those_of_the_emitted_module(spec: Path, tmp_path: Path) -> None:
    program = checked(spec.read_text(encoding="utf-8"), name=spec.name).program
    assert program is not None
    module = imported(written(package_of(spec), tmp_path), "model")
    for name, model in program.models.items():
        made = getattr(module, variable(name))()
        # A name that Python needs for itself has a `_` behind it.
        there = {
            path.replace("_.", "."): tuple(each.shape) for path, each in made.named_parameters()
        }
        here = {each.name: tuple(s.value for s in each.shape) for each in weights(model.network)}
        assert here == there


def test_weights_of_ones_own_and_shared_layers_are_listed_once(tmp_path: Path) -> None:
    module = imported(written(package(NET.replace("KEYS", "")), tmp_path), "model")
    there = [path for path, _ in module.Net().named_parameters()]
    assert sorted(PATHS) == sorted(there)
    assert "scale" in PATHS and "head.weight" in PATHS


@pytest.mark.parametrize(
    ("part", "count"),
    [
        ("head", 2),
        ("head.weight", 1),
        ("scale", 1),
        ("encoder", 8),
        ("encoder.stage1", 4),
        ("encoder.stage1.conv1.bias", 1),
        ("stage1", 4),
        ("Stage", 12),
        ("Conv2d", 6),
        ("Conv2d.bias", 3),
        ("BatchNorm2d", 6),
        ("Stage.conv1", 6),
        ("encoder.Conv2d", 0),
        ("conv1", 0),
        ("relu", 0),
        ("Net", 0),
        ("x", 0),
        ("head.bais", 0),
    ],
)
def test_a_part_is_named_from_the_root_or_by_its_kind(part: str, count: int) -> None:
    """All else is in a group of its own, so that one in two, or none, would be seen."""
    if not count:
        assert said(f"freeze = [{part}]") == ["D0548"]
        return
    mine = [each for each in PATHS if said(f"freeze = [{part}, {each}]") == ["D0546"]]
    assert len(mine) == count


@given(st.sets(st.sampled_from(PATHS)), st.sets(st.sampled_from(PATHS)))
@settings(max_examples=40, deadline=None)
def test_each_parameter_is_in_one_group_or_frozen(frozen: set[str], first: set[str]) -> None:
    """Groups of single parameters: right exactly where they part what is not frozen."""
    second = set(PATHS) - frozen - first
    parts = [", ".join(sorted(each)) for each in (first, second) if each]
    keys = f"groups = [{', '.join(f'group({each}, lr=0.1)' for each in parts)}]"
    if frozen:
        keys += f"\n  freeze = [{', '.join(sorted(frozen))}]"
    if len(frozen) == len(PATHS):
        expected = ["D0549"] if parts else ["D0547", "D0549"]
    elif first & frozen:
        expected = ["D0550"]
    else:
        expected = []
    assert said(keys) == expected


@pytest.mark.parametrize("left", PATHS)
def test_a_parameter_in_no_group_is_told(left: str) -> None:
    parts = ", ".join(each for each in PATHS if each != left)
    found = checked(NET.replace("KEYS", f"groups = [group({parts}, lr=0.1)]")).diagnostics
    (wrong,) = [each for each in found if each.severity == "error"]
    assert wrong.code == "D0550"
    assert wrong.values["path"] == left


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("groups = group(Net)", "D0547"),
        ("groups = []", "D0547"),
        ("groups = [part(head)]", "D0547"),
        ('groups = [group("head", lr=0.1)]', "D0547"),
        ("groups = [group(head, lr=-1)]", "D0308"),
        ("groups = [group(head, betas=(0.9, 0.99))]", "D0304"),
        ("groups = [group(hats, lr=0.1)]", "D0548"),
        ("freeze = encoder", "D0547"),
        ("freeze = []", "D0547"),
        ("freeze = [encoder, 3]", "D0547"),
        ("freeze = [encoder, encoder]", "D0546"),
    ],
)
def test_wrong_parts_are_refused(keys: str, code: str) -> None:
    assert said(keys) == [code]


def test_a_group_takes_what_its_optimizer_takes() -> None:
    rest = ", ".join(each for each in PATHS if not each.startswith("head"))
    keys = f"groups = [group(head, lr=0.1, momentum=0.9), group({rest})]"
    assert said(keys) == []
    assert said(keys.replace("momentum", "mometum")) == ["D0304"]
    made = checked(NET.replace("KEYS", keys)).program
    assert made is not None
    first, second = made.trainings[0].options["groups"]  # type: ignore[union-attr]
    assert dict(first.arguments) == {"lr": 0.1, "momentum": 0.9}
    assert dict(second.arguments) == {}
    torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)], **first.arguments}], lr=1)


def test_in_steps_a_part_begins_with_its_model() -> None:
    steps = (
        ALONE
        + """
train A = Net(), B = Net() on points {
  step A {
    loss = mse_loss(A(x), y) + mse_loss(B(x), y) * 0
    optimizer = SGD(lr=0.1)
  }
  step B {
    loss = mse_loss(B(x), y)
    optimizer = SGD(lr=0.1)
  }
  freeze = [PART]
  epochs = 1
}
"""
    )
    for part, codes in (
        ("A.head", []),
        ("Conv2d", []),
        ("Net.head", []),
        ("A", ["D0549"]),
        ("Net", ["D0549"]),
        ("head", ["D0548"]),
        ("C.head", ["D0548"]),
    ):
        found = checked(steps.replace("PART", part)).diagnostics
        assert [each.code for each in found if each.severity == "error"] == codes, part
