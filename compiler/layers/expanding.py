"""Functions that repeat values: along axes of 1 without a copy, or as often as is asked for."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .record import BATCH, Args, Condition, Given, Layer, Mismatch, Result, axis_of, free, no_axis
from .shape import product


def _expanded(value: Type, asked: tuple[Dim, ...]) -> Result:
    """The type where axes of 1 grow; -1 keeps an axis, new axes come in front."""
    added = len(asked) - len(value.shape)
    if added < 0:
        keeps = ", ".join("-1" for _ in value.shape)
        return Mismatch(
            f"{value} has {len(value.shape)} axes, and here are {len(asked)} sizes",
            write=f"expand({keeps}) for so many axes, -1 where one stays",
        )
    shape: list[Dim] = []
    conditions: list[Condition] = []
    for place, size in enumerate(asked):
        if place < added:
            if size == -1:
                return Mismatch(f"axis {place} is new, so -1 says nothing of its size", "a size")
            shape.append(size)
            continue
        have = value.shape[place - added]
        if size == -1 or decide(have, "==", size):
            shape.append(have)
        elif have.value == 1:
            shape.append(size)
        elif decide(have, "==", size) is None and BATCH not in have.names:
            conditions.append(Condition(have, "==", size))
            shape.append(size)
        else:
            return Mismatch(
                f"only axes of 1 grow, and axis {place - added} is {text(have)}, not {text(size)}",
                write="-1 where an axis stays",
            )
    given = value.shaped(*shape, spatial=value.spatial if not added else 0)
    return Given(given, tuple(conditions)) if conditions else given


def expand(x: tuple[Type, ...], a: Args) -> Result:
    """Axes of 1 grow to the sizes asked for."""
    return _expanded(x[0], tuple(dim(size) for size in spread(a["size"], 1)))


def expand_as(x: tuple[Type, ...], a: Args) -> Result:
    """Axes of 1 grow to the sizes of the other one."""
    value, other = x
    return _expanded(value, other.shape)


def repeats(argument: str, fewer: bool) -> Any:
    """The type rule of `repeat` and `tile`: every axis so many times; new axes come in front."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        times = tuple(dim(each) for each in spread(a[argument], 1))
        rank = len(value.shape)
        if len(times) < rank and not fewer:
            return Mismatch(
                f"repeat needs a number for each of the {rank} axes, and here are {len(times)}",
                write=f"repeat(x, {', '.join(['1'] * (rank - len(times)) + [*map(text, times)])})",
            )
        times = (dim(1),) * (rank - len(times)) + times
        added = len(times) - rank
        shape = times[:added]
        for axis, (size, count) in enumerate(zip(value.shape, times[added:], strict=True)):
            if BATCH in size.names and count != 1:
                return _batch(axis, "1 for the batch")
            shape = (*shape, size * count)
        return value.shaped(*shape, spatial=value.spatial if not added else 0)

    return gives


def _batch(axis: int, write: str) -> Mismatch:
    return Mismatch(
        f"axis {axis} is the batch: there would be more records than came in", write=write
    )


def repeat_interleave(x: tuple[Type, ...], a: Args) -> Result:
    """Every value so many times in a row along an axis; without `dim` along all in one row."""
    (value,) = x
    times = dim(a["repeats"])
    if a["dim"] is None:
        if any(BATCH in size.names for size in value.shape):
            return Mismatch(
                "without an axis all values come in one row, and the records would be mixed",
                write=f"repeat_interleave({text(times)}, -1)",
            )
        return value.shaped(product(value.shape) * times, spatial=0)
    axis = axis_of(value, a["dim"])
    if axis is None:
        return no_axis(value, a["dim"])
    if not value.shape:
        return Mismatch("a scalar has no axis", write=f"repeat_interleave({text(times)})")
    size = value.shape[axis]
    if BATCH in size.names and times != 1:
        return _batch(axis, "another axis")
    return value.shaped(*value.shape[:axis], size * times, *value.shape[axis + 1 :])


def _record(
    name: str,
    signature: str,
    gives: Any,
    code: str,
    summary: str,
    example: str,
    inputs: tuple[str, ...] = ("input",),
) -> Layer:
    return Layer(
        name, signature, gives, code, summary, example, inputs=inputs, positional=2, flops=free
    )


EXPANDING = (
    _record(
        "expand",
        "*size: expanded",
        expand,
        ".expand",
        "axes of 1 grown to sizes, without a copy",
        "column -> expand(-1, 10)",
    ),
    _record(
        "broadcast_to",
        "size: expanded",
        expand,
        "torch.broadcast_to",
        "axes of 1 grown to sizes, without a copy",
        "column -> broadcast_to((-1, 10))",
    ),
    _record(
        "expand_as",
        "",
        expand_as,
        ".expand_as",
        "axes of 1 grown to the sizes of another",
        "expand_as(column, x)",
        ("input", "other"),
    ),
    _record(
        "repeat",
        "*repeats: shape",
        repeats("repeats", fewer=False),
        ".repeat",
        "the whole, so many times along every axis",
        "repeat(x, 1, 2)",
    ),
    _record(
        "tile",
        "*dims: shape",
        repeats("dims", fewer=True),
        "torch.tile",
        "the whole, so many times along the last axes",
        "x -> tile(2)",
    ),
    _record(
        "repeat_interleave",
        "repeats: size, dim: axis? = None",
        repeat_interleave,
        "torch.repeat_interleave",
        "every value so many times in a row",
        "signal -> repeat_interleave(2, -1)",
    ),
)
