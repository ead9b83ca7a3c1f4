# -*- coding: utf-8 -*-
"""Predict with the trained Xor of xor.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows

from .data import points
from .model import Xor


def build() -> Xor:
    """The model as it is trained, with fresh weights."""
    return Xor()


@torch.no_grad()
def predict(model: Xor, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    x = points.encode("x", records).to(device)
    p = model(x)
    return rows(
        {
            "p": classes(p[:, 0], points.labels("y")),
        }
    )


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
