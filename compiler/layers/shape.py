"""Functions that give the same numbers another shape."""

from __future__ import annotations

from collections.abc import Callable

from ..dims import Dim, decide, dim, factors, name, text
from ..tensor import Type
from .arguments import spread
from .record import BATCH as BATCH
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


def product(sizes: tuple[Dim, ...]) -> Dim:
    """All sizes multiplied."""
    total = dim(1)
    for size in sizes:
        total = total * size
    return total


def in_factors(size: Dim) -> str:
    """A size as a person checks it: `1568 = 32*7*7`, or the polynomial."""
    return text(size) if size.value is None else f"{size.value} = {factors(size.value)}"


def counted(sizes: Shape) -> str:
    """How many values there are, as the axes make them: `5408 = 32*13*13`."""
    total = product(sizes)
    axes = [text(size) for size in sizes if size != 1]
    if total.value is None or len(axes) < 2:
        return in_factors(total)
    return f"{total} = {'*'.join(axes)}"


def flatten(x: tuple[Type, ...], a: Args) -> Result:
    """Axes `start_dim` to `end_dim` become one; the batch stays apart."""
    (value,) = x
    start, end = axis_of(value, a["start_dim"]), axis_of(value, a["end_dim"])
    if start is None or end is None:
        return no_axis(value, a["start_dim"] if start is None else a["end_dim"])
    if start > end:
        return Mismatch(
            f"start_dim={a['start_dim']} stands behind end_dim={a['end_dim']}",
            write=f"flatten({end}, {start})",
        )
    together = value.shape[start : end + 1]
    if len(together) > 1 and any(BATCH in size.names for size in together):
        write = "flatten(1)" if BATCH in together[0].names and len(value.shape) > 2 else ""
        if start == 0 and (end + 1 < len(value.shape) or len(value.shape) == 2):
            rows = ", ".join(map(text, (product(together), *value.shape[end + 1 :])))
            write = f"reshape({rows}) says that the batch grows"
        return Mismatch("flattening the batch would mix the records", write=write)
    shape = (*value.shape[:start], product(together), *value.shape[end + 1 :])
    return value.shaped(*shape, spatial=0)


def reshape(x: tuple[Type, ...], a: Args) -> Result:
    """As many values in another shape; one size may be -1; the batch stays what it is.

    A -1 where the batch stands means the batch alone. What open sizes must be for the number of
    values to stay is a condition.
    """
    (value,) = x
    asked = [dim(size) for size in spread(a["shape"], 1)]
    places = [index for index, size in enumerate(asked) if size.value == -1]
    if len(places) > 1:
        return Mismatch("only one size may be -1", write="numbers for all sizes but one")
    have, folded = product(value.shape), False
    if BATCH in have.names and not any(BATCH in size.names for size in asked):
        if places != [0]:
            rest = [text(size) for size in asked[1:]]
            return Mismatch(
                "the batch has no fixed size, so it cannot become a number",
                write=f"reshape({', '.join(['N', *rest])})",
            )
        asked[0], places, folded = name(BATCH), [], True
    for place in places:
        asked[place] = have // product(tuple(asked[:place] + asked[place + 1 :]))
    shape = tuple(asked)
    given = value.shaped(*shape, spatial=0)
    left, right = _without_batch(have, product(shape))
    match decide(left, "==", right):
        case True:
            return given
        case None:
            return Given(given, (Condition(left, "==", right),))
    if folded and (many := _folded(left, product(shape[1:]))):
        behind = "".join(f", {text(size)}" for size in shape[1:])
        wrong = _uneven(value.shape, shape, places)
        rows = f"or for {many} rows a record `reshape({BATCH} * {many}{behind})`"
        return Mismatch(wrong.why, f"flatten(1) for one row a record, {rows}")
    return _uneven(value.shape, shape, places)


def _folded(have: Dim, rest: Dim) -> int:
    """How many rows of `rest` values a record has, where it has some; else 0."""
    if have.value is None or rest.value is None or have.value % rest.value:
        return 0
    return have.value // rest.value


def _without_batch(*sizes: Dim) -> tuple[Dim, ...]:
    """The sizes without the batch, where it is a factor of all of them."""
    batch = name(BATCH)
    if all((size // batch) * batch == size for size in sizes):
        return tuple(size // batch for size in sizes)
    return sizes


def _uneven(have: Shape, wanted: Shape, places: list[int]) -> Mismatch:
    """More or fewer values than the shape that is asked for."""
    each = ""
    if have and wanted and have[0] == wanted[0] == name(BATCH):
        have, wanted, each = have[1:], wanted[1:], " a record"
        places = [place - 1 for place in places]
    if places:
        rows = tuple(size for index, size in enumerate(wanted) if index not in places)
        return Mismatch(f"{counted(have)} values{each} do not divide into parts of {counted(rows)}")
    first = "N, " if each else ""
    if have and len(wanted) == len(have) + 1 and (help := _heads(have[-1].value, *wanted[-2:])):
        return Mismatch(f"{counted(have)} values{each} cannot become {counted(wanted)}", help)
    return Mismatch(
        f"{counted(have)} values{each} cannot become {counted(wanted)}",
        write=f"reshape({first}-1)" if len(wanted) == 1 else "",
    )


def _heads(width: int | None, heads: Dim, each: Dim) -> str:
    """What to write where `width // heads` has left a rest."""
    count = heads.value
    if width is None or count is None or count < 1 or width // count != each.value:
        return ""
    legal = [other for other in range(1, width + 1) if width % other == 0]
    near = sorted(sorted(legal, key=lambda other: abs(other - count))[:2])
    return f"{width} / {count} is {width / count:.4g}: {' or '.join(map(str, near))} divide {width}"


def permute(x: tuple[Type, ...], a: Args) -> Result:
    """The same axes in another order."""
    (value,) = x
    asked = spread(a["dims"], 1)
    rank = len(value.shape)
    example = f"permute({', '.join(map(str, [*range(rank)][:1] + [*range(rank)][:0:-1]))})"
    axes: list[int] = []
    for axis in asked:
        place = axis_of(value, axis)
        if place is None:
            return no_axis(value, axis)
        axes.append(place)
    if sorted(axes) != [*range(rank)]:
        return Mismatch(f"permute names each of the {rank} axes once", write=example)
    return value.shaped(*(value.shape[axis] for axis in axes), spatial=0)


def ravel(x: tuple[Type, ...], a: Args) -> Result:
    """All values in one row."""
    return flatten(x, {"start_dim": 0, "end_dim": -1})


def reshape_as(x: tuple[Type, ...], a: Args) -> Result:
    """As many values in the shape of the other one."""
    value, other = x
    return reshape((value,), {"shape": other.shape})


def unflattens(argument: str) -> Callable[[tuple[Type, ...], Args], Result]:
    """The type rule of `unflatten`: one axis becomes several, one of which may be -1."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        axis = axis_of(value, a["dim"])
        if axis is None or not value.shape:
            return no_axis(value, a["dim"])
        if not isinstance(a[argument], tuple) or not a[argument]:
            return Mismatch("an axis becomes several, which stand in brackets", write="(2, -1)")
        asked = [dim(size) for size in a[argument]]
        places = [index for index, size in enumerate(asked) if size.value == -1]
        if len(places) > 1:
            return Mismatch("only one size may be -1", write="numbers for all sizes but one")
        have = value.shape[axis]
        for place in places:
            asked[place] = have // product(tuple(asked[:place] + asked[place + 1 :]))
        total = product(tuple(asked))
        shape = (*value.shape[:axis], *asked, *value.shape[axis + 1 :])
        given = value.shaped(*shape, spatial=0)
        match decide(total, "==", have):
            case True:
                return given
            case None if BATCH not in have.names:
                return Given(given, (Condition(total, "==", have),))
        return Mismatch(
            f"axis {axis} has {in_factors(have)}, which {counted(tuple(asked))} is not",
            write="another axis" if have == name(BATCH) else "",
        )

    return gives


def _view(
    name: str,
    signature: str,
    gives: Callable[[tuple[Type, ...], Args], Result],
    code: str,
    summary: str,
    example: str,
    inputs: tuple[str, ...] = ("input",),
) -> Layer:
    return Layer(
        name, signature, gives, code, summary, example, inputs=inputs, flops=free, positional=2
    )


SHAPES = (
    _view(
        "Flatten",
        "start_dim: axis = 1, end_dim: axis = -1",
        flatten,
        "torch.flatten",
        "several axes become one",
        "image -> Flatten()",
    ),
    _view(
        "flatten",
        "start_dim: axis = 0, end_dim: axis = -1",
        flatten,
        "torch.flatten",
        "several axes become one",
        "image -> flatten(1)",
    ),
    _view("ravel", "", ravel, "torch.ravel", "all values in one row", "ravel(image[0])"),
    _view(
        "Unflatten",
        "dim: axis, unflattened_size: sizes",
        unflattens("unflattened_size"),
        "torch.unflatten",
        "one axis becomes several",
        "x -> Unflatten(1, (28, 28))",
    ),
    _view(
        "unflatten",
        "dim: axis, sizes: sizes",
        unflattens("sizes"),
        "torch.unflatten",
        "one axis becomes several",
        "x -> unflatten(1, (28, -1))",
    ),
    Layer(
        "reshape",
        "*shape: sizes",
        reshape,
        ".reshape",
        "as many values in another shape",
        "x -> reshape(N, 1, 28, 28)",
        flops=free,
        complex=True,
        positional=9,
    ),
    # Emitted as reshape: a view would fail where an axis was moved before.
    Layer(
        "view",
        "*shape: sizes",
        reshape,
        ".reshape",
        "as many values in another shape: reshape by its other name",
        "x -> view(N, 1, 28, 28)",
        flops=free,
        positional=9,
    ),
    _view(
        "reshape_as",
        "",
        reshape_as,
        ".reshape_as",
        "as many values in the shape of another",
        "reshape_as(image -> flatten(1), image)",
        ("input", "other"),
    ),
    _view(
        "view_as",
        "",
        reshape_as,
        ".reshape_as",
        "as many values in the shape of another: reshape_as by its other name",
        "view_as(image -> flatten(1), image)",
        ("input", "other"),
    ),
    Layer(
        "permute",
        "*dims: axes",
        permute,
        "torch.permute",
        "the same axes in another order",
        "image -> permute(0, 2, 3, 1)",
        flops=free,
        complex=True,
        positional=1,
    ),
)
