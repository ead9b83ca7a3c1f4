"""Predict with the trained Mlp of houses.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows
from torch import Tensor

from .data import houses
from .model import Mlp

INPUTS = ("features", "near")  # the fields that feed the model
TARGETS = {"price_hat": "price"}  # the field that each output predicts


def build() -> Mlp:
    """The model as it is trained, with fresh weights."""
    return Mlp()


def decode(price_hat: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"price_hat": numbers(houses.inverse("price", price_hat))})


@torch.no_grad()
def predict(model: Mlp, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    features = houses.encode("features", records).to(device)
    near = houses.encode("near", records).to(device)
    return decode(model(features, near))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
