"""Pictures that a training makes of itself."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor

from .artifacts import write_atomic


def save_picture(path: Path, picture: Tensor) -> None:
    """Write [3, H, W] or [1, H, W] with values from 0 to 1 as PNG; what is no number is black."""
    from PIL import Image

    shown = picture.detach().float().cpu().nan_to_num(0.0).clamp(0, 1)
    pixels = (shown * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    content = BytesIO()
    image.save(content, "PNG")
    path.parent.mkdir(exist_ok=True)
    write_atomic(path, content.getvalue())
