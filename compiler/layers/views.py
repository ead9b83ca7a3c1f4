"""`x.T` and `x.mT`: axes turned around, written with a dot as in torch."""

from __future__ import annotations

from typing import Any

from ..tensor import Type
from .record import Args, Layer, Mismatch, Result, free


def turned(name: str) -> Any:
    """The type rule: `T` of a matrix, `mT` of the last two axes of anything larger too."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        rank = len(value.shape)
        if name == "T" and rank != 2:
            write = ".mT" if rank > 2 else ""
            return Mismatch(f".T turns a matrix, and {value} has {rank} axes", write=write)
        if rank < 2:
            return Mismatch(f".mT turns two axes, and {value} has {rank}")
        *outer, rows, columns = value.shape
        return value.shaped(*outer, columns, rows, spatial=0)

    return gives


VIEWS = {
    name: Layer(name, "", turned(name), f".{name}", summary, f"x.{name}", positional=0, flops=free)
    for name, summary in (
        ("T", "a matrix with its axes exchanged"),
        ("mT", "the last two axes exchanged"),
    )
}
