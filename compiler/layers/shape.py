"""Functions that give the same numbers another shape, and reductions."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, factors, name, text
from ..tensor import Type
from .arguments import spread
from .record import Args, Condition, Given, Layer, Mismatch, Result, elementwise, free

BATCH = "N"


def product(sizes: tuple[Dim, ...]) -> Dim:
    """All sizes multiplied."""
    total = dim(1)
    for size in sizes:
        total = total * size
    return total


def in_factors(size: Dim) -> str:
    """A size as a person checks it: `1568 = 32*7*7`, or the polynomial."""
    return text(size) if size.value is None else f"{size.value} = {factors(size.value)}"


def axis_of(x: Type, value: Any) -> int | None:
    """An axis counted from the front, or None where the value has no such axis."""
    axis = dim(value).evaluate({})
    return axis % len(x.shape) if -len(x.shape) <= axis < len(x.shape) else None


def flatten(x: tuple[Type, ...], a: Args) -> Result:
    """Axes `start_dim` to `end_dim` become one; the batch stays apart."""
    (value,) = x
    start, end = axis_of(value, a["start_dim"]), axis_of(value, a["end_dim"])
    if start is None or end is None:
        wrong = a["start_dim"] if start is None else a["end_dim"]
        return Mismatch(f"{value} has no axis {wrong}", write="flatten(1)")
    if start > end:
        return Mismatch(f"start_dim={a['start_dim']} stands behind end_dim={a['end_dim']}")
    if start == 0 and end > 0 and BATCH in value.shape[0].names:
        return Mismatch(
            "axis 0 is the batch: flattening it would mix the records", write="flatten(1)"
        )
    shape = (*value.shape[:start], product(value.shape[start : end + 1]), *value.shape[end + 1 :])
    return value.shaped(*shape, spatial=0)


def reshape(x: tuple[Type, ...], a: Args) -> Result:
    """As many elements in another shape; one size may be -1; the batch stays what it is."""
    (value,) = x
    asked = [dim(size) for size in spread(a["shape"], 1)]
    open_places = [index for index, size in enumerate(asked) if size.value == -1]
    if len(open_places) > 1:
        return Mismatch("only one size may be -1")
    have = product(value.shape)
    stated = product(tuple(size for size in asked if size.value != -1))
    batched = value.shape != () and value.shape[0] == name(BATCH)
    if open_places == [0] and batched:
        asked[0] = name(BATCH)
    elif open_places:
        left = have // stated if stated.value != 0 else dim(0)
        if not (left * stated - have).value == 0:
            return Mismatch(
                f"{in_factors(have)} values do not divide into rows of {in_factors(stated)}"
            )
        asked[open_places[0]] = left
    if batched and not any(BATCH in size.names for size in asked):
        inner = ", ".join(["N", *(text(size) for size in asked[1:])])
        return Mismatch(
            "the batch has no fixed size, so it cannot become a number", write=f"reshape({inner})"
        )
    wanted = product(tuple(asked))
    shape = tuple(asked)
    match decide(have, "==", wanted):
        case True:
            return value.shaped(*shape, spatial=0)
        case None if have.names == wanted.names:
            return Given(
                value.shaped(*shape, spatial=0), (Condition(have, "==", wanted),)
            )
    rest_have, rest_wanted = product(value.shape[1:]), product(shape[1:])
    if batched and asked[0] == value.shape[0]:
        have, wanted = rest_have, rest_wanted
        each = " in each record"
    else:
        each = ""
    return Mismatch(
        f"{in_factors(have)} values{each} cannot become {in_factors(wanted)}",
        write=f"reshape({text(asked[0])}, -1)" if len(asked) == 2 else "",
    )


def reduction(function: str) -> Any:
    """The type rule of sums and means over axes; without `dim` over everything."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if function == "mean" and not value.floating:
            return Mismatch("mean takes floats", write="-> to(f32)", code="D0202")
        dtype = value.dtype if value.floating else "i64"
        if a["dim"] is None:
            return Type(dtype, ())
        axes = [axis_of(value, axis) for axis in spread(a["dim"], 1)]
        if None in axes:
            return Mismatch(f"{value} has no axis {a['dim']}")
        kept = (
            dim(1) if index in axes else size
            for index, size in enumerate(value.shape)
            if index not in axes or a["keepdim"]
        )
        return Type(dtype, tuple(kept))

    return gives


def reduction_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One operation an element that comes in."""
    return elementwise(x, x[0], a)


SHAPES = (
    Layer(
        "Flatten",
        "start_dim: axis = 1, end_dim: axis = -1",
        flatten,
        "torch.flatten",
        "several axes become one",
        "image -> Flatten()",
        flops=free,
        positional=2,
    ),
    Layer(
        "flatten",
        "start_dim: axis = 0, end_dim: axis = -1",
        flatten,
        "torch.flatten",
        "several axes become one",
        "image -> flatten(1)",
        flops=free,
        positional=2,
    ),
    Layer(
        "reshape",
        "*shape: sizes",
        reshape,
        ".reshape",
        "as many values in another shape",
        "x -> reshape(N, 1, 28, 28)",
        flops=free,
        positional=9,
    ),
    Layer(
        "mean",
        "dim: axes? = None, keepdim: bool = False",
        reduction("mean"),
        "torch.mean",
        "the mean over axes, or over everything",
        "x -> mean(-1)",
        flops=reduction_flops,
        positional=0,
    ),
    Layer(
        "sum",
        "dim: axes? = None, keepdim: bool = False",
        reduction("sum"),
        "torch.sum",
        "the sum over axes, or over everything",
        "x -> sum(-1)",
        flops=reduction_flops,
        positional=0,
    ),
)
