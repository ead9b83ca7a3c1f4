"""Functions that move axes, turn them around, add and drop them: no value is made or lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dims import dim, text
from ..tensor import Type
from .arguments import spread
from .record import BATCH, Args, Layer, Mismatch, Result, axis_of, free, no_axis


def new_axis(x: Type, asked: Any) -> int | Mismatch:
    """The place of an axis that is added."""
    axis, count = dim(asked).value, len(x.shape) + 1
    if axis is None or not -count <= axis < count:
        return Mismatch(f"a new axis of {x} can be 0 … {count - 1}, not {asked}", write="-1")
    return axis % count


def axes_of(value: Type, asked: Any) -> list[int] | Mismatch:
    """Several axes counted from the front, each named once."""
    found: list[int] = []
    for each in spread(asked, 1):
        axis = axis_of(value, each)
        if axis is None:
            return no_axis(value, each)
        if axis in found:
            return Mismatch(f"axis {axis} is named twice", write="each axis once")
        found.append(axis)
    return found


def unsqueeze(x: tuple[Type, ...], a: Args) -> Result:
    """An axis of 1 more."""
    (value,) = x
    axis = new_axis(value, a["dim"])
    if isinstance(axis, Mismatch):
        return axis
    return value.shaped(*value.shape[:axis], dim(1), *value.shape[axis:], spatial=0)


def squeeze(x: tuple[Type, ...], a: Args) -> Result:
    """Axes of 1 less: those named, which must be 1; without names all."""
    (value,) = x
    asked = a["dim"]
    if asked is None:
        if any(size.value is None for size in value.shape):
            ones = [str(axis) for axis, size in enumerate(value.shape) if size == 1]
            return Mismatch(
                "where an open size is 1, squeeze without an axis would drop it too",
                write=f"squeeze({ones[0]})" if ones else "the axis in brackets",
            )
        return value.shaped(*(size for size in value.shape if size != 1), spatial=0)
    gone = axes_of(value, asked)
    if isinstance(gone, Mismatch):
        return gone
    for axis in gone:
        if value.shape and value.shape[axis] != 1:
            return Mismatch(f"axis {axis} is {text(value.shape[axis])}, and only 1 can be dropped")
    kept = (size for axis, size in enumerate(value.shape) if axis not in gone)
    return value.shaped(*kept, spatial=0)


def swaps(first: str, second: str) -> Callable[[tuple[Type, ...], Args], Result]:
    """The type rule of `transpose` under its names: two axes change places."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        places = []
        for each in (a[first], a[second]):
            axis = axis_of(value, each)
            if axis is None:
                return no_axis(value, each)
            places.append(axis)
        return _swapped(value, *places)

    return gives


def _swapped(value: Type, first: int, second: int) -> Type:
    shape = list(value.shape)
    if shape:
        shape[first], shape[second] = shape[second], shape[first]
    return value.shaped(*shape, spatial=0)


def t(x: tuple[Type, ...], a: Args) -> Result:
    """The transpose of a matrix; what has fewer axes stays."""
    (value,) = x
    if len(value.shape) > 2:
        return Mismatch(
            f"t turns a matrix, and {value} has {len(value.shape)} axes", write="transpose(-2, -1)"
        )
    return _swapped(value, 0, 1) if len(value.shape) == 2 else value


def movedim(x: tuple[Type, ...], a: Args) -> Result:
    """Axes go from their `source` to their `destination`; the others keep their order."""
    (value,) = x
    sources, destinations = axes_of(value, a["source"]), axes_of(value, a["destination"])
    if isinstance(sources, Mismatch):
        return sources
    if isinstance(destinations, Mismatch):
        return destinations
    if len(sources) != len(destinations):
        return Mismatch(f"{len(sources)} axes cannot go to {len(destinations)} places")
    if not value.shape:
        return value
    rest = iter([axis for axis in range(len(value.shape)) if axis not in sources])
    order = [
        sources[destinations.index(place)] if place in destinations else next(rest)
        for place in range(len(value.shape))
    ]
    return value.shaped(*(value.shape[axis] for axis in order), spatial=0)


def flip(x: tuple[Type, ...], a: Args) -> Result:
    """Axes turned around."""
    (value,) = x
    seen = axes_of(value, a["dims"])
    return seen if isinstance(seen, Mismatch) else value


def flips(name: str, axis: int) -> Callable[[tuple[Type, ...], Args], Result]:
    """The type rule of `fliplr` and `flipud`, which turn one axis around."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if len(value.shape) > axis:
            return value
        return Mismatch(f"{name} turns axis {axis} around, and {value} has {len(value.shape)}")

    return gives


def roll(x: tuple[Type, ...], a: Args) -> Result:
    """Axes shifted around in a circle; without `dims` all values in a row."""
    (value,) = x
    shifts = spread(a["shifts"], 1)
    if a["dims"] is None or a["dims"] == ():
        if len(shifts) != 1:
            return Mismatch(f"{len(shifts)} shifts need as many axes", write="roll((1, 2), (1, 2))")
        if len(value.shape) > 1 and any(BATCH in size.names for size in value.shape):
            return Mismatch(
                "without an axis all values shift in a row, from one record into the next",
                write=f"roll({shifts[0]}, -1)",
            )
        return value
    axes = spread(a["dims"], 1)
    if len(axes) != len(shifts):
        return Mismatch(f"{len(shifts)} shifts do not go with {len(axes)} axes")
    for each in axes:
        if axis_of(value, each) is None:
            return no_axis(value, each)
        if not value.shape:
            return Mismatch("a scalar has no axis to shift")
    return value


def rot90(x: tuple[Type, ...], a: Args) -> Result:
    """Turned by quarters in the plane of two axes."""
    (value,) = x
    asked = spread(a["dims"], 1)
    if len(asked) != 2:
        return Mismatch(f"a plane has two axes, not {len(asked)}", write="rot90(1, (2, 3))")
    if len(value.shape) < 2:
        return Mismatch(f"a plane has two axes, and {value} has {len(value.shape)}")
    plane = axes_of(value, asked)
    if isinstance(plane, Mismatch):
        return plane
    turns = dim(a["k"]).value
    assert turns is not None
    return _swapped(value, *plane) if turns % 2 else value


def same(x: tuple[Type, ...], a: Args) -> Result:
    """The same numbers."""
    return x[0]


def _view(
    name: str,
    signature: str,
    gives: Any,
    summary: str,
    example: str,
    code: str = "",
    positional: int = 2,
) -> Layer:
    called = code or f"torch.{name}"
    return Layer(
        name,
        signature,
        gives,
        called,
        summary,
        example,
        positional=positional,
        flops=free,
        complex=True,
    )


def _swap(name: str, first: str, second: str) -> Layer:
    return _view(
        name,
        f"{first}: axis, {second}: axis",
        swaps(first, second),
        "two axes change places",
        f"signal -> {name}(1, 2)",
    )


def _moves(name: str) -> Layer:
    return _view(
        name,
        "source: axes, destination: axes",
        movedim,
        "axes moved to other places, the others in their order",
        f"image -> {name}(1, -1)",
    )


AXES = (
    _view("squeeze", "dim: axes? = None", squeeze, "axes of 1 dropped", "column -> squeeze(-1)"),
    _view("unsqueeze", "dim: axis", unsqueeze, "an axis of 1 more", "x -> unsqueeze(1)"),
    _swap("transpose", "dim0", "dim1"),
    _swap("swapdims", "dim0", "dim1"),
    _swap("swapaxes", "axis0", "axis1"),
    _moves("movedim"),
    _moves("moveaxis"),
    _view("t", "", t, "the transpose of a matrix", "x -> t"),
    _view("flip", "*dims: axes", flip, "axes turned around", "signal -> flip(-1)"),
    _view("fliplr", "", flips("fliplr", 1), "axis 1 turned around", "x -> fliplr"),
    _view("flipud", "", flips("flipud", 0), "axis 0 turned around", "x -> flipud"),
    _view(
        "roll",
        "shifts: shifts, dims: axes? = None",
        roll,
        "axes shifted around in a circle",
        "signal -> roll(1, -1)",
    ),
    _view(
        "rot90",
        "k: index = 1, dims: axes = (0, 1)",
        rot90,
        "turned by quarters in the plane of two axes",
        "image -> rot90(1, (2, 3))",
    ),
    _view(
        "contiguous",
        "",
        same,
        "the same numbers, in order in memory",
        "image -> contiguous",
        ".contiguous",
    ),
    _view("clone", "", same, "the same numbers in memory of their own", "x -> clone"),
)
