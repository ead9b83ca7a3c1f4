"""Predict with the trained Line of folds.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows
from torch import Tensor

from .data import line
from .model import Line

INPUTS = ("x",)  # the fields that feed the model
TARGETS = {"y_hat": "y"}  # the field that each output predicts


def build() -> Line:
    """The model as it is trained, with fresh weights."""
    return Line()


def decode(y_hat: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"y_hat": numbers(line.inverse("y", y_hat))})


@torch.no_grad()
def predict(
    model: Line, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    x = line.encode("x", records).to(device)
    return decode(model(x))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
