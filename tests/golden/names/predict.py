# -*- coding: utf-8 -*-
"""Predict with the trained F_ of names.dl: raw records in, words and numbers out."""

from collections.abc import Sequence

import torch
from dlc.runtime.predict import Record, classes, launch, rows

from .data import data_
from .model import F_


def build() -> F_:
    """The model as it is trained, with fresh weights."""
    return F_()


@torch.no_grad()
def predict(model: F_, records: Sequence[Record], device: str = "cpu") -> list[Record]:
    """The decoded outputs for each raw record."""
    x = data_.encode("x", records).to(device)
    loss_ = model(x)
    return rows(
        {
            "loss": classes(loss_.softmax(1), data_.labels("label")),
        }
    )


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
