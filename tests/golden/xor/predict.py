"""Predict with the trained Xor of xor.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, binary, launch, rows
from torch import Tensor

from .data import points
from .model import Xor

INPUTS = ("x",)  # the fields that feed the model
TARGETS = {"p": "y"}  # the field that each output predicts


def build() -> Xor:
    """The model as it is trained, with fresh weights."""
    return Xor()


def decode(p: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"p": binary(p[:, 0], points.labels("y"))})


@torch.no_grad()
def predict(model: Xor, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    x = points.encode("x", records).to(device)
    return decode(model(x))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
