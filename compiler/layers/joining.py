"""Functions that put tensors together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dims import decide, dim, text
from ..tensor import Type
from .axes import new_axis
from .broadcasting import promoted
from .meaning import in_common
from .record import (
    BATCH,
    LENIENT,
    Args,
    Condition,
    Given,
    Layer,
    Mismatch,
    Result,
    Shape,
    axis_of,
    free,
    no_axis,
)

MESH = 'meshgrid(x[0], x[1], indexing="ij")'


def _together(x: tuple[Type, ...], shape: Shape) -> Type:
    """What the values have in common; what differs is forgotten."""
    return in_common(x, promoted({each.dtype for each in x}), shape)


def _agree(
    name: str, x: tuple[Type, ...], but: int | None, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with sizes that must be equal on all axes `but` one."""
    first = x[0]
    for other in x[1:]:
        if len(other.shape) != len(first.shape):
            return Mismatch(
                f"{name} takes values with equally many axes, and here come {first} and {other}",
                write=_fewer_axes(first, other),
            )
        for axis, (a, b) in enumerate(zip(first.shape, other.shape, strict=True)):
            if axis == but:
                continue
            match decide(a, "==", b):
                case True:
                    continue
                case None if LENIENT.get():
                    continue
                case None if a.names == b.names:
                    conditions.append(Condition(a, "==", b))
                    continue
            equal = "all axes but that" if but is not None else "all axes"
            return Mismatch(
                f"{name} needs equal sizes on {equal}, and axis {axis} is {text(a)} and {text(b)}"
            )
    return None


def _fewer_axes(first: Type, other: Type) -> str:
    """How two values get equally many axes."""
    long, short = (first, other) if len(first.shape) > len(other.shape) else (other, first)
    if short.classes or short.tokens:
        return "-> Embedding(8) makes floats of each index, with an axis more"
    if len(long.shape) != len(short.shape) + 1:
        return "flatten(1), or None in an index, as in x[:, None]"
    if long.shape[0] == 1:
        return "of a state `h[-1]` is the last layer's, without the axis in front"
    return "-> flatten(1) for the one, or `x[:, None]` for the other"


def cat(x: tuple[Type, ...], a: Args) -> Result:
    """One behind the other along an axis; the sizes of that axis add up."""
    if not x:
        return Mismatch("cat takes one tensor at least", write="cat([a, b], 1)")
    first = x[0]
    axis = axis_of(first, a["dim"])
    if axis is None or not first.shape:
        return (
            no_axis(first, a["dim"]) if first.shape else Mismatch("scalars have no axis", "stack")
        )
    conditions: list[Condition] = []
    if wrong := _agree("cat", x, axis, conditions):
        return wrong
    if any(BATCH in each.shape[axis].names for each in x) and len(x) > 1:
        return Mismatch(
            "axis 0 is the batch: records cannot be put behind others inside a batch",
            write="cat([a, b], 1)",
        )
    total = dim(0)
    for each in x:
        total = total + each.shape[axis]
    given = _together(x, (*first.shape[:axis], total, *first.shape[axis + 1 :]))
    given = given.shaped(*given.shape, spatial=max(each.spatial for each in x) if axis == 1 else 0)
    return Given(given, tuple(conditions)) if conditions else given


def stack(x: tuple[Type, ...], a: Args) -> Result:
    """Side by side along a new axis."""
    if not x:
        return Mismatch("stack takes one tensor at least", write="stack([a, b], 1)")
    axis = new_axis(x[0], a["dim"])
    if isinstance(axis, Mismatch):
        return axis
    conditions: list[Condition] = []
    if wrong := _agree("stack", x, None, conditions):
        return wrong
    shape = x[0].shape
    given = _together(x, (*shape[:axis], dim(len(x)), *shape[axis:]))
    return Given(given, tuple(conditions)) if conditions else given


def _with_axes(value: Type, least: int) -> Type:
    """The value with so many axes: those of 1 that torch's `atleast_2d` and `atleast_3d` add."""
    one, shape = dim(1), value.shape
    match len(shape), least:
        case 0, _:
            return value.shaped(*(one,) * least)
        case 1, 2:
            return value.shaped(one, *shape)
        case 1, 3:
            return value.shaped(one, *shape, one)
        case 2, 3:
            return value.shaped(*shape, one)
    return value


def _column(value: Type) -> Type:
    """A row of numbers as a column, a scalar as a single entry."""
    return value if len(value.shape) > 1 else value.shaped(*(*value.shape, dim(1), dim(1))[:2])


def stacked(name: str, axis: int, shaped: Callable[[Type], Type]) -> Any:
    """The type rule of `hstack` and its kin: values with axes added, put together on `axis`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        if not x:
            return Mismatch(f"{name} takes one tensor at least", write=f"{name}([a, b])")
        if any(len(each.shape) != len(x[0].shape) for each in x) and name == "hstack":
            ranks = len(x[0].shape)
            if any((len(each.shape) > 1) is not (ranks > 1) for each in x):
                return Mismatch("hstack takes values with equally many axes")
        given = tuple(map(shaped, x))
        found = cat(given, {"dim": axis if len(given[0].shape) > 1 else 0})
        if isinstance(found, Mismatch) and found.write == "cat([a, b], 1)":
            return Mismatch(found.why, write="stack([a, b], 1)")
        return found

    return gives


def meshgrid(x: tuple[Type, ...], a: Args) -> Result:
    """Of every row a grid, in which it runs along its own axis."""
    if not x:
        return Mismatch("meshgrid takes one tensor at least", write=MESH)
    sizes = []
    for each in x:
        if len(each.shape) > 1:
            return Mismatch(f"meshgrid takes rows of numbers, and {each} has more axes")
        sizes.append(each.shape[0] if each.shape else dim(1))
    if len({each.dtype for each in x}) > 1:
        return Mismatch("the rows of a grid have one dtype", write="x -> to(f32)", code="D0202")
    if a["indexing"] == "xy":
        sizes[:2] = reversed(sizes[:2])
    return tuple(each.shaped(*sizes, spatial=0) for each in x)


def in_brackets(x: tuple[Type, ...]) -> tuple[str, ...]:
    """How a list of tensors is written: `[a, b]`."""
    forms = ["{}"] * len(x)
    forms[0] = f"[{forms[0]}"
    forms[-1] = f"{forms[-1]}]"
    return tuple(forms)


def _joins(name: str, gives: Any, summary: str) -> Layer:
    return Layer(
        name,
        "dim: axis = 0",
        gives,
        f"torch.{name if name != 'concat' else 'cat'}",
        summary,
        f"{name}([x, x], 1)",
        inputs=("tensors",),
        positional=0,
        flops=free,
        listed=True,
        adapt=in_brackets,
    )


def _stacks(name: str, axis: int, shaped: Callable[[Type], Type], summary: str) -> Layer:
    rows = "x[0], x[1]" if name == "vstack" else "x, x"
    return Layer(
        name,
        "",
        stacked(name, axis, shaped),
        f"torch.{name}",
        summary,
        f"{name}([{rows}])",
        inputs=("tensors",),
        positional=0,
        flops=free,
        listed=True,
        adapt=in_brackets,
    )


JOINING = (
    _joins("cat", cat, "values one behind the other along an axis"),
    _joins("concat", cat, "values one behind the other along an axis: torch's other name of cat"),
    _joins("stack", stack, "values side by side along a new axis"),
    _stacks("hstack", 1, lambda x: _with_axes(x, 1), "values one behind the other along axis 1"),
    _stacks("vstack", 0, lambda x: _with_axes(x, 2), "values below each other along axis 0"),
    _stacks("dstack", 2, lambda x: _with_axes(x, 3), "values one behind the other along axis 2"),
    _stacks("column_stack", 1, _column, "rows of numbers as the columns of a matrix"),
    Layer(
        "meshgrid",
        "indexing: ij|xy",
        meshgrid,
        "torch.meshgrid",
        "of every row of numbers a grid, in which it runs along its own axis",
        MESH,
        inputs=("tensors",),
        positional=0,
        flops=free,
        variadic=True,
        results="a, b",
    ),
)
