"""Predict with the trained Cnn of cats_dogs.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, binary, launch, rows
from torch import Tensor

from .data import pets
from .model import Cnn

INPUTS = ("image",)  # the fields that feed the model
TARGETS = {"p": "label"}  # the field that each output predicts


def build() -> Cnn:
    """The model as it is trained, with fresh weights."""
    return Cnn()


def decode(p: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"p": binary(p[:, 0], pets.labels("label"))})


@torch.no_grad()
def predict(model: Cnn, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    image = pets.encode("image", records).to(device)
    return decode(model(image))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
