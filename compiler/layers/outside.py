"""What a module of Python's is to the compiler: a layer of which its types alone are known."""

from __future__ import annotations

from ..dims import dim
from ..tensor import Type
from .record import Args, Layer, Mismatch, Shape, free

NAME = "Python"


def some(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Weights that nobody has counted: there are some, and they learn."""
    return {"": (dim(0),)}


def declared(x: tuple[Type, ...], a: Args) -> Mismatch:
    """Its types are declared where it is, and no rule gives them."""
    return Mismatch("its types are those of its declaration")


def outside(place: str, hyperparameters: tuple[str, ...], inputs: tuple[str, ...]) -> Layer:
    """`package.module:Callable`, called with all its hyperparameters by name."""
    return Layer(
        name=NAME,
        signature=", ".join(f"{name}: any" for name in hyperparameters),
        gives=declared,
        code=place,
        summary="a module of Python's",
        example="",
        inputs=inputs,
        positional=0,
        stem="module",
        weights=some,
        flops=free,
    )
