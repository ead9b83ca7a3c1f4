"""Predict with the trained Cnn of fashion.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows
from torch import Tensor

from .data import clothes
from .model import Cnn

INPUTS = ("image",)  # the fields that feed the model
TARGETS = {"logits": "label"}  # the field that each output predicts


def build() -> Cnn:
    """The model as it is trained, with fresh weights."""
    return Cnn()


def decode(logits: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"logits": classes(logits.softmax(1), clothes.labels("label"))})


@torch.no_grad()
def predict(model: Cnn, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    image = clothes.encode("image", records).to(device)
    return decode(model(image))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
