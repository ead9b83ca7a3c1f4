"""Fields may have any name that the language allows, whatever it means to Python."""

import keyword
from pathlib import Path

import pytest
import torch
from commands import dlc
from dlc.compiler.plan.names import SPLIT
from dlc.runtime.dataset import Split

SPEC = """
data shop {{
  {x}: f32[2] = [[0, 0], [0, 1], [1, 0], [1, 1]]
  {y}: f32[1] = [0, 1, 1, 2]
}}
model Net {{
  input picture: f32[N, 2]
  output guess: f32[N, 1] = picture -> Linear(1)
}}
train Net(picture={x}) on shop {{
  loss = mse_loss(guess, {y})
  optimizer = Adam(lr=0.1)
  metrics = [r2_score]
  epochs = 150
}}
expect {{ train.r2_score > 0.9 }}
"""
# Words of the language's expressions may name a field, but no expression can then speak of it.
WORDS = {"if", "else", "for", "in", "and", "or", "not", "True", "False", "None"}
NAMES = sorted({*SPLIT, *keyword.kwlist, "self", "split", "tensors", "train"} - WORDS)


def test_what_a_split_has_is_known_to_the_compiler() -> None:
    split = Split({"x": torch.zeros(2, 1)})
    members = {name for name in dir(split) if not name.startswith("_")}
    assert members == SPLIT


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_any_name_trains(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    other = NAMES[(NAMES.index(name) + 1) % len(NAMES)]
    (tmp_path / "shop.dl").write_text(SPEC.format(x=name, y=other))
    said = dlc("run", "shop.dl", "-q")
    assert said.code == 0, said.err
