"""Predict with the trained Towers of towers.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, numbers, rows
from torch import Tensor

from .data import pairs
from .model import Towers

INPUTS = ("left", "right")  # the fields that feed the model
TARGETS = {"scores": "kind", "apart": "distance"}  # the field that each output predicts


def build() -> Towers:
    """The model as it is trained, with fresh weights."""
    return Towers()


def decode(scores: Tensor, apart: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows(
        {
            "scores": classes(scores.softmax(1), pairs.labels("kind")),
            "apart": numbers(apart),
        }
    )


@torch.no_grad()
def predict(
    model: Towers, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    left = pairs.encode("left", records).to(device)
    right = pairs.encode("right", records).to(device)
    return decode(*model(left, right))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
