"""`Unfold` and `Fold`: windows of an image written out as columns, and summed back."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .record import (
    BATCH,
    Args,
    Condition,
    Given,
    Layer,
    Mismatch,
    Result,
    elementwise,
    floats,
    free,
)
from .window import at_least, image, windows

WINDOW = "kernel_size: window2, dilation: window2 = 1, padding: pad2 = 0, stride: window2 = 1"


def _numbers(x: Type, name: str) -> Mismatch | None:
    """Floats or truths; torch moves no other numbers so."""
    return None if x.dtype == "bool" else floats(x, name)


def _places(sizes: tuple[Dim, ...], a: Args, conditions: list[Condition]) -> Dim | Mismatch:
    """How many windows there are on all axes together."""
    total = dim(1)
    for axis, size in enumerate(sizes):
        count = windows(size, a, axis, 2)
        if isinstance(count, Mismatch):
            return count
        # Two negative counts would make a positive one.
        at_least(count, 1, conditions)
        total = total * count
    return total


def _area(a: Args) -> Dim:
    high, wide = spread(a["kernel_size"], 2)
    return dim(high) * dim(wide)


def unfold(name: str) -> Any:
    """The type rule: `[N, C, H, W]` becomes `[N, C kH kW, places]`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := _numbers(value, name) or image(value, name, 2):
            return wrong
        batch, channels, *sizes = value.shape
        conditions: list[Condition] = []
        places = _places(tuple(sizes), a, conditions)
        if isinstance(places, Mismatch):
            return places
        padded = any(dim(each) != 0 for each in spread(a["padding"], 2))
        kept = value.plain if padded and value.meaning == "log_probabilities" else value
        given = kept.shaped(batch, channels * _area(a), places, spatial=1)
        return Given(given, tuple(conditions)) if conditions else given

    return gives


def fold(name: str) -> Any:
    """The type rule: `[N, C kH kW, places]` becomes `[N, C, H, W]`; what overlaps is summed."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := _numbers(value, name):
            return wrong
        if len(value.shape) != 3:
            return Mismatch(f"{name} takes f32[N, C*kH*kW, L], as unfold gives it")
        batch, columns, places = value.shape
        area, conditions = _area(a), list[Condition]()
        match decide(columns % area, "==", 0):
            case None:
                conditions.append(Condition(columns % area, "==", dim(0)))
            case False:
                kernel = "*".join(text(dim(each)) for each in spread(a["kernel_size"], 2))
                return Mismatch(
                    f"axis 1 has {text(columns)}, which is no multiple of a window's {kernel} = "
                    f"{text(area)}",
                    write="the kernel_size of the unfold that made it",
                )
        sizes = tuple(dim(each) for each in spread(a["output_size"], 2))
        wanted = _places(sizes, a, conditions)
        if isinstance(wanted, Mismatch):
            return wanted
        equal = decide(places, "==", wanted)
        if equal is None and BATCH not in places.names:
            conditions.append(Condition(places, "==", wanted))
        elif not equal:
            pixels = " x ".join(map(text, sizes))
            return Mismatch(
                f"an image of {pixels} has {text(wanted)} windows, and axis 2 has {text(places)}",
                write="the output_size, stride and padding of the unfold that made it",
            )
        given = Type(value.dtype, (batch, columns // area, *sizes), spatial=2)
        return Given(given, tuple(conditions)) if conditions else given

    return gives


def fold_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One addition an element that comes in."""
    return elementwise(x, x[0], a)


def _unfolds(name: str) -> Layer:
    return Layer(
        name,
        WINDOW,
        unfold(name),
        "F.unfold",
        "each window of an image as a column",
        f"image -> {name}(3)",
        flops=free,
    )


def _folds(name: str) -> Layer:
    return Layer(
        name,
        f"output_size: window2, {WINDOW}",
        fold(name),
        "F.fold",
        "columns summed back into an image: the inverse of unfold but for the overlaps",
        f"signal -> {name}(11, 2)",
        positional=2,
        flops=fold_flops,
    )


FOLDS = (_unfolds("Unfold"), _unfolds("unfold"), _folds("Fold"), _folds("fold"))
