"""Products of tensors: matrices, vectors, outer and Kronecker products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dims import Dim, dim, text
from ..tensor import Type
from .arguments import spread
from .broadcasting import broadcast, promoted, result_type
from .grids import same
from .record import (
    BATCH,
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    axis_of,
    elementwise,
    no_axis,
    under,
)
from .shape import product

SUMS = ("addmm", "addmv", "baddbmm", "addbmm")
OF_COMPLEX = (*SUMS, *"matmul mm bmm mv dot outer kron inner tensordot".split())
SHAPES = {1: "a vector", 2: "a matrix", 3: "matrices"}
Gives = Callable[[tuple[Type, ...], Args], Result]


def numbers(x: tuple[Type, ...], name: str) -> Mismatch | None:
    """What is wrong with the dtypes of a product: torch multiplies equal ones, and no truths."""
    for other in x[1:]:
        if other.dtype != x[0].dtype:
            return Mismatch(
                f"{name} takes one dtype, and here are {x[0].dtype} and {other.dtype}",
                write="convert one: `-> to(f32)`",
                code="D0202",
            )
    if x[0].dtype == "bool":
        return Mismatch(f"{name} multiplies numbers", write="-> to(f32)", code="D0202")
    return None


def inner(left: Dim, right: Dim) -> list[Condition] | Mismatch:
    """What must hold of the two sizes that are multiplied with each other and summed."""
    conditions = same(left, right)
    if conditions is not None:
        return conditions
    return Mismatch(f"the inner sizes differ: {text(left)} and {text(right)}", write="`.mT` turns")


def _turned(left: Type, right: Type) -> str:
    """What to write where inner sizes differ: `.mT`, where that brings equal ones together."""
    size = text(left.shape[-1])
    if len(right.shape) > 1 and same(left.shape[-1], right.shape[-1]) is not None:
        return "`.mT` turns the last two axes of the right side: `a @ b.mT`"
    if len(left.shape) > 1 and len(right.shape) > 1:
        if left.shape[-2] == right.shape[-2] and right.shape[-2].value is not None:
            return "`.mT` turns the last two axes of the left side: `a.mT @ b`"
        front = left.shape[:-2] if len(right.shape) > 2 else ()
        wanted = ", ".join((*map(text, front), size, "…"))
        return f"the right side is [{wanted}] here: `Linear` gives an axis another size"
    return f"the right side begins with {size} here"


def matmul(x: tuple[Type, ...], a: Args) -> Result:
    """Vectors and matrices, with any axes in front: those are broadcast."""
    left, right = x
    if wrong := numbers(x, "matmul"):
        return wrong
    if not left.shape or not right.shape:
        return Mismatch("matmul takes vectors and matrices, no scalar", write="x * y")
    rows = left.shape[-2:-1]
    columns = right.shape[-1:] if len(right.shape) > 1 else ()
    conditions = inner(left.shape[-1], right.shape[-2 if len(right.shape) > 1 else 0])
    if isinstance(conditions, Mismatch):
        return Mismatch(conditions.why, _turned(left, right))
    front = broadcast((left.shape[:-2], right.shape[:-2]))
    if isinstance(front, str):
        why, _, write = front.partition("|")
        return Mismatch(f"in front of the matrices, {why}", write=write)
    return under(Type(left.dtype, (*front, *rows, *columns)), conditions)


def matmul_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each value of the result and place of the inner axis."""
    each = elementwise(x, y, a)
    return each * 2 * x[0].shape[-1] if all(value.shape for value in x) else each


def ranked(name: str, *ranks: int) -> Gives:
    """The type rule of products that take exactly these ranks: `mm`, `bmm`, `mv`, `dot`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        for value, rank in zip(x, ranks, strict=True):
            if len(value.shape) != rank:
                return Mismatch(
                    f"{name} takes {' and '.join(SHAPES[each] for each in ranks)}",
                    write="matmul takes more kinds of shapes",
                )
        if wrong := numbers(x, name):
            return wrong
        if 3 in ranks:
            conditions = same(x[0].shape[0], x[1].shape[0])
            if conditions is None:
                return Mismatch(
                    f"{name} takes equally many matrices, and here are {text(x[0].shape[0])} and "
                    f"{text(x[1].shape[0])}",
                    write="matmul, which broadcasts one of them",
                )
        return matmul(x, a)

    return gives


def outer(x: tuple[Type, ...], a: Args) -> Result:
    """Each value of one vector times each of the other."""
    left, right = x
    if len(left.shape) != 1 or len(right.shape) != 1:
        return Mismatch("outer takes two vectors", write='einsum("ni,nj->nij", x, y)')
    return Type(promoted({left.dtype, right.dtype}), (*left.shape, *right.shape))


def kron(x: tuple[Type, ...], a: Args) -> Result:
    """Each value of one tensor times all of the other: sizes are multiplied."""
    rank = max(len(each.shape) for each in x)
    left, right = ((dim(1),) * (rank - len(each.shape)) + each.shape for each in x)
    for a_size, b_size in zip(left, right, strict=True):
        for one, other in ((a_size, b_size), (b_size, a_size)):
            if BATCH in one.names and other != 1:
                return Mismatch("the batch would be multiplied", write="einsum over the other axes")
    shape = tuple(one * other for one, other in zip(left, right, strict=True))
    return Type(promoted({each.dtype for each in x}), shape)


def inner_product(x: tuple[Type, ...], a: Args) -> Result:
    """The last axes multiplied and summed; a scalar multiplies everything."""
    left, right = x
    if not left.shape or not right.shape:
        return Type(result_type(left, right), left.shape or right.shape)
    if wrong := numbers(x, "inner"):
        return wrong
    conditions = inner(left.shape[-1], right.shape[-1])
    if isinstance(conditions, Mismatch):
        return conditions
    return under(Type(left.dtype, (*left.shape[:-1], *right.shape[:-1])), conditions)


def tensordot(x: tuple[Type, ...], a: Args) -> Result:
    """The axes named multiplied and summed: the last of one with the first of the other."""
    left, right = x
    axes = _contracted(left, right, a["dims"])
    if isinstance(axes, Mismatch):
        return axes
    if wrong := numbers(x, "tensordot"):
        return wrong
    conditions: list[Condition] = []
    for one, other in zip(*axes, strict=True):
        a_size, b_size = left.shape[one], right.shape[other]
        if 1 in (a_size.value, b_size.value):
            continue
        equal = inner(a_size, b_size)
        if isinstance(equal, Mismatch):
            return equal
        conditions += equal
    kept = [
        size
        for value, gone in zip(x, axes, strict=True)
        for axis, size in enumerate(value.shape)
        if axis not in gone
    ]
    return under(Type(left.dtype, tuple(kept)), conditions)


def _contracted(left: Type, right: Type, asked: Any) -> tuple[list[int], list[int]] | Mismatch:
    """The axes of both sides that are multiplied with each other."""
    if not isinstance(asked, tuple):
        count = dim(asked).value or 0
        if count > min(len(left.shape), len(right.shape)):
            return Mismatch(f"dims={count} is more axes than there are", write="dims=1")
        return [*range(len(left.shape) - count, len(left.shape))], [*range(count)]
    found: list[list[int]] = []
    for value, axes in zip((left, right), asked, strict=True):
        places = []
        for axis in spread(axes, 1):
            place = axis_of(value, axis) if value.shape else None
            if place is None:
                return no_axis(value, axis)
            if place in places:
                return Mismatch(f"axis {place} is named twice", write="each axis once")
            places.append(place)
        found.append(places)
    first, second = found
    if len(first) != len(second):
        return Mismatch(f"{len(first)} axes of one and {len(second)} of the other are named")
    return first, second


def tensordot_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each value of the result and place of the axes summed."""
    axes = _contracted(x[0], x[1], a["dims"])
    assert not isinstance(axes, Mismatch)
    return elementwise(x, y, a) * 2 * product(tuple(x[0].shape[axis] for axis in axes[0]))


def multiplication(
    name: str,
    inputs: str,
    gives: Gives,
    summary: str,
    example: str,
    flops: Any = matmul_flops,
    signature: str = "",
) -> Layer:
    return Layer(
        name,
        signature,
        gives,
        f"torch.{name}",
        summary,
        example,
        inputs=tuple(inputs.split()),
        positional=0,
        flops=flops,
        complex=name in OF_COMPLEX,
    )


PRODUCTS = (
    multiplication(
        "matmul", "input other", matmul, "matrices multiplied", "matmul(signal, signal.mT)"
    ),
    multiplication("mm", "input mat2", ranked("mm", 2, 2), "two matrices multiplied", "mm(x, x.T)"),
    multiplication(
        "bmm",
        "input mat2",
        ranked("bmm", 3, 3),
        "matrices multiplied, one pair for each record",
        "bmm(signal, signal.mT)",
    ),
    multiplication(
        "mv", "input vec", ranked("mv", 2, 1), "a matrix times a vector", "mv(x, ones(784))"
    ),
    multiplication(
        "dot",
        "input tensor",
        ranked("dot", 1, 1),
        "two vectors multiplied and summed",
        "dot(mean(x, 0), ones(784))",
    ),
    multiplication(
        "outer",
        "input vec2",
        outer,
        "each value of a vector times each of another",
        "outer(mean(x, 0), ones(3))",
        elementwise,
    ),
    multiplication(
        "kron",
        "input other",
        kron,
        "each value of a tensor times all of another",
        "kron(x, ones(1, 2))",
        elementwise,
    ),
    multiplication(
        "inner", "input other", inner_product, "last axes multiplied and summed", "inner(x, x)"
    ),
    multiplication(
        "tensordot",
        "a b",
        tensordot,
        "axes of two tensors multiplied and summed",
        "tensordot(signal, ones(100, 3), 1)",
        tensordot_flops,
        "dims: contraction = 2",
    ),
)
