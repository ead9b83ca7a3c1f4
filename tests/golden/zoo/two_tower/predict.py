"""Predict with the trained TwoTower of two_tower.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows
from torch import Tensor

from .data import numbers_
from .model import TwoTower

INPUTS = ("english", "german")  # the fields that feed the model
TARGETS: dict[str, str] = {}  # the field that each output predicts


def build() -> TwoTower:
    """The model as it is trained, with fresh weights."""
    return TwoTower()


def decode(alike: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"alike": numbers(alike)})


@torch.no_grad()
def predict(
    model: TwoTower, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    english = numbers_.encode("english", records).to(device)
    german = numbers_.encode("german", records).to(device)
    return decode(model(english, german))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
