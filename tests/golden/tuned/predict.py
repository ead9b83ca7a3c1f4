"""Predict with the trained Net of tuned.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, binary, launch, rows
from torch import Tensor

from .data import points
from .model import Net

INPUTS = ("x",)  # the fields that feed the model
TARGETS = {"score": "kind"}  # the field that each output predicts


def build() -> Net:
    """The model as it is trained, with fresh weights."""
    return Net()


def decode(score: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"score": binary(score[:, 0].sigmoid(), points.labels("kind"))})


@torch.no_grad()
def predict(model: Net, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    x = points.encode("x", records).to(device)
    return decode(model(x))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
