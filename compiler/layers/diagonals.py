"""Functions of the diagonals of matrices."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, minimum
from ..tensor import Type
from .record import BATCH, Args, Layer, Mismatch, Result, axis_of, free, no_axis


def triangle(name: str) -> Any:
    """The type rule of `tril` and `triu`: matrices, in which the other triangle becomes 0."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if len(value.shape) < 2:
            return Mismatch(f"{name} takes matrices: two axes at least, and here is {value}")
        return value.plain

    return gives


def _length(rows: Dim, columns: Dim, offset: int) -> Dim:
    """How many places a diagonal has that lies so far above the main one."""
    if offset >= 0:
        columns = columns - offset
    else:
        rows = rows + offset
    match decide(rows, "<=", columns):
        case True:
            return rows
        case False:
            return columns
    return minimum(rows, columns)


def _known(offset: Any) -> int:
    found = dim(offset).value
    assert found is not None
    return found


def diag(x: tuple[Type, ...], a: Args) -> Result:
    """A row on the diagonal of a matrix, or the diagonal of a matrix."""
    (value,) = x
    offset = _known(a["diagonal"])
    match value.shape:
        case (size,):
            side = size + abs(offset)
            return Type(value.dtype, (side, side))
        case (_, _):
            return diagonal(x, {"offset": offset, "dim1": 0, "dim2": 1})
    return Mismatch(
        f"diag takes a row or a matrix, and {value} has {len(value.shape)} axes",
        write="diagonal(dim1=-2, dim2=-1) or diag_embed()",
    )


def diagonal(x: tuple[Type, ...], a: Args) -> Result:
    """The diagonal of two axes, as the last axis."""
    (value,) = x
    places = []
    for each in (a["dim1"], a["dim2"]):
        axis = axis_of(value, each)
        if axis is None or not value.shape:
            return no_axis(value, each) if value.shape else Mismatch("a scalar has no diagonal")
        places.append(axis)
    first, second = places
    if first == second:
        return Mismatch(f"a diagonal has two axes, and both are {first}", write="dim1=-2, dim2=-1")
    rows, columns = value.shape[first], value.shape[second]
    if (BATCH in rows.names or BATCH in columns.names) and rows != columns:
        return Mismatch(
            "the diagonal of the batch and another axis would mix the records",
            write="diagonal(dim1=-2, dim2=-1)",
        )
    kept = (size for axis, size in enumerate(value.shape) if axis not in places)
    length = _length(rows, columns, _known(a["offset"]))
    return value.shaped(*kept, length, spatial=0)


def diag_embed(x: tuple[Type, ...], a: Args) -> Result:
    """The last axis on the diagonal of matrices, which two axes of the result hold."""
    (value,) = x
    if not value.shape:
        return Mismatch("a scalar is no diagonal")
    rank = len(value.shape) + 1
    places = []
    for each in (a["dim1"], a["dim2"]):
        axis = dim(each).value
        if axis is None or not -rank <= axis < rank:
            return Mismatch(f"the result has {rank} axes, and none is {each}", write="-1")
        places.append(axis % rank)
    if places[0] == places[1]:
        return Mismatch(
            f"a matrix has two axes, and both are {places[0]}", write="dim1=-2, dim2=-1"
        )
    side = value.shape[-1] + abs(_known(a["offset"]))
    outer = iter(value.shape[:-1])
    shape = (side if axis in places else next(outer) for axis in range(rank))
    return Type(value.dtype, tuple(shape))


def _of(name: str, signature: str, gives: Any, summary: str, example: str) -> Layer:
    return Layer(
        name, signature, gives, f"torch.{name}", summary, example, positional=0, flops=free
    )


DIAGONALS = (
    _of(
        "tril",
        "diagonal: int = 0",
        triangle("tril"),
        "matrices with 0 above a diagonal",
        "sequence -> tril",
    ),
    _of(
        "triu",
        "diagonal: int = 0",
        triangle("triu"),
        "matrices with 0 below a diagonal",
        "sequence -> triu(diagonal=1)",
    ),
    _of(
        "diag",
        "diagonal: index = 0",
        diag,
        "a row on the diagonal of a matrix, or the diagonal of one",
        "diag(x[0])",
    ),
    _of(
        "diagonal",
        "offset: index = 0, dim1: axis = 0, dim2: axis = 1",
        diagonal,
        "the diagonal of two axes, as the last axis",
        "sequence -> diagonal(dim1=-2, dim2=-1)",
    ),
    _of(
        "diag_embed",
        "offset: index = 0, dim1: axis = -2, dim2: axis = -1",
        diag_embed,
        "the last axis on the diagonal of matrices",
        "x -> diag_embed",
    ),
)
