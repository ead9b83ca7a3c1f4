"""Predict with the trained Mlp of titanic.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, binary, launch, rows
from torch import Tensor

from .data import passengers
from .model import Mlp

INPUTS = ("person", "sex", "ticket")  # the fields that feed the model
TARGETS = {"survives": "survived"}  # the field that each output predicts


def build() -> Mlp:
    """The model as it is trained, with fresh weights."""
    return Mlp()


def decode(survives: Tensor) -> list[Record]:
    """The outputs in words and units, one record each."""
    return rows(
        {"survives": binary(survives[:, 0].sigmoid(), passengers.labels("survived"))}
    )


@torch.no_grad()
def predict(model: Mlp, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    person = passengers.encode("person", records).to(device)
    sex = passengers.encode("sex", records).to(device)
    ticket = passengers.encode("ticket", records).to(device)
    return decode(model(person, sex, ticket))


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
