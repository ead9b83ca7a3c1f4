"""Names of a spec that the code of its keys uses too: both mean what they should."""

from __future__ import annotations

from pathlib import Path

import pytest
from keyed import spec
from packages import package, trained, written

WORDS = """
    half ema frozen scaler group freeze autocast parser given STEPS ACCUMULATE GradScaler
    deterministic compile_model load_pretrained clip_grad_norm_ binary_cross_entropy WeightMean
    ArgumentParser schedule stopping vars launch run
""".split()
KEYS = (
    "steps = 8; precision = f16; clip_norm = 1.0; accumulate = 2; ema = 0.9; "
    "freeze = [encoder]; schedule = cosine(); early_stopping = patience(1, on=validation.loss); "
    "groups = [group(linear1, LayerNorm, lr=0.1), group(head)]"
)
STEPS = """\
data points {
  x: f32[1] = range(8) -> standardize
}

model Maker {
  input z: f32[N, 1]
  output made: f32[N, 1] = z -> Linear(2) -> BatchNorm1d -> sigmoid -> Linear(1) -> sigmoid
}

train WORD = Maker(), other = Maker() on points {
  step WORD {
    FIRST = other(x)
    loss = binary_cross_entropy(WORD(x), detach(FIRST)) + mean(WORD(x))
    optimizer = SGD(lr=0.1)
  }
  step other {
    FIRST = other(x)
    loss = mean(FIRST)
    optimizer = SGD(lr=0.1)
  }
  freeze = [WORD.BatchNorm1d]
  precision = bf16
  accumulate = 2
  clip_norm = 1.0
  steps = 3
}
"""


def trains(text: str, folder: Path) -> None:
    home = written(package(text), folder)
    code, run = trained(home, folder / "runs", folder)
    assert code == 0, (run / "status.json").read_text()


@pytest.mark.parametrize("word", WORDS)
def test_a_field_and_an_output_may_have_any_name(tmp_path: Path, word: str) -> None:
    text = spec(KEYS)
    trains(text.replace("y:", f"{word}:").replace(", y)", f", {word})"), tmp_path / "field")
    trains(text.replace("y_hat", word), tmp_path / "output")


@pytest.mark.parametrize("word", WORDS)
def test_a_model_may_have_any_name(tmp_path: Path, word: str) -> None:
    text = spec(KEYS).replace("model Line", f"model {word}").replace("train Line", f"train {word}")
    trains(text, tmp_path)


# A function of the spec's own language is no name for a value or model that it is used beside.
OURS = [each for each in WORDS if each != "binary_cross_entropy"]
MORE = ["frozen_other", "optimizer_other", "SGD", "n", "data", "points", "model"]


@pytest.mark.parametrize("word", [*OURS, *MORE])
def test_what_a_step_binds_may_have_any_name(tmp_path: Path, word: str) -> None:
    trains(STEPS.replace("WORD", "G").replace("FIRST", word), tmp_path)


@pytest.mark.parametrize("word", [*OURS, *MORE])
def test_a_model_of_steps_may_have_any_name(tmp_path: Path, word: str) -> None:
    trains(STEPS.replace("WORD", word).replace("FIRST", "first"), tmp_path)
