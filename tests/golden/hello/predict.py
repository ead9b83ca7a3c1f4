# -*- coding: utf-8 -*-
"""Predict with the trained Line of hello.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, launch, numbers, rows

from .data import points
from .model import Line


def build() -> Line:
    """The model as it is trained, with fresh weights."""
    return Line()


@torch.no_grad()
def predict(
    model: Line, records: Sequence[Record], device: str = "cpu"
) -> list[Record]:
    """The decoded outputs for each raw record."""
    x = points.encode("x", records).to(device)
    y_hat = model(x)
    return rows(
        {
            "y_hat": numbers(y_hat),
        }
    )


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
