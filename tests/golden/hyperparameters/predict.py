"""Predict with the trained Mlp of hyperparameters.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows
from torch import Tensor

from .data import points
from .model import Mlp

INPUTS = ("x",)  # the fields that feed the model
TARGETS = {"logits": "label"}  # the field that each output predicts


def build() -> Mlp:
    """The model as it is trained, with fresh weights."""
    return Mlp(width=8, scale=0.5)


def decode(logits: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"logits": classes(logits.softmax(1), points.labels("label"))})


@torch.no_grad()
def predict(model: Mlp, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    x = points.encode("x", records).to(device)
    return decode(model(x))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
