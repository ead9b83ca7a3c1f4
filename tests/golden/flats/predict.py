"""Predict with the trained Rent of flats.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows
from torch import Tensor

from .data import flats
from .model import Rent

INPUTS = ("features", "heated", "grid")  # the fields that feed the model
TARGETS = {"euro": "rent"}  # the field that each output predicts


def build() -> Rent:
    """The model as it is trained, with fresh weights."""
    return Rent()


def decode(euro: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"euro": numbers(flats.inverse("rent", euro))})


@torch.no_grad()
def predict(
    model: Rent, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    features = flats.encode("features", records).to(device)
    heated = flats.encode("heated", records).to(device)
    grid = flats.encode("grid", records).to(device)
    return decode(model(features, heated, grid))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
