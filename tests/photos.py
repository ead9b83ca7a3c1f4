"""Folders of small pictures for tests, every one different, and readers of them that are slow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from dlc.runtime.augment import Augmentation
from dlc.runtime.dataset import Dataset, Field
from dlc.runtime.image_folder import ImageFolder
from dlc.runtime.pictures import Resize
from dlc.runtime.steps import Scale
from PIL import Image

CLASSES = ("cats", "dogs")


def photo(seed: int, size: tuple[int, int] = (20, 16), mode: str = "RGB") -> Image.Image:
    """A picture of noise; `size` is width, height, as Pillow has it."""
    channels = len(mode) if mode != "L" else 1
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], channels), np.uint8)
    return Image.fromarray(values.squeeze(-1) if channels == 1 else values)


def folder(
    path: Path, count: int = 6, size: tuple[int, int] | None = None, ending: str = "png"
) -> Path:
    """`count` pictures of each class, of many sizes or of one."""
    for place, name in enumerate(CLASSES):
        (path / name).mkdir(parents=True)
        for number in range(count):
            seed = 100 * place + number
            own = size or (9 + seed % 7, 8 + seed % 5)
            photo(seed, own).save(path / name / f"{number:03}.{ending}")
    return path


def pets(
    source: ImageFolder,
    *steps: object,
    side: int = 8,
    augment: tuple[Augmentation, ...] = (),
    split: object = None,
    channels: int = 3,
) -> Dataset:
    """A data block as the compiler emits it."""
    made = steps or (Resize(side, side), Scale(1 / 255))
    fields = {
        "image": Field("image", *made, shape=(channels, side, side)),
        "label": Field("label", labels=CLASSES),
    }
    return Dataset(source, fields, split, {"image": augment} if augment else None)


def opened(path: str | Path, side: int = 8, mode: str = "RGB") -> np.ndarray:
    """Pillow's own way: u8 [C, side, side]."""
    image = Image.open(path).convert(mode).resize((side, side), Image.Resampling.BILINEAR)
    array = np.asarray(image)
    return array[None] if mode == "L" else array.transpose(2, 0, 1)
