# -*- coding: utf-8 -*-
"""Predict with the trained Reader of words.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows

from .data import reviews
from .model import Reader


def build() -> Reader:
    """The model as it is trained, with fresh weights."""
    return Reader()


@torch.no_grad()
def predict(
    model: Reader, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    words = reviews.encode("words", records).to(device)
    chances = model(words)
    return rows(
        {
            "chances": classes(chances.exp(), reviews.labels("stars")),
        }
    )


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
