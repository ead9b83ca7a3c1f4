"""Predict with the trained Sentiment of sentiment.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, binary, launch, rows
from torch import Tensor

from .data import reviews
from .model import Sentiment

INPUTS = ("tokens",)  # the fields that feed the model
TARGETS = {"p": "label"}  # the field that each output predicts


def build() -> Sentiment:
    """The model as it is trained, with fresh weights."""
    return Sentiment()


def decode(p: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"p": binary(p[:, 0], reviews.labels("label"))})


@torch.no_grad()
def predict(
    model: Sentiment, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    tokens = reviews.encode("tokens", records).to(device)
    return decode(model(tokens))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
