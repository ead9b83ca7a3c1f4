"""Pictures read at places that are computed: affine grids and sampling."""

from __future__ import annotations

from dataclasses import replace

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .record import (
    BATCH,
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    elementwise,
    floats,
    under,
)

# Weights of one new value: four or sixteen neighbours of a picture.
NEIGHBOURS = {"bilinear": 2, "bicubic": 4}


def same(left: Dim, right: Dim) -> list[Condition] | None:
    """What must hold for two sizes to be equal; None where they differ or have other names."""
    match decide(left, "==", right):
        case True:
            return []
        case None if left.names == right.names:
            return [Condition(left, "==", right)]
    return None


def must_be(size: Dim, number: int) -> list[Condition] | None:
    """What must hold for a size to be that number; None where it cannot be, as the batch."""
    match decide(size, "==", number):
        case True:
            return []
        case None if BATCH not in size.names:
            return [Condition(size, "==", dim(number))]
    return None


def grid_sample(x: tuple[Type, ...], a: Args) -> Result:
    """The picture at the places of a grid: [N, C, …] and [N, *sizes, 2 or 3] give [N, C, *sizes].

    Source: the documentation of `torch.nn.functional.grid_sample`.
    """
    value, grid = x
    for each in x:
        if wrong := floats(each, "grid_sample"):
            return wrong
    if value.dtype != grid.dtype:
        return Mismatch(
            "the picture and the grid have one dtype", write=f"-> to({value.dtype})", code="D0202"
        )
    axes = len(value.shape) - 2
    if axes not in (2, 3):
        return Mismatch(
            f"grid_sample takes a picture or a volume: {value} has {len(value.shape)} axes",
            write="f32[N, C, H, W]",
        )
    if a["mode"] == "bicubic" and axes != 2:
        return Mismatch('mode="bicubic" is for pictures', write='mode="bilinear"')
    coordinates = must_be(grid.shape[-1], axes) if len(grid.shape) == axes + 2 else None
    if coordinates is None:
        places = ", ".join("HW" if axes == 2 else "DHW")
        return Mismatch(
            f"the grid has {axes} coordinates for each place: f32[N, {places}, {axes}]",
            write="affine_grid(theta, size) makes one",
        )
    conditions = same(value.shape[0], grid.shape[0])
    if conditions is None:
        return Mismatch(
            f"{text(value.shape[0])} pictures and {text(grid.shape[0])} grids",
            write="one grid for each picture",
        )
    given = value.shaped(*value.shape[:2], *grid.shape[1:-1], spatial=axes)
    return under(replace(given, meaning=""), coordinates + conditions)


def grid_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each neighbour that a new value is made of."""
    weights = NEIGHBOURS.get(a["mode"])
    return elementwise(x, y, a) * (2 * weights ** (len(y.shape) - 2) if weights else 1)


def affine_grid(x: tuple[Type, ...], a: Args) -> Result:
    """The places that an affine map of [N, 2, 3] or [N, 3, 4] reads for a picture of that size."""
    (theta,) = x
    if wrong := floats(theta, "affine_grid"):
        return wrong
    asked = a["size"] if isinstance(a["size"], tuple) else (a["size"],)
    axes = len(asked) - 2
    if axes not in (2, 3):
        return Mismatch(
            f"size is that of a picture or a volume, and has {len(asked)} numbers",
            write="(N, C, H, W)",
        )
    rows = must_be(theta.shape[1], axes) if len(theta.shape) == 3 else None
    columns = must_be(theta.shape[2], axes + 1) if len(theta.shape) == 3 else None
    if rows is None or columns is None:
        return Mismatch(
            f"a map of {axes} coordinates is a matrix of {axes} rows and {axes + 1} columns",
            write=f"-> reshape(N, {axes}, {axes + 1})",
        )
    conditions = same(theta.shape[0], dim(asked[0]))
    if conditions is None:
        return Mismatch(
            f"{text(theta.shape[0])} maps and {text(dim(asked[0]))} pictures",
            write=f"{text(theta.shape[0])} as first number of size",
        )
    sizes = (dim(each) for each in asked[2:])
    return under(
        Type(theta.dtype, (theta.shape[0], *sizes, dim(axes))), rows + columns + conditions
    )


def affine_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A row of the matrix times a place for each coordinate: as a batched matrix product."""
    return elementwise(x, y, a) * 2 * x[0].shape[-1]


_CORNERS = "align_corners: bool? = None"

GRIDS = (
    Layer(
        "grid_sample",
        "mode: bilinear|nearest|bicubic = 'bilinear', "
        f"padding_mode: zeros|border|reflection = 'zeros', {_CORNERS}",
        grid_sample,
        "F.grid_sample",
        "a picture read at the places of a grid, from -1 at one edge to 1 at the other",
        "grid_sample(image, zeros(N, 14, 14, 2))",
        inputs=("input", "grid"),
        positional=0,
        flops=grid_flops,
    ),
    Layer(
        "affine_grid",
        f"size: shape, {_CORNERS}",
        affine_grid,
        "F.affine_grid",
        "the places that an affine map reads",
        "x -> Linear(6) -> reshape(N, 2, 3) -> affine_grid((N, 1, 28, 28))",
        inputs=("theta",),
        flops=affine_flops,
    ),
)
