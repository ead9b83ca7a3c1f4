# -*- coding: utf-8 -*-
"""Predict with the trained Rent of flats.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows

from .data import flats
from .model import Rent


def build() -> Rent:
    """The model as it is trained, with fresh weights."""
    return Rent()


@torch.no_grad()
def predict(
    model: Rent, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    features = flats.encode("features", records).to(device)
    heated = flats.encode("heated", records).to(device)
    grid = flats.encode("grid", records).to(device)
    euro = model(features, heated, grid)
    return rows(
        {
            "euro": numbers(flats.inverse("rent", euro)),
        }
    )


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
