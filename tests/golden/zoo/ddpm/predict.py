"""Ask `draw` of ddpm.dl: so many records as numbers."""

from dlc.runtime.predict import Models, Record, launch, numbers, rows
from torch.nn import Module

from .model import UNet
from .procedures import draw

NAME = "draw"
INPUTS = ()


def build() -> dict[str, Module]:
    """The models that it calls, with fresh weights."""
    return {"Mean": UNet(channels=1, widths=(32, 64))}


def predict(models: Models, count: int, device: str = "cpu") -> list[Record]:
    """What it gives, one record each."""
    picture = draw(models["Mean"], count, device)
    return rows({"picture": numbers(picture)})


if __name__ == "__main__":
    raise SystemExit(launch(build, predict))
