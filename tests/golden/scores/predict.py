# -*- coding: utf-8 -*-
"""Predict with the trained Coin of scores.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows

from .data import coins
from .model import Coin


def build() -> Coin:
    """The model as it is trained, with fresh weights."""
    return Coin()


@torch.no_grad()
def predict(
    model: Coin, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    x = coins.encode("x", records).to(device)
    score_ = model(x)
    return rows(
        {
            "score": classes(score_[:, 0].sigmoid(), coins.labels("heated")),
        }
    )


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
