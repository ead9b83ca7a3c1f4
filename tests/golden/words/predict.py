"""Predict with the trained Reader of words.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows
from torch import Tensor

from .data import reviews
from .model import Reader

INPUTS = ("words",)  # the fields that feed the model
TARGETS = {"chances": "stars"}  # the field that each output predicts


def build() -> Reader:
    """The model as it is trained, with fresh weights."""
    return Reader()


def decode(chances: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"chances": classes(chances.exp(), reviews.labels("stars"))})


@torch.no_grad()
def predict(
    model: Reader, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    words = reviews.encode("words", records).to(device)
    return decode(model(words))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
