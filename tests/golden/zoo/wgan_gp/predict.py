"""Ask `draw` of wgan_gp.dl: so many records as numbers."""

from dlc.runtime.predict import Models, Record, launch, numbers, rows
from torch.nn import Module

from .model import Generator
from .procedures import draw

NAME = "draw"
INPUTS = ()


def build() -> dict[str, Module]:
    """The models that it calls, with fresh weights."""
    return {"G": Generator(width=128)}


def predict(models: Models, count: int, device: str = "cpu") -> list[Record]:
    """What it gives, one record each."""
    point = draw(models["G"], count, device)
    return rows({"point": numbers(point)})


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
