"""Declared predictions: what they are given, and what they say of what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from commands import Said, dlc
from dlc.runtime.artifacts import load_weights
from dlc.runtime.asking import asked, reading, wanted
from dlc.runtime.errors import DataError
from packages import checked, package
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


# Inputs that are given.


def test_an_input_of_a_fields_name_and_type_takes_raw_columns(tmp_path: Path) -> None:
    text = DATA + LINE + "\npredict twice {\n  input x: f32[N, 1]\n"
    run = ran(text + "  output y: f32[N, 1] = 2 * Line(x)\n}\n", tmp_path)
    said = ask(run, '{"x": 3}\n{"x": 7}\n', "--model", "twice")
    assert said.code == 0, said.err
    raw = torch.tensor([[3.0], [7.0]])
    data = torch.arange(1.0, 7)
    scaled = (raw - data.mean()) / data.std(correction=0)
    expected = (2 * line(run, "model")(scaled))[:, 0].tolist()
    assert [each["y"] for each in said.lines] == pytest.approx(expected, rel=1e-5)
    table = tmp_path / "new.csv"
    table.write_text("x\n3\n7\n")
    assert dlc("predict", "--json", run, table, "--model", "twice").lines == said.lines


@pytest.mark.parametrize("written_as", ["z: f32[N, 1]", "z: f32[M, 1]", "x: f32[M, 1, 1]"])
def test_any_other_input_takes_its_values_as_they_are(written_as: str, tmp_path: Path) -> None:
    name = written_as[0]
    flat = "reshape(x, M, 1)" if "1, 1" in written_as else name
    size = "M" if "M" in written_as else "N"
    text = DATA + LINE + f"\npredict as_is {{\n  input {written_as}\n"
    run = ran(text + f"  output y: f32[{size}, 1] = Line({flat})\n}}\n", tmp_path)
    said = ask(run, f'{{"{name}": [3]}}\n{{"{name}": 7}}\n', "--model", "as_is")
    assert said.code == 0, said.err
    expected = line(run, "model")(torch.tensor([[3.0], [7.0]]))[:, 0].tolist()
    assert [each["y"] for each in said.lines] == pytest.approx(expected, rel=1e-5)


SIZES = """
predict scaled {
  input v: f32[M, 1]
  input by: f32
  input shift: f32[2] = ones(2)
  noise = zeros(N, 1)
  output y: f32[M, 1] = Line(v) * by + sum(shift)
  output total: f32 = sum(v) + sum(noise)
}

predict steps {
  input v: f32[M, T]
  output means: f32[M] = mean(v, 1)
}

predict picked {
  input which: class(3)[M]
  input at: token(5)[M, 2]
  output both: i64[M] = which + sum(at, 1)
}
"""


def test_a_scalar_is_given_whole_and_its_records_are_asked_one_by_one(tmp_path: Path) -> None:
    run = ran(DATA + LINE + SIZES, tmp_path)
    said = ask(run, '{"v": 3, "by": 2}\n{"v": [4], "by": -1}\n', "--model", "scaled")
    assert said.code == 0, said.err
    three, four = line(run, "model")(torch.tensor([[3.0], [4.0]]))[:, 0].tolist()
    assert [each["y"] for each in said.lines] == pytest.approx([2 * three + 2, 2 - four], rel=1e-5)
    assert [each["total"] for each in said.lines] == [3.0, 4.0]


def test_records_may_be_of_unlike_sizes_where_the_size_is_open(tmp_path: Path) -> None:
    run = ran(DATA + LINE + SIZES, tmp_path)
    said = ask(run, '{"v": [1, 2, 3]}\n{"v": [5]}\n[2, 4]\n', "--model", "steps")
    assert said.code == 0, said.err
    assert [each["means"] for each in said.lines] == [2.0, 5.0, 3.0]


def test_integers_stay_within_their_bounds(tmp_path: Path) -> None:
    run = ran(DATA + LINE + SIZES, tmp_path)
    said = ask(run, '{"which": 2, "at": [4, 1]}\n{"which": 0, "at": [0, 0]}\n', "--model", "picked")
    assert said.code == 0, said.err
    assert [each["both"] for each in said.lines] == [7, 0]
    wrong = ask(run, '{"which": 3, "at": [4, 1]}\n', "--model", "picked")
    assert wrong.code == 3
    assert "`which` in line 1 of standard input has 3" in wrong.err
    assert "a whole number from 0 to 2" in wrong.err


@pytest.mark.parametrize(
    ("record", "message", "help"),
    [
        ('{"by": 1}', "There is no `v` in line 1 of standard input", "Give it, `v`: [1]"),
        ('{"v": "a", "by": 1}', "not made of numbers", "Give `v`: [1]"),
        ('{"v": [[1], [2, 3]], "by": 1}', "not made of numbers", "Give `v`: [1]"),
        ('{"v": [1, 2], "by": 1}', "has the shape [2]", "Give `v`: [1]"),
        ('{"v": 1, "by": [1, 2]}', "has the shape [2]", "Give `by`: a number"),
        ('{"v": NaN, "by": 1}', "has nan", "Correct the record"),
        ('{"v": null, "by": 1}', "has nan", "Correct the record"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place_and_a_way_out(
    record: str, message: str, help: str, tmp_path: Path
) -> None:
    run = ran(DATA + LINE + SIZES, tmp_path)
    said = ask(run, record + "\n", "--model", "scaled")
    assert said.code == 3
    assert message in said.err and f"help: {help}" in said.err, said.err


def test_what_came_before_a_wrong_record_was_answered(tmp_path: Path) -> None:
    run = ran(DATA + LINE + SIZES, tmp_path)
    said = ask(run, '{"v": [1, 3]}\n{"v": ["x"]}\n', "--model", "steps")
    assert said.code == 3
    assert said.lines == [{"means": 2.0}]


def test_a_derivative_may_be_asked_for(tmp_path: Path) -> None:
    text = (
        DATA
        + LINE
        + (
            "\npredict slope {\n  input v: f32[N, 1]\n"
            "  output at: f32[N, 1] = grad(sum(Line(v)), v)\n}\n"
        )
    )
    run = ran(text, tmp_path)
    said = ask(run, '{"v": 0.5}\n{"v": -1}\n', "--model", "slope")
    assert said.code == 0, said.err
    points = torch.tensor([[0.5], [-1.0]], requires_grad=True)
    (expected,) = torch.autograd.grad(line(run, "model")(points).sum(), points)
    assert [each["at"] for each in said.lines] == pytest.approx(expected[:, 0].tolist(), rel=1e-5)


# Numbers of records.

DRAW = """
predict draw {
  input z: f32[N, 1] = randn(N, 1)
  output z2: f32[N, 1] = z * 2
  output made: f32[N, 1] = Line(z)
}
"""


def test_a_prediction_that_is_given_nothing_is_told_how_many(tmp_path: Path) -> None:
    run = ran(DATA + LINE + DRAW, tmp_path)
    said = dlc("predict", "--json", run, 300, "--model", "draw")
    assert said.code == 0, said.err
    assert len(said.lines) == 300
    drawn = torch.tensor([[each["z2"] / 2] for each in said.lines])
    assert 0.8 < drawn.std() < 1.2
    expected = line(run, "model")(drawn)[:, 0].tolist()
    assert [each["made"] for each in said.lines] == pytest.approx(expected, rel=1e-4)
    assert dlc("predict", "--json", run, 300, "--model", "draw").lines == said.lines


@pytest.mark.parametrize("given", ["0", "-3", "many", "1.5", "new.csv"])
def test_what_is_no_number_of_records_is_told(given: str, tmp_path: Path) -> None:
    run = ran(DATA + LINE + DRAW, tmp_path)
    said = dlc("predict", "--model", "draw", "--", run, given)
    assert said.code == 3
    assert f"`{given}` is no number of them" in said.err and "dlc predict RUN 16" in said.err


def test_what_is_not_by_record_is_given_once_a_record(tmp_path: Path) -> None:
    text = (
        DATA
        + LINE
        + (
            "\npredict grid {\n  v = linspace(0, 1, 3)\n"
            "  output y: f32[3, 1] = Line(v[:, None])\n}\n"
        )
    )
    run = ran(text, tmp_path)
    said = dlc("predict", "--json", run, 2, "--model", "grid")
    assert said.code == 0, said.err
    expected = line(run, "model")(torch.tensor([[0.0], [0.5], [1.0]])).tolist()
    assert len(said.lines) == 2
    assert torch.allclose(torch.tensor(said.lines[0]["y"]), torch.tensor(expected), atol=1e-6)


# The runtime's own.


def test_values_come_nested_or_flat() -> None:
    nested = asked("v", [{"v": [[1, 2], [3, 4]]}, {"v": [5, 6, 7, 8]}], (2, 2))
    assert nested.tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    assert asked("v", [{"v": 3}], (), torch.int64).dtype == torch.int64
    assert asked("v", [{"v": "2.5"}], ()).tolist() == [2.5]
    assert asked("v", [{"v": [1, 2]}], (None,)).shape == (1, 2)
    with pytest.raises(DataError, match=r"has the shape \[2\]"):
        asked("v", [{"v": [1, 2]}], (None, 2))


def test_a_record_of_a_number_of_wanted_ones_is_one_argument() -> None:
    assert wanted(["12"]) == 12
    with pytest.raises(DataError, match="no number"):
        wanted(["1", "2"])


def test_inputs_are_read_beside_the_fields_of_the_data() -> None:
    found = reading(None, ["a", "b"])
    assert list(found.fields) == ["a", "b"]
    assert found.fields["a"].selection.names() == ["a"]


def test_a_procedure_of_steps_alone_is_the_packages_prediction() -> None:
    text = DATA + (
        "\ntrain L = Line() on points {\n  step L {\n    loss = mse_loss(L(x), y)\n"
        "    optimizer = SGD(lr=0.1)\n  }\n  epochs = 1\n}\n"
    )
    assert "predict.py" not in package(text).files
    made = package(text + DRAW.replace("Line(", "L(")).files
    assert [each for each in made if each.startswith("predict")] == ["predict.py"]
    assert checked(text).ok
