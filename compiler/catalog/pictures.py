"""Functions of training code that make pictures; no model can hold them."""

from __future__ import annotations

from ..dims import dim
from ..layers.record import Args, Layer, Mismatch, Result, free
from ..tensor import Type


def make_grid(x: tuple[Type, ...], a: Args) -> Result:
    """N pictures [N, C, H, W] as one, `nrow` a line."""
    (images,) = x
    if not images.floating or len(images.shape) != 4:
        return Mismatch(
            f"make_grid takes pictures, f32[N, C, H, W], and here comes {images}",
            write="`-> reshape(64, 1, 28, 28)` before it",
        )
    count, channels, height, width = images.shape
    if count.value is None or channels.value not in (1, 3):
        return Mismatch(
            f"make_grid takes so many pictures of 1 or 3 channels, and here comes {images}",
            write="state the number: `randn(64, 100)`",
        )
    columns = min(a["nrow"], count.value)
    rows = -(-count.value // columns)
    border = a["padding"]
    return Type(
        images.dtype,
        (dim(3), (height + border) * rows + border, (width + border) * columns + border),
    )


PICTURES = {
    "make_grid": Layer(
        "make_grid",
        "nrow: size = 8, padding: count = 2",
        make_grid,
        "make_grid",
        "pictures side by side as one, as torchvision's",
        "make_grid(images)",
        inputs=("images",),
        positional=0,
        flops=free,
    )
}
