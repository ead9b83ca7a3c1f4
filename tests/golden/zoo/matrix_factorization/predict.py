"""Predict with the trained Factors of matrix_factorization.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows
from torch import Tensor

from .data import ratings
from .model import Factors

INPUTS = ("user", "film")  # the fields that feed the model
TARGETS = {"stars": "rating"}  # the field that each output predicts


def build() -> Factors:
    """The model as it is trained, with fresh weights."""
    return Factors(users=6, films=6, rank=2)


def decode(stars: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows({"stars": numbers(stars)})


@torch.no_grad()
def predict(
    model: Factors, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    user = ratings.encode("user", records).to(device)
    film = ratings.encode("film", records).to(device)
    return decode(model(user, film))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
