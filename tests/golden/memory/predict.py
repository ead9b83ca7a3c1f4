"""Predict with the trained Counter of memory.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows
from torch import Tensor

from .data import sums
from .model import Counter

INPUTS = ("steps",)  # the fields that feed the model
TARGETS = {"guess": "total"}  # the field that each output predicts


def build() -> Counter:
    """The model as it is trained, with fresh weights."""
    return Counter()


def decode(guess: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"guess": numbers(guess)})


@torch.no_grad()
def predict(
    model: Counter, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    steps = sums.encode("steps", records).to(device)
    return decode(model(steps))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
