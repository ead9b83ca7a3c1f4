"""Predict with the trained Coin of scores.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, binary, launch, rows
from torch import Tensor

from .data import coins
from .model import Coin

INPUTS = ("x",)  # the fields that feed the model
TARGETS = {"score": "heated"}  # the field that each output predicts


def build() -> Coin:
    """The model as it is trained, with fresh weights."""
    return Coin()


def decode(score: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"score": binary(score[:, 0].sigmoid(), coins.labels("heated"))})


@torch.no_grad()
def predict(
    model: Coin, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    x = coins.encode("x", records).to(device)
    return decode(model(x))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
