"""Predict with the trained F_ of names.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows
from torch import Tensor

from .data import data_
from .model import F_

INPUTS = ("x",)  # the fields that feed the model
TARGETS = {"loss": "label"}  # the field that each output predicts


def build() -> F_:
    """The model as it is trained, with fresh weights."""
    return F_()


def decode(loss_: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"loss": classes(loss_.softmax(1), data_.labels("label"))})


@torch.no_grad()
def predict(model: F_, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    x = data_.encode("x", records).to(device)
    return decode(model(x))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
