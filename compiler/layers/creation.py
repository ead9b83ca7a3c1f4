"""Functions that make tensors of sizes alone, or like another one, and `detach`."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim
from ..tensor import Type
from .arguments import spread
from .record import Args, Layer, Mismatch, Result, floats, free


def creation(x: tuple[Type, ...], a: Args) -> Result:
    """A new f32 tensor of the sizes asked for."""
    return Type("f32", _sizes(a["size"]))


def _sizes(asked: Any) -> tuple[Dim, ...]:
    return tuple(dim(size) for size in spread(asked, 1))


def randint(x: tuple[Type, ...], a: Args) -> Result:
    """Whole numbers from `low` up to, not including, `high`: indices where none is negative."""
    low, high = dim(a["low"]).value, dim(a["high"]).value
    if low is not None and high is not None and low >= high:
        return Mismatch(
            f"there is no whole number from {low} to below {high}",
            write=f"randint({high}, {low + 1}, …)" if low > high else f"high={low + 1} at least",
        )
    bound = high if low is not None and low >= 0 else None
    return Type("i64", _sizes(a["size"]), tokens=bound)


def like(function: str) -> Any:
    """The type rule of functions that make a tensor of another one's shape and dtype."""
    random = function.startswith("rand")

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if random and (wrong := floats(value, function)):
            return wrong
        return value.plain

    return gives


def detach(x: tuple[Type, ...], a: Args) -> Result:
    """The same numbers; no gradient flows back through them."""
    return x[0]


def fill(x: tuple[Type, ...], a: Args) -> Result:
    """A new tensor of one number: f32 for a float, i64 for a whole one."""
    dtype = "i64" if isinstance(a["fill_value"], int) else "f32"
    return Type(dtype, _sizes(a["size"]))


def _created(name: str, summary: str) -> Layer:
    return Layer(
        name,
        "*size: shape",
        creation,
        f"torch.{name}",
        summary,
        f"{name}(N, 100)",
        inputs=(),
        positional=1,
        flops=free,
        on_device=True,
    )


def _like(name: str, summary: str) -> Layer:
    gives = like(name)
    example = f"x -> {name}"
    return Layer(name, "", gives, f"torch.{name}", summary, example, flops=free)


CREATIONS = (
    _created("randn", "numbers drawn from the normal distribution"),
    _created("rand", "numbers drawn evenly from 0 to 1"),
    _created("zeros", "as many zeros"),
    _created("ones", "as many ones"),
    Layer(
        "full",
        "size: shape, fill_value: float",
        fill,
        "torch.full",
        "one number, as often as is asked for",
        "full((N, 1), 0.9)",
        inputs=(),
        positional=2,
        flops=free,
        on_device=True,
    ),
    Layer(
        "randint",
        "low: int, high: int, size: shape",
        randint,
        "torch.randint",
        "whole numbers drawn evenly, from `low` to below `high`",
        "randint(0, 10, (N, 20))",
        inputs=(),
        positional=3,
        flops=free,
        on_device=True,
    ),
    _like("randn_like", "numbers drawn from the normal distribution, in the shape of another"),
    _like("rand_like", "numbers drawn evenly from 0 to 1, in the shape of another"),
    _like("zeros_like", "zeros in the shape of another"),
    _like("ones_like", "ones in the shape of another"),
    Layer(
        "detach",
        "",
        detach,
        ".detach",
        "the same numbers, through which no gradient flows back",
        "x -> detach",
        flops=free,
        positional=0,
    ),
)
