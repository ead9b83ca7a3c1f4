"""Numbers of matrices and vectors: norms, traces, determinants, inverses."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim, text
from ..tensor import COMPLEX, Type
from .arguments import spread
from .grids import same
from .record import (
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    axis_of,
    elementwise,
    floats,
    no_axis,
    under,
)

DECOMPOSED = ("f32", "f64", *COMPLEX)


def norm(x: tuple[Type, ...], a: Args) -> Result:
    """The norm over axes, or over everything; "nuc" is of matrices, the others of vectors."""
    (value,) = x
    order = a["p"]
    if value.dtype not in COMPLEX and (wrong := floats(value, "norm")):
        return wrong
    asked = range(len(value.shape)) if a["dim"] in (None, ()) and order != "nuc" else a["dim"]
    if order == "nuc" and asked is None:
        asked = range(len(value.shape))
    axes: list[int] = []
    for each in spread(tuple(asked) if isinstance(asked, range) else asked, 1):
        axis = axis_of(value, each)
        if axis is None:
            return no_axis(value, each)
        if axis in axes:
            return Mismatch(f"axis {axis} is named twice", write="each axis once")
        axes.append(axis)
    if order == "nuc" and (wrong := _of_matrices(value, axes)):
        return wrong
    if order == "fro" and a["dim"] not in (None, ()) and len(axes) > 2:
        return Mismatch(
            f'p="fro" is over one or two axes, and here are {len(axes)}',
            write="p=2, which is the same sum over any axes",
        )
    kept = tuple(
        dim(1) if axis in axes else size
        for axis, size in enumerate(value.shape)
        if axis not in axes or a["keepdim"]
    )
    return Type(COMPLEX.get(value.dtype, value.dtype), kept)


def _of_matrices(value: Type, axes: list[int]) -> Mismatch | None:
    if len(axes) != 2:
        return Mismatch(
            f'p="nuc" is of matrices, over two axes, and here are {len(axes)}', write="dim=(-2, -1)"
        )
    if value.dtype not in DECOMPOSED:
        return Mismatch('p="nuc" takes no half floats', "-> to(f32) before", code="D0202")
    return None


def norm_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A power and an addition for each element that comes in."""
    return elementwise(x, x[0], a) * 2


def trace(x: tuple[Type, ...], a: Args) -> Result:
    """The sum of the diagonal of one matrix."""
    (value,) = x
    if len(value.shape) != 2:
        return Mismatch(
            f"trace takes one matrix, and {value} has {len(value.shape)} axes",
            write='einsum("nii->n", x) for several',
        )
    if value.dtype == "bool":
        return Mismatch("a truth is no number", write="-> to(f32)", code="D0202")
    real = value.floating or value.dtype in COMPLEX
    return Type(value.dtype if real else "i64", ())


def square(name: str) -> Any:
    """The type rule of functions of square matrices, with any axes in front."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if value.dtype not in DECOMPOSED:
            why = f"{name} takes f32 or f64, and here comes {value}"
            return Mismatch(why, write="-> to(f32)", code="D0202")
        if len(value.shape) < 2:
            return Mismatch(f"{name} takes matrices: two axes at least", write="[N, D, D]")
        rows, columns = value.shape[-2:]
        conditions: list[Condition] | None = same(rows, columns)
        if conditions is None:
            return Mismatch(
                f"{name} takes square matrices, and here are {text(rows)} rows and "
                f"{text(columns)} columns",
                write="x @ x.mT is square",
            )
        shape = value.shape if name == "inverse" else value.shape[:-2]
        return under(Type(value.dtype, shape), conditions)

    return gives


def square_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Two thirds of d³ for an LU decomposition of each matrix, and 4/3 d³ more for an inverse."""
    cubed = elementwise(x, x[0], a) * x[0].shape[-1]
    return cubed * 2 if len(y.shape) == len(x[0].shape) else cubed * 2 // 3


def trace_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """An addition for each row."""
    return x[0].shape[0]


ALGEBRA = (
    Layer(
        "norm",
        "p: order? = 'fro', dim: axes? = None, keepdim: bool = False",
        norm,
        "torch.norm",
        "the length of vectors, or a norm of matrices",
        "x -> norm(2, dim=-1)",
        flops=norm_flops,
        complex=True,
    ),
    Layer(
        "trace",
        "",
        trace,
        "torch.trace",
        "the sum of the diagonal of a matrix",
        "trace(x.T @ x)",
        positional=0,
        flops=trace_flops,
        complex=True,
    ),
    *(
        Layer(
            name,
            "",
            square(name),
            f"torch.{name}",
            summary,
            f"{name}(signal @ signal.mT)",
            positional=0,
            flops=square_flops,
            complex=True,
        )
        for name, summary in (
            ("det", "determinants of square matrices"),
            ("logdet", "logarithms of the determinants of square matrices"),
            ("inverse", "inverses of square matrices"),
        )
    ),
)
