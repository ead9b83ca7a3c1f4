"""Expectations: what holds, what does not, and what is never true of nan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import TRAINED, dlc
from dlc.runtime.expect import OPERATORS, expected

NAN = float("nan")


@pytest.mark.parametrize(
    ("measured", "operator", "bound", "holds"),
    [
        (0.98, ">=", 0.98, True),
        (0.979, ">=", 0.98, False),
        (3, "==", 3.0, True),
        (3, "!=", 3, False),
        (float("inf"), ">", 1e308, True),
        ("dogs", "==", "dogs", True),
        ("dogs", "!=", "cats", True),
        ("dogs", "==", "cats", False),
        (3, "==", "3", True),  # a label that is a number, written as text
        (3, "!=", "3", False),
        ("dogs", ">", "cats", False),
        ("dogs", ">", 3, False),
        ("dogs", "!=", 3, False),
        ([1.0, 2.0], "==", 1, False),
        ([1.0, 2.0], "<", 9, False),
        (None, "!=", 1, False),
    ],
)
def test_numbers_meet_bounds_and_labels_their_texts(
    measured: Any, operator: str, bound: Any, holds: bool
) -> None:
    assert expected("words", measured, operator=operator, bound=bound).holds is holds


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("bound", [1.0, NAN, "nan"])
def test_nan_meets_no_bound(operator: str, bound: Any) -> None:
    assert not expected("words", NAN, operator=operator, bound=bound).holds


@pytest.mark.parametrize(
    ("measured", "holds"),
    [(13.5, True), (14.5, True), (13.49, False), (NAN, False), ("14", False), ([14.0], False)],
)
def test_what_is_within_reach_holds_with_its_ends(measured: Any, holds: bool) -> None:
    assert expected("words", measured, of=14, tolerance=0.5).holds is holds


def test_an_expectation_tells_its_words_its_place_and_what_was_measured() -> None:
    found = expected("x > 1", 0.123456789, operator=">", bound=1, place="a.dl:7")
    assert found.text() == "a.dl:7: expect x > 1: DOES NOT HOLD, measured 0.123457"
    assert found.as_json() == {
        "expect": "x > 1",
        "measured": 0.123456789,
        "holds": False,
        "place": "a.dl:7",
    }


SPEC = """\
data mood {
  tokens: token(12)[3] = ["good film", "bad film", "so good", "so bad"]
                         -> words -> vocabulary(12) -> pad(3)
  label: class("no", "yes") = ["yes", "no", "yes", "no"]
  stars: f32[1] = [4, 1, 5, 2] -> standardize
}

model Mood {
  input tokens: token(12)[N, 3]
  output odds: f32[N]
  output p: f32[N, 2]
  output worth: f32[N, 1]
  h = tokens -> Embedding(4) -> flatten(1) -> Linear(8) -> tanh
  odds = h -> Linear(1) -> reshape(N)
  p = h -> Linear(2)
  worth = h -> Linear(1)
}

train Mood on mood {
  loss = binary_cross_entropy_with_logits(odds, label) + cross_entropy(p, label)
       + mse_loss(worth, stars)
  optimizer = Adam(lr=0.05)
  metrics = [accuracy]
  epochs = 150
}

expect {
  predict(tokens="so good").odds > 0.9
  predict(tokens="so bad").odds.label == "no"
  predict(tokens="so good").p == "yes"
  predict(tokens="so bad").p.label != "yes"
  predict(tokens="good film").worth within 0.5 of 4
  train.accuracy == 1
}
"""


def test_expectations_read_predictions_and_measures(tmp_path: Path) -> None:
    (tmp_path / "mood.dl").write_text(SPEC)
    said = dlc("run", tmp_path / "mood.dl", "--json", "--out", tmp_path / "runs")
    assert said.code == 0, said.err + said.out
    found = said.lines[-1]["expectations"]
    assert [each["holds"] for each in found] == [True] * 6
    assert [each["measured"] for each in found][1:4] == ["no", "yes", "no"]
    assert 0.9 < found[0]["measured"] <= 1, "the probability of the second label"


def test_an_expectation_that_does_not_hold_fails_the_run_and_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mood.dl").write_text(SPEC.replace('label == "no"', 'label == "yes"'))
    said = dlc("run", tmp_path / "mood.dl", "-q", "--out", tmp_path / "runs")
    assert said.code == 3
    assert "DOES NOT HOLD, measured no" in said.err
    (run,) = (tmp_path / "runs" / "mood").iterdir()
    kept = json.loads((run / "status.json").read_text())["expectations"]
    assert [each["holds"] for each in kept] == [True, False, True, True, True, True]


PROCEDURE = """
predict tries {
  input x: f32[N, 1] = randn(N, 1)
  output found: f32[N, 1] = Line(x)
}

expect {
  predict(x=1).y_hat < 100
  max(tries(20).found) < 100
  min(tries(20).found) > 100
}
"""


def test_an_expectation_of_a_procedure_runs_it(tmp_path: Path) -> None:
    (tmp_path / "line.dl").write_text(TRAINED + PROCEDURE)
    said = dlc("run", tmp_path / "line.dl", "--json", "--out", tmp_path / "runs")
    assert said.code == 3
    assert [each["holds"] for each in said.lines[-1]["expectations"]] == [True, True, False]
