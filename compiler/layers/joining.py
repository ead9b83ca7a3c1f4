"""Functions that put tensors together and take them apart."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import DTYPES, INTEGERS, Type
from .arguments import spread
from .record import (
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
from .shape import BATCH

MOST = 1_000  # results of one function
ORDER = ("bool", *INTEGERS, "f16", "bf16", "f32", "f64")
assert sorted(ORDER) == sorted(DTYPES)


def promoted(dtypes: set[str]) -> str:
    """The dtype that torch gives values of several dtypes put together."""
    if {"f16", "bf16"} <= dtypes and not dtypes & {"f32", "f64"}:
        return "f32"
    return max(dtypes, key=ORDER.index)


def _together(x: tuple[Type, ...], shape: Shape) -> Type:
    """What the values have in common; what differs is forgotten."""
    first = x[0]
    if len({each.shaped(spatial=0) for each in x}) == 1:
        return first.shaped(*shape, spatial=0)
    meaning = first.meaning if len({each.meaning for each in x}) == 1 else ""
    return Type(promoted({each.dtype for each in x}), shape, meaning)


def _agree(
    name: str, x: tuple[Type, ...], but: int | None, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with sizes that must be equal on all axes `but` one."""
    first = x[0]
    for other in x[1:]:
        if len(other.shape) != len(first.shape):
            return Mismatch(f"{name} takes values with equally many axes")
        for axis, (a, b) in enumerate(zip(first.shape, other.shape, strict=True)):
            if axis == but:
                continue
            match decide(a, "==", b):
                case True:
                    continue
                case None if a.names == b.names:
                    conditions.append(Condition(a, "==", b))
                    continue
            equal = "all axes but that" if but is not None else "all axes"
            return Mismatch(
                f"{name} needs equal sizes on {equal}, and axis {axis} is {text(a)} and {text(b)}"
            )
    return None


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
    axis = _new_axis(x[0], a["dim"])
    if isinstance(axis, Mismatch):
        return axis
    conditions: list[Condition] = []
    if wrong := _agree("stack", x, None, conditions):
        return wrong
    shape = x[0].shape
    given = _together(x, (*shape[:axis], dim(len(x)), *shape[axis:]))
    return Given(given, tuple(conditions)) if conditions else given


def _new_axis(x: Type, asked: Any) -> int | Mismatch:
    """The place of an axis that is added."""
    axis, count = dim(asked).value, len(x.shape) + 1
    if axis is None or not -count <= axis < count:
        return Mismatch(f"a new axis of {x} can be 0 … {count - 1}, not {asked}", write="-1")
    return axis % count


def unsqueeze(x: tuple[Type, ...], a: Args) -> Result:
    """An axis of 1 more."""
    (value,) = x
    axis = _new_axis(value, a["dim"])
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
    gone = []
    for each in spread(asked, 1):
        axis = axis_of(value, each)
        if axis is None:
            return no_axis(value, each)
        if axis in gone:
            return Mismatch(f"axis {axis} is named twice", write="each axis once")
        if value.shape and value.shape[axis] != 1:
            return Mismatch(f"axis {axis} is {text(value.shape[axis])}, and only 1 can be dropped")
        gone.append(axis)
    kept = (size for axis, size in enumerate(value.shape) if axis not in gone)
    return value.shaped(*kept, spatial=0)


def transpose(x: tuple[Type, ...], a: Args) -> Result:
    """Two axes change places."""
    (value,) = x
    places = []
    for each in (a["dim0"], a["dim1"]):
        axis = axis_of(value, each)
        if axis is None:
            return no_axis(value, each)
        places.append(axis)
    shape = list(value.shape)
    if shape:
        first, second = places
        shape[first], shape[second] = shape[second], shape[first]
    return value.shaped(*shape, spatial=0)


def flip(x: tuple[Type, ...], a: Args) -> Result:
    """Axes turned around."""
    (value,) = x
    seen = []
    for each in spread(a["dims"], 1):
        axis = axis_of(value, each)
        if axis is None:
            return no_axis(value, each)
        if axis in seen:
            return Mismatch(f"axis {axis} is named twice", write="each axis once")
        seen.append(axis)
    return value


def _parts(value: Type, axis: int, sizes: list[Dim]) -> Result:
    """The results that an axis of these sizes is cut into."""
    if len(sizes) > MOST:
        return Mismatch(f"{len(sizes):,} results are more than {MOST:,}, which is the limit")
    before, behind = value.shape[:axis], value.shape[axis + 1 :]
    return tuple(value.shaped(*before, size, *behind, spatial=0) for size in sizes)


def _axis(value: Type, asked: Any, name: str) -> int | Mismatch:
    """The axis that is taken apart; never the batch."""
    axis = axis_of(value, asked)
    if axis is None or not value.shape:
        return no_axis(value, asked) if value.shape else Mismatch("a scalar has no parts")
    if BATCH in value.shape[axis].names:
        return Mismatch(
            f"axis {axis} is the batch, and {name} would take it apart", write=f"{name}(x, …, 1)"
        )
    return axis


def chunk(x: tuple[Type, ...], a: Args) -> Result:
    """So many parts of equal size; where that does not divide, the last one is smaller."""
    (value,) = x
    axis = _axis(value, a["dim"], "chunk")
    if isinstance(axis, Mismatch):
        return axis
    size, count = value.shape[axis], dim(a["chunks"])
    if count.value is None:
        return Mismatch("how many results there are must be known here")
    if size.value is None:
        if count.value > MOST:
            return _parts(value, axis, [size] * (MOST + 1))
        each = size // count
        given = _parts(value, axis, [each] * count.value)
        if decide(each * count, "==", size) or isinstance(given, Mismatch | Type | Given):
            return given
        return Given(given, (Condition(each * count, "==", size),))
    each_size = -(-size.value // count.value)
    return _cut(value, axis, size.value, each_size)


def _cut(value: Type, axis: int, size: int, each: int) -> Result:
    whole, rest = divmod(size, each)
    if whole > MOST:
        return _parts(value, axis, [dim(1)] * (MOST + 1))
    return _parts(value, axis, [dim(each)] * whole + [dim(rest)] * (rest > 0))


def split(x: tuple[Type, ...], a: Args) -> Result:
    """Parts of one size, the last one smaller; or parts of the sizes in a list."""
    (value,) = x
    axis = _axis(value, a["dim"], "split")
    if isinstance(axis, Mismatch):
        return axis
    size, asked = value.shape[axis], a["split_size_or_sections"]
    if not isinstance(asked, tuple):
        each = dim(asked).value
        if size.value is None or each is None:
            return Mismatch(
                f"how many parts there are depends on {text(size)}, which is open",
                write="chunk(x, 2, …) for so many parts",
            )
        return _cut(value, axis, size.value, each)
    sizes = [dim(each) for each in asked]
    total = dim(0)
    for part in sizes:
        total = total + part
    if not decide(total, "==", size):
        sums = " + ".join(map(text, sizes))
        return Mismatch(f"{sums} = {text(total)}, and axis {axis} has {text(size)}")
    return _parts(value, axis, sizes)


def unbind(x: tuple[Type, ...], a: Args) -> Result:
    """One result for each place of an axis, which is gone."""
    (value,) = x
    axis = _axis(value, a["dim"], "unbind")
    if isinstance(axis, Mismatch):
        return axis
    count = value.shape[axis].value
    if count is None or count > MOST:
        return Mismatch(
            f"axis {axis} has {text(value.shape[axis])}, and there would be a result for each",
            write="`x[:, 0]` takes one of them",
        )
    shape = (*value.shape[:axis], *value.shape[axis + 1 :])
    return (value.shaped(*shape, spatial=0),) * count


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


def _view(name: str, signature: str, gives: Any, summary: str, example: str) -> Layer:
    return Layer(
        name,
        signature,
        gives,
        f"torch.{name}",
        summary,
        example,
        positional=2,
        flops=free,
    )


JOINING = (
    _joins("cat", cat, "values one behind the other along an axis"),
    _joins("concat", cat, "values one behind the other along an axis: torch's other name of cat"),
    _joins("stack", stack, "values side by side along a new axis"),
    _view("squeeze", "dim: axes? = None", squeeze, "axes of 1 dropped", "column -> squeeze(-1)"),
    _view("unsqueeze", "dim: axis", unsqueeze, "an axis of 1 more", "x -> unsqueeze(1)"),
    _view(
        "transpose",
        "dim0: axis, dim1: axis",
        transpose,
        "two axes change places",
        "signal -> transpose(1, 2)",
    ),
    _view("flip", "*dims: axes", flip, "axes turned around", "signal -> flip(-1)"),
    _view(
        "chunk",
        "chunks: size, dim: axis = 0",
        chunk,
        "so many parts along an axis, equally large where that divides",
        "x -> chunk(2, -1)",
    ),
    _view(
        "split",
        "split_size_or_sections: parts, dim: axis = 0",
        split,
        "parts of one size along an axis, or of the sizes in a list",
        "x -> split(392, -1)",
    ),
    _view(
        "unbind",
        "dim: axis = 0",
        unbind,
        "one result for each place of an axis",
        "signal -> unbind(1)",
    ),
)
