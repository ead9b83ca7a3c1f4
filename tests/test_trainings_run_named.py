"""Which of several is asked and measured; models under other names; sweeps; what is expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import Said, dlc
from dlc.runtime.artifacts import load_weights
from packages import imported, package, written
from torch import nn

DATA = """\
data points {
  x: f32[1] = [1, 2, 3, 4, 5, 6] -> standardize
  y: f32[1] = [2, 4, 6, 8, 10, 12]
}

data kinds {
  x: f32[1] = [1, 2, 3, 4]
  kind: class("low", "high") = ["low", "low", "high", "high"]
}

model Line(width: int = 4) {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(width) -> tanh -> Linear(1)
}

model Kind {
  input x: f32[N, 1]
  output scores: f32[N, 2] = x -> Linear(2)
}
"""
LINE = """
train Line on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=0.01)
  metrics = [mean_absolute_error]
  epochs = 2
}
"""
WIDE = LINE.replace("Line on", "Wide = Line(width=9) on")
KIND = """
train Kind on kinds {
  loss = cross_entropy(scores, kind)
  optimizer = Adam(lr=0.1)
  metrics = [accuracy]
  epochs = 2
}
"""


def ran(text: str, folder: Path, code: int = 0) -> Path:
    """The folder of a run that ended with this code."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "spec.dl"
    spec.write_text(text, encoding="utf-8")
    said = dlc("run", "-q", spec, "--out", folder / "runs")
    assert said.code == code, said.err
    (run,) = (folder / "runs" / "spec").iterdir()
    return run


def line(run: Path, key: str, width: int = 4) -> nn.Module:
    """The model of a run in plain torch."""
    found: Any = load_weights(run / "checkpoints" / "last.pt")
    module = nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, 1))
    module.load_state_dict(dict(zip(module.state_dict(), found[key].values(), strict=True)))
    return module.eval()


def ask(run: Path, text: str, *options: str) -> Said:
    return dlc("predict", "--json", run, "-", *options, stdin=text.encode())


DRAW = """
predict draw {
  input z: f32[N, 1] = randn(N, 1)
  output z2: f32[N, 1] = z * 2
  output made: f32[N, 1] = Line(z)
}
"""


# Which is asked.


def test_without_a_name_the_last_model_is_asked_and_measured(tmp_path: Path) -> None:
    run = ran(DATA + LINE + KIND + WIDE + DRAW, tmp_path)
    last = ask(run, '{"x": 3}\n')
    assert last.lines == ask(run, '{"x": 3}\n', "--model", "Wide").lines
    assert last.lines != ask(run, '{"x": 3}\n', "--model", "Line").lines
    assert set(ask(run, '{"x": 3}\n', "--model", "Kind").lines[0]) == {
        "scores",
        "scores.probabilities",
    }
    measured = {name: dlc("eval", "--json", run, "--model", name).lines[0] for name in NAMES}
    assert dlc("eval", "--json", run).lines[0] == measured["Wide"]
    results = json.loads((run / "status.json").read_text())["results"]
    assert measured["Kind"]["accuracy"] == results["kind"]["train"]["accuracy"]
    assert set(measured["Line"]) == {"split", "loss", "mean_absolute_error"}
    assert measured["Line"]["loss"] != measured["Wide"]["loss"]


NAMES = ("Line", "Kind", "Wide")


@pytest.mark.parametrize("command", ["predict", "eval"])
@pytest.mark.parametrize("several", [True, False])
def test_a_name_that_there_is_not_is_told_with_those_that_there_are(
    command: str, several: bool, tmp_path: Path
) -> None:
    run = ran(DATA + LINE + (KIND if several else ""), tmp_path)
    given = ["-"] if command == "predict" else []
    said = dlc(command, run, *given, "--model", "Cnn")
    assert said.code == 2
    assert "has no `Cnn`" in said.err
    assert ("there is: Line, Kind" if several else "leave out --model") in said.err
    assert dlc(command, run, *given, "--model", "Line", stdin=b'{"x": 1}\n').code == 0


def test_a_prediction_is_not_measured(tmp_path: Path) -> None:
    run = ran(DATA + LINE + DRAW, tmp_path)
    said = dlc("eval", run, "--model", "draw")
    assert said.code == 2 and "there is: Line" in said.err


# A model under another name, and sweeps.


def test_a_model_under_another_name_is_its_class_with_its_hyperparameters(tmp_path: Path) -> None:
    text = DATA + WIDE + "\nexpect {\n  Wide.train.loss < 1000\n  parameters(Wide) == 28\n}\n"
    run = ran(text, tmp_path)
    module = line(run, "Wide", width=9)
    said = ask(run, '{"x": 3}\n', "--model", "Wide")
    data = torch.arange(1.0, 7)
    scaled = (torch.tensor([[3.0]]) - data.mean()) / data.std(correction=0)
    assert said.lines[0]["y_hat"] == pytest.approx(module(scaled).item(), rel=1e-5)
    assert dlc("eval", run, "--model", "Wide").code == 0
    home = written(package(text), tmp_path / "code")
    assert type(imported(home, "predict").build()).__name__ == "Line"


def test_the_same_definition_under_two_names_is_two_models(tmp_path: Path) -> None:
    run = ran(DATA + LINE + WIDE, tmp_path)
    found: Any = load_weights(run / "checkpoints" / "last.pt")
    shapes = {name: next(iter(state.values())).shape for name, state in found.items()}
    assert shapes == {"Line": (4, 1), "Wide": (9, 1)}


SWEEP = (
    "param rate = 0.01\n"
    + DATA
    + LINE.replace("lr=0.01", "lr=rate")
    + "\nsweep {\n  rate in log(1e-3, 1e-1)\n  minimize train.loss\n  trials = 3\n}\n"
)


def test_a_sweep_leaves_the_params_their_own_values(tmp_path: Path) -> None:
    plain = SWEEP[: SWEEP.index("\nsweep")] + "\n"
    assert package(SWEEP).files == package(plain).files
    assert "lr=0.01" in package(SWEEP).files["train.py"]
    assert "lr=0.05" in package(SWEEP, ["rate=0.05"]).files["train.py"]


def test_a_run_says_that_the_search_is_not_run(tmp_path: Path) -> None:
    spec = tmp_path / "spec.dl"
    spec.write_text(SWEEP, encoding="utf-8")
    said = dlc("run", spec, "--out", tmp_path / "runs")
    assert said.code == 0, said.err
    assert "note: the `sweep` is not run" in said.out
    quiet = dlc("run", "-q", spec, "--out", tmp_path / "runs")
    assert "sweep" not in quiet.out + quiet.err


# Expectations.

EXPECTED = """
expect {
  Line.train.loss < 100000
  Kind.train.accuracy >= 0.0
  predict(x=3).y_hat within 100000 of 0
  predict(x=3).scores.label != "middle"
  mean(draw(20).z2) within 3 of 0
  parameters(Kind) == 4
}
"""


def test_expectations_are_held_against_the_model_that_they_name(tmp_path: Path) -> None:
    run = ran(DATA + LINE + KIND + DRAW + EXPECTED, tmp_path)
    status = json.loads((run / "status.json").read_text())
    found = {each["expect"]: each["measured"] for each in status["expectations"]}
    assert found["Line.train.loss < 100000"] == status["results"]["line"]["train"]["loss"]
    assert found["Kind.train.accuracy >= 0.0"] == status["results"]["kind"]["train"]["accuracy"]
    asked = ask(run, '{"x": 3}\n', "--model", "Line").lines[0]["y_hat"]
    assert found["predict(x=3).y_hat within 100000 of 0"] == pytest.approx(asked, rel=1e-5)
    assert len(found) == 5


def test_an_expectation_of_a_model_trained_twice_is_of_its_last_training(tmp_path: Path) -> None:
    again = LINE.replace("on points", "on kinds").replace("mse_loss(y_hat, y)", "mean(y_hat ** 2)")
    again = again.replace("  metrics = [mean_absolute_error]\n", "")
    text = DATA + LINE + again + "\nexpect {\n  Line.train.loss < -1\n}\n"
    run = ran(text, tmp_path, code=3)
    status = json.loads((run / "status.json").read_text())
    (only,) = status["expectations"]
    assert only["measured"] == status["results"]["line_on_kinds"]["train"]["loss"]
    assert status["status"] == "expectations failed"


@pytest.mark.parametrize("name", ["predict_kind", "line", "build", "asked", "Models", "rows"])
def test_a_prediction_and_its_input_may_have_any_name(name: str, tmp_path: Path) -> None:
    text = (
        DATA
        + LINE
        + KIND
        + (
            f"\npredict {name} {{\n  input {name}: f32[N, 1]\n  input x: f32[N, 1]\n"
            f"  output y: f32[N, 1] = Line(x) + {name}\n}}\n"
            f"\npredict draw {{\n  output y: f32[N, 1] = Line(ones(N, 1))\n}}\n"
            '\nexpect {\n  predict(x=1).scores.label != "none"\n  mean(draw(3).y) < 1000\n}\n'
        )
    )
    run = ran(text, tmp_path)
    said = ask(run, f'{{"{name}": 100, "x": 2}}\n', "--model", name)
    assert said.code == 0, said.err
    assert 80 < said.lines[0]["y"] < 120
