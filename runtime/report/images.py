"""Tensors and files as pictures inside the page. Pillow is imported where a picture is made."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from .markup import Markup, counted, note, section, tag

if TYPE_CHECKING:
    from PIL.Image import Image

    from ..dataset import Dataset

LARGEST = 192  # pixels of the longer side of a record; a larger one is made smaller
SMALLEST = 4  # pixels of a side from which three axes are a picture
GRIDS = 6  # pictures that a training drew, of all that there are
EMBEDDED = 400_000  # bytes of such a picture; a larger one is made smaller
GRID_SIDE = 640
LEADING = re.compile(r"\b0+(?=\d)")
MARK = b"\x89PNG\r\n\x1a\n"


def picture_shape(dataset: Dataset, field: str) -> tuple[int, ...] | None:
    """The channels, height and width of a field whose records are pictures; None for others."""
    found = dataset.fields[field]
    if found.labels:
        return None
    for shape in (found.shape, found.raw_shape if found.raw_image else ()):
        fits = len(shape) == 3 and prod(shape) == prod(found.shape)
        if fits and shape[0] in (1, 3) and min(shape[1:]) >= SMALLEST:
            return tuple(shape)
    return None


def pictures(values: Tensor, shape: Sequence[int], as_bytes: bool) -> list[str]:
    """PNGs as data URIs, of [N, …] with the values of N pictures of that shape.

    Values are 0 to 255 if `as_bytes`; else the least of all is black and the largest white.
    """
    from PIL import Image

    values = values.detach().cpu().double().nan_to_num(0.0).reshape(-1, *shape)
    if not as_bytes:
        low, high = values.min(), values.max()
        values = (values - low) * (255 / (high - low).clamp(min=1e-12))
    whole = values.round().clamp(0, 255).byte().permute(0, 2, 3, 1)
    found: list[str] = []
    for each in whole:
        pixels = each[..., 0] if shape[0] == 1 else each
        image = Image.fromarray(pixels.contiguous().numpy())
        if max(image.size) > LARGEST:
            image.thumbnail((LARGEST, LARGEST))
        found.append(_uri(_png(image)))
    return found


def grids(folder: Path) -> Markup | None:
    """What the training drew epoch after epoch: the first, some between, and the last picture."""
    files = sorted(folder.glob("*.png")) if folder.is_dir() else []
    if not files:
        return None
    last, most = len(files) - 1, min(GRIDS, len(files))
    chosen = [files[round(number * last / max(1, most - 1))] for number in range(most)]
    shown = [(LEADING.sub("", file.stem.replace("-", " ")), _embedded(file)) for file in chosen]
    return section(
        "Drawn while training",
        note(f"{most} of {counted(len(files), 'picture')}, in the order of the epochs.")
        if most < len(files)
        else None,
        tag(
            "div",
            *(
                tag("figure", tag("img", src=uri, alt=name), tag("figcaption", name))
                for name, uri in shown
                if uri is not None
            ),
            class_="grids",
        ),
    )


def _embedded(file: Path) -> str | None:
    """A PNG file as a data URI; None where it is damaged."""
    data = file.read_bytes()
    if len(data) > EMBEDDED:
        from PIL import Image

        try:
            with Image.open(BytesIO(data), formats=("PNG",)) as image:
                image.thumbnail((GRID_SIDE, GRID_SIDE))
                data = _png(image)
        except Exception:  # a damaged file may set off anything in the decoder
            return None
    return _uri(data) if data.startswith(MARK) else None


def _png(image: Image) -> bytes:
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _uri(data: bytes) -> str:
    return f"data:image/png;base64,{b64encode(data).decode()}"
