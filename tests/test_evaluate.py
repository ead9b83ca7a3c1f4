"""`dlc eval`: a split measured again, as training measured it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from commands import dlc
from dlc.runtime.artifacts import save_weights
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.evaluate import launch_evaluation, table
from dlc.runtime.sources import Literal
from dlc.runtime.steps import Standardize
from torch import nn

FRUIT = """\
data fruit from csv("fruit.csv") {
  x: f32[2] = [weight, width] -> standardize
  kind: class("apple", "pear", "quince")
  split = random(train=0.6, validation=0.2, test=0.2, seed=0)
}

model Fruit {
  input x: f32[N, 2]
  output p: f32[N, 3] = x -> Linear(8) -> tanh -> Linear(3)
}

train Fruit on fruit {
  loss = cross_entropy(p, kind)
  optimizer = Adam(lr=0.05)
  metrics = [accuracy, f1_score, confusion_matrix]
  epochs = 8
}
"""
NAMES = ("apple", "pear", "quince")


def rows(count: int, seed: int) -> str:
    draw = np.random.default_rng(seed)
    lines = ["weight,width,kind"]
    for _ in range(count):
        kind = int(draw.integers(3))
        weight, width = draw.normal(100 + 40 * kind, 12), draw.normal(6 + kind, 0.6)
        lines.append(f"{weight:.2f},{width:.2f},{NAMES[kind]}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def fruit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the spec; its folder."""
    folder = tmp_path_factory.mktemp("fruit")
    (folder / "fruit.dl").write_text(FRUIT)
    (folder / "fruit.csv").write_text(rows(100, seed=1))
    said = dlc("run", folder / "fruit.dl", "-q", "--out", folder / "runs")
    assert said.code == 0, said.err
    (run,) = (folder / "runs" / "fruit").iterdir()
    return run


def status(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "status.json").read_text())["results"]
    return found


@pytest.mark.parametrize("split", ["test", "validation"])
def test_a_split_has_the_measures_that_training_ended_with(fruit: Path, split: str) -> None:
    said = dlc("eval", fruit, "--split", split, "--json")
    assert said.code == 0, said.err
    (found,) = said.lines
    assert found == {"split": split, **status(fruit)[split]}
    assert np.sum(found["confusion_matrix"]) == 20


def test_without_a_split_it_is_the_test_split(fruit: Path) -> None:
    assert dlc("eval", fruit, "--json").lines[0]["split"] == "test"


def test_the_training_split_can_be_measured_too(fruit: Path) -> None:
    (found,) = dlc("eval", fruit, "--split", "train", "--json").lines
    assert np.sum(found["confusion_matrix"]) == 60
    assert np.trace(found["confusion_matrix"]) / 60 == pytest.approx(found["accuracy"])


def test_a_person_reads_aligned_measures_and_a_table_with_labels(fruit: Path) -> None:
    said = dlc("eval", fruit).out.splitlines()
    assert said[0] == "test (20 records)"
    assert [line.split()[0] for line in said[1:4]] == ["loss", "accuracy", "f1_score"]
    assert len({line.rindex(" ") for line in said[1:4]}) == 1, "in one column"
    assert said[5].split() == list(NAMES)
    assert [line.split()[0] for line in said[6:]] == list(NAMES)
    matrix = [[int(cell) for cell in line.split()[1:]] for line in said[6:]]
    assert matrix == status(fruit)["test"]["confusion_matrix"]


def test_a_spec_means_its_newest_run(fruit: Path) -> None:
    folder = fruit.parents[2]
    by_spec = dlc("eval", folder / "fruit.dl", "--out", folder / "runs")
    assert by_spec == dlc("eval", fruit)
    assert by_spec.code == 0


def test_the_best_weights_can_be_measured(fruit: Path) -> None:
    """Those of the epoch with the least validation loss, as `metrics.jsonl` has it."""
    lines = map(json.loads, (fruit / "metrics.jsonl").read_text().splitlines())
    least = min(line["validation"]["loss"] for line in lines)
    said = dlc("eval", fruit, "--split", "validation", "--weights", "best", "--json")
    assert said.lines[0]["loss"] == pytest.approx(least, rel=1e-6)


def test_data_given_anew_goes_through_the_steps_that_training_fitted(
    fruit: Path, tmp_path: Path
) -> None:
    run = moved(fruit, tmp_path)
    (tmp_path / "new").mkdir()
    text = rows(30, seed=2)
    (tmp_path / "new" / "fruit.csv").write_text(text)
    said = dlc("eval", run, "--data", tmp_path / "new", "--split", "train", "--json")
    assert said.code == 0, said.err
    (found,) = said.lines
    # The same rows, predicted: what is measured follows from the steps of the run alone.
    predicted = dlc("predict", run, tmp_path / "new" / "fruit.csv", "--json").lines
    right = [
        each["p"] == row.split(",")[2]
        for each, row in zip(predicted, text.split()[1:], strict=True)
    ]
    every = [
        dlc("eval", run, "--data", tmp_path / "new", "--split", name, "--json").lines[0]
        for name in ("train", "validation", "test")
    ]
    hits = sum(np.trace(each["confusion_matrix"]) for each in every)
    assert hits == sum(right)
    assert found == every[0]


def moved(run: Path, to: Path) -> Path:
    """A copy of a run far from its data."""
    shutil.copytree(run, to / "run")
    environment = to / "run" / "env.json"
    kept = json.loads(environment.read_text())
    environment.write_text(json.dumps({**kept, "folders": []}))
    return to / "run"


def test_data_that_is_gone_is_told_with_a_way_out(fruit: Path, tmp_path: Path) -> None:
    said = dlc("eval", moved(fruit, tmp_path))
    assert said.code == 3
    assert said.out == ""
    assert "The file fruit.csv is not there" in said.err
    assert "--data" in said.err


def test_a_split_that_the_data_does_not_have_is_a_fault_of_use(tmp_path: Path) -> None:
    (tmp_path / "fruit.csv").write_text(rows(20, seed=1))
    spec = tmp_path / "fruit.dl"
    spec.write_text(
        FRUIT.replace("  split = random(train=0.6, validation=0.2, test=0.2, seed=0)\n", "")
    )
    assert dlc("run", spec, "-q", "--out", tmp_path / "runs").code == 0
    said = dlc("eval", spec, "--split", "test", "--out", tmp_path / "runs")
    assert said.code == 2
    assert said.out == ""
    assert said.err == ("error: The data of this run has no test split.\nhelp: It has: train.\n")
    assert dlc("eval", spec, "--out", tmp_path / "runs").out.startswith("train (20 records)")


def test_a_run_that_is_not_there_is_a_fault_of_use(tmp_path: Path) -> None:
    said = dlc("eval", tmp_path / "no.dl", "--out", tmp_path)
    assert said.code == 2
    assert "no run folder" in said.err


FOLDS = FRUIT.replace(
    "random(train=0.6, validation=0.2, test=0.2, seed=0)", "k_fold(4, seed=0)"
).replace("epochs = 8", "epochs = 2")


def test_folds_are_told_as_they_were_pooled(tmp_path: Path) -> None:
    (tmp_path / "fruit.csv").write_text(rows(40, seed=1))
    (tmp_path / "fruit.dl").write_text(FOLDS)
    said = dlc("run", tmp_path / "fruit.dl", "-q", "--out", tmp_path / "runs")
    assert said.code == 0, said.err
    (run,) = (tmp_path / "runs" / "fruit").iterdir()
    found = dlc("eval", run, "--json").lines[0]
    assert found == {"split": "test", **status(run)["test"]}
    assert np.sum(found["confusion_matrix"]) == 40, "each record was held out once"
    assert dlc("eval", run).out.startswith("Over all 4 folds, measured while training")
    assert dlc("eval", run, "--split", "validation").code == 2


# Without a command line

TARGETS = {"y_hat": "y"}
points = Dataset(
    Literal(x=[1, 2, 3], y=[2, 4, 9]),
    {"x": Field("x", Standardize(), shape=(1,)), "y": Field("y", shape=(1,))},
)


def build() -> dict[str, nn.Module]:
    return {"G": nn.Linear(1, 1), "D": nn.Linear(1, 1)}


def evaluate(G: nn.Module, D: nn.Module, split: Any) -> dict[str, torch.Tensor]:
    return {"loss": (D(G(split.x)) - split.y).detach().pow(2).mean()}


def kept(folder: Path) -> dict[str, nn.Module]:
    """Two models, saved as a run saves them."""
    torch.manual_seed(1)
    models = build()
    (folder / "checkpoints").mkdir()
    save_weights(
        folder / "checkpoints" / "last.pt",
        {name: model.state_dict() for name, model in models.items()},
    )
    points.load([])
    (folder / "checkpoints" / "data.json").write_text(json.dumps(points.state()))
    return models


def test_several_models_are_measured_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = kept(tmp_path)
    wanted = evaluate(**models, split=points.load([]).train)
    assert launch_evaluation(build, evaluate, run=str(tmp_path), device="cpu", as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"split": "train", "loss": wanted["loss"].item()}


def test_a_training_that_measures_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path)
    assert launch_evaluation(build, None, run=str(tmp_path), device="cpu") == 3
    assert "measures nothing" in capsys.readouterr().err


def test_weights_of_another_model_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path)
    save_weights(tmp_path / "checkpoints" / "last.pt", {"G": nn.Linear(2, 1).state_dict()})
    assert launch_evaluation(build, evaluate, run=str(tmp_path), device="cpu") == 3
    assert "another model" in capsys.readouterr().err


def test_measures_that_are_no_numbers_are_shown_as_such() -> None:
    lines = table({"loss": float("nan"), "r2": 0.5}, ())
    assert lines == ["  loss  nan", "  r2    0.5"]


def test_a_matrix_without_labels_has_numbers() -> None:
    lines = table({"confusion_matrix": [[10, 2], [0, 7]]}, ("one",))
    assert lines[1:] == ["        0  1", "    0  10  2", "    1   0  7"]


VIEWED = """\
data made {
  x: f32[2] = [[0, 0], [0, 1], [1, 0], [1, 1], [2, 1]]
  flat: f32 = [0, 10, 10, 0, 30] -> standardize
  yes: f32[1] = [0, 1, 1, 0, 1]
  kinds: class(3)[2] = [[0, 1], [1, 2], [2, 0], [1, 1], [0, 0]]
}

model Net {
  input x: f32[N, 2]
  output o: f32[N, SHAPE] = x -> Linear(WIDTH) -> reshape(N, SHAPE)
}

train Net on made {
  loss = LOSS
  optimizer = SGD(lr=0.01)
  metrics = [METRIC]
  epochs = 2
}
"""
X = [[0, 0], [0, 1], [1, 0], [1, 1], [2, 1]]


@pytest.mark.parametrize(
    ("shape", "loss", "metric", "target"),
    [
        ("1", "mse_loss(reshape(o, N), flat)", "mean_absolute_error", [0, 10, 10, 0, 30]),
        ("1", "binary_cross_entropy_with_logits(o, yes)", "accuracy", [0, 1, 1, 0, 1]),
        (
            "2, 3",
            "cross_entropy(o -> permute(0, 2, 1), kinds)",
            "accuracy",
            [[0, 1], [1, 2], [2, 0], [1, 1], [0, 0]],
        ),
    ],
)
def test_metrics_compare_what_predictions_say_whatever_shape_the_loss_saw(
    tmp_path: Path, shape: str, loss: str, metric: str, target: list[Any]
) -> None:
    """The metric, computed here from what `dlc predict` prints for the same records."""
    width = str(np.prod([int(each) for each in shape.split(",")]))
    text = VIEWED.replace("SHAPE", shape).replace("WIDTH", width).replace("LOSS", loss)
    (tmp_path / "made.dl").write_text(text.replace("METRIC", metric))
    said = dlc("run", tmp_path / "made.dl", "-q", "--out", tmp_path / "runs")
    assert said.code == 0, said.err
    typed = "\n".join(map(json.dumps, X)).encode()
    (run,) = (tmp_path / "runs" / "made").iterdir()
    lines = dlc("predict", run, "-", "--json", stdin=typed).lines
    found, wanted = np.array([each["o"] for each in lines], float), np.array(target, float)
    if loss.startswith("binary"):
        found = (found > 0.5).astype(float)
    by_hand = np.abs(found - wanted).mean() if metric != "accuracy" else (found == wanted).mean()
    assert dlc("eval", run, "--json").lines[0][metric] == pytest.approx(by_hand)
