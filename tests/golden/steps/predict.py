"""Ask `codes` of steps.dl: so many records as numbers."""

from dlc.runtime.predict import Models, Record, launch, numbers, rows
from torch.nn import Module

from .model import Encoder, Head
from .procedures import codes

NAME = "codes"
INPUTS = ()


def build() -> dict[str, Module]:
    """The models that it calls, with fresh weights."""
    return {"E": Encoder(width=4), "Head": Head()}


def predict(models: Models, count: int, device: str = "cpu") -> list[Record]:
    """What it gives, one record each."""
    code, y_hat = codes(models["E"], models["Head"], count, device)
    return rows({"code": numbers(code), "y_hat": numbers(y_hat)})


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
