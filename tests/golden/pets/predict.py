"""Predict with the trained Cnn of pets.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows
from torch import Tensor

from .data import pets
from .model import Cnn

INPUTS = ("image",)  # the fields that feed the model
TARGETS = {"scores": "label"}  # the field that each output predicts


def build() -> Cnn:
    """The model as it is trained, with fresh weights."""
    return Cnn()


def decode(scores: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"scores": classes(scores.softmax(1), pets.labels("label"))})


@torch.no_grad()
def predict(model: Cnn, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    image = pets.encode("image", records).to(device)
    return decode(model(image))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
