"""Functions that take tensors apart: parts along an axis, or one place of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .indexing import Slice, indexed
from .record import BATCH, Args, Condition, Given, Layer, Mismatch, Result, axis_of, free, no_axis

MOST = 1_000  # results of one function


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
        write = f"sizes that add up to {text(size)}"
        return Mismatch(f"{sums} = {text(total)}, and axis {axis} has {text(size)}", write)
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


def _cuts(value: Type, axis: int, asked: Any, divides: str = "") -> Result:
    """So many parts, the first ones larger by one where that does not divide, or cut at places.

    `divides` names a function that refuses what does not divide.
    """
    size = value.shape[axis]
    if isinstance(asked, tuple):
        places = [dim(each) for each in asked]
        ends = [size + place if decide(place, "<", 0) else place for place in places]
        edges = [dim(0), *ends, size]
        return _parts(value, axis, [b - a for a, b in pairwise(edges)])
    count = dim(asked).value
    if count is None:
        return Mismatch("how many results there are must be known here")
    if count > MOST:
        return _parts(value, axis, [size] * (MOST + 1))
    sizes = [(size + (count - 1 - place)) // count for place in range(count)]
    if not divides or decide(size // count * count, "==", size):
        return _parts(value, axis, sizes)
    if size.value is not None:
        return Mismatch(
            f"{divides} makes equal parts, and {text(size)} does not divide by {count}",
            write=f"tensor_split(x, {count}, {axis})",
        )
    found = _parts(value, axis, [size // count] * count)
    assert isinstance(found, tuple)
    return Given(found, (Condition(size // count * count, "==", size),))


def tensor_split(x: tuple[Type, ...], a: Args) -> Result:
    """Parts as equal as they can be, or those between the places in a list."""
    (value,) = x
    axis = _axis(value, a["dim"], "tensor_split")
    return axis if isinstance(axis, Mismatch) else _cuts(value, axis, a["indices_or_sections"])


def splits(name: str, along: int) -> Any:
    """The type rule of `hsplit` and its kin: `tensor_split` on a given axis."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        least = {"hsplit": 1, "vsplit": 2, "dsplit": 3}[name]
        if len(value.shape) < least:
            axes = f"{least} {'axis' if least == 1 else 'axes'}"
            return Mismatch(f"{name} takes {axes} at least, and {value} has {len(value.shape)}")
        axis = _axis(value, min(along, len(value.shape) - 1), name)
        if isinstance(axis, Mismatch):
            return Mismatch(axis.why, write="tensor_split(x, …, 1)")
        return _cuts(value, axis, a["indices_or_sections"], divides=name)

    return gives


def narrow(x: tuple[Type, ...], a: Args) -> Result:
    """`length` places of an axis from `start` on."""
    (value,) = x
    axis = _axis(value, a["dim"], "narrow")
    if isinstance(axis, Mismatch):
        return axis
    size, start, length = value.shape[axis], dim(a["start"]), dim(a["length"])
    conditions: list[Condition] = []
    backwards = decide(start, "<", 0)
    if backwards is None:
        conditions.append(Condition(start, ">=", dim(0)))
    if backwards:
        conditions.append(Condition(size, ">=", -start))
        start = size + start
    conditions.append(Condition(size, ">=", start + length))
    left = []
    for each in conditions:
        match decide(each.left, each.operator, each.right):
            case None:
                left.append(each)
            case False:
                return Mismatch(
                    f"{text(length)} places from {text(dim(a['start']))} on lie outside axis "
                    f"{axis}, which has {text(size)}",
                    code="D0225",
                )
    given = value.shaped(*value.shape[:axis], length, *value.shape[axis + 1 :])
    return Given(given, tuple(left)) if left else given


def select(x: tuple[Type, ...], a: Args) -> Result:
    """One place of an axis, which is gone."""
    (value,) = x
    axis = axis_of(value, a["dim"])
    if axis is None or not value.shape:
        return no_axis(value, a["dim"]) if value.shape else Mismatch("a scalar has no places")
    items = (*[Slice()] * axis, dim(a["index"]))
    return indexed(x, {"items": items})


def _view(name: str, signature: str, gives: Any, summary: str, example: str) -> Layer:
    code = f"torch.{name}"
    return Layer(
        name, signature, gives, code, summary, example, positional=3, flops=free, complex=True
    )


def _splits(name: str, along: int, example: str) -> Layer:
    return _view(
        name,
        "indices_or_sections: cuts",
        splits(name, along),
        f"so many equal parts along axis {along}, or those between the places in a list",
        example,
    )


SPLITTING = (
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
    _view(
        "tensor_split",
        "indices_or_sections: cuts, dim: axis = 0",
        tensor_split,
        "parts along an axis, as equal as they can be, or those between the places in a list",
        "x -> tensor_split(3, -1)",
    ),
    _splits("hsplit", 1, "x -> hsplit(2)"),
    _splits("vsplit", 0, "vsplit(image[0], 3)"),
    _splits("dsplit", 2, "signal -> dsplit(4)"),
    _view(
        "narrow",
        "dim: axis, start: int, length: size",
        narrow,
        "so many places of an axis, from one on",
        "signal -> narrow(-1, 0, 10)",
    ),
    _view(
        "select",
        "dim: axis, index: int",
        select,
        "one place of an axis, which is gone",
        "signal -> select(-1, 0)",
    ),
)
