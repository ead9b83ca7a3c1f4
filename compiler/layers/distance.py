"""Distances and similarities of vectors: side by side, and each with each."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim, text
from ..tensor import FLOATS, Type
from .broadcasting import promoted, result_type, together
from .record import (
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    axis_of,
    elementwise,
    equal,
    floats,
    no_axis,
    under,
)


def indices(x: tuple[Type, ...], name: str) -> Mismatch | None:
    """What is wrong with indices among the values: these have no distance."""
    return next((floats(each, name) for each in x if each.tokens or each.classes), None)


def cosine_similarity(x: tuple[Type, ...], a: Args) -> Result:
    """Both broadcast together, and the axis `dim` of that is gone."""
    # Unlike in arithmetic, a scalar counts as much as what has axes.
    dtype = promoted(each.dtype for each in x)
    wrong = indices(x, "cosine_similarity")
    if wrong or (dtype not in FLOATS and (wrong := floats(x[0], "cosine_similarity"))):
        return wrong
    shape = together(*x)
    if isinstance(shape, Mismatch):
        return shape
    common = Type(dtype, shape)
    axis = axis_of(common, a["dim"])
    if axis is None:
        return no_axis(common, a["dim"])
    return common.shaped(*shape[:axis], *shape[axis + 1 :])


def pairwise_distance(x: tuple[Type, ...], a: Args) -> Result:
    """Both broadcast together, and the last axis of that is gone, or 1 with `keepdim`."""
    if wrong := indices(x, "pairwise_distance"):
        return wrong
    if any(each.dtype == "bool" for each in x):
        return Mismatch("truths have no distance", write="`-> to(f32)` before it", code="D0202")
    dtype, shape = result_type(*x), together(*x)
    if isinstance(shape, Mismatch):
        return shape
    kept = (dim(1),) if a["keepdim"] and shape else ()
    return Type(dtype if dtype in FLOATS else "f32", (*shape[:-1], *kept))


def cdist(x: tuple[Type, ...], a: Args) -> Result:
    """`[..., P, M]` and `[..., R, M]` become `[..., P, R]`: each row with each row."""
    first, second = x
    for each in x:
        if each.dtype not in ("f32", "f64"):
            return Mismatch("cdist takes f32 or f64", write="`-> to(f32)` before it", code="D0202")
        if len(each.shape) < 2:
            return Mismatch(
                f"cdist takes rows of numbers, [..., P, M], and {each} has none",
                write="`x[None]` for a single row",
            )
    if first.dtype != second.dtype:
        return Mismatch(
            f"both sides have one dtype, and here are {first.dtype} and {second.dtype}",
            write=f"`-> to({first.dtype})` behind the second",
            code="D0202",
        )
    conditions: list[Condition] = []
    if not equal(first.shape[-1], second.shape[-1], conditions):
        sizes = " and ".join(text(each.shape[-1]) for each in x)
        return Mismatch(f"rows of both sides are equally long, and here they are {sizes}")
    outer = together(*(Type(each.dtype, each.shape[:-2]) for each in x))
    if isinstance(outer, Mismatch):
        return outer
    shape = (*outer, first.shape[-2], second.shape[-2])
    return under(Type(first.dtype, shape), conditions)


def similarity_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Three inner products of a multiply-add an element, then 4 for roots and the quotient."""
    shape = together(*x)
    assert not isinstance(shape, Mismatch)
    return elementwise(x, Type(y.dtype, shape), a) * 6 + elementwise(x, y, a) * 4


def distance_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Subtract, add eps, to the power, sum: 4 an element; then a root."""
    shape = together(*x)
    assert not isinstance(shape, Mismatch)
    return elementwise(x, Type(y.dtype, shape), a) * 4 + elementwise(x, y, a)


def cdist_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Subtract, to the power, sum: 3 a number of each pair of rows; then a root."""
    return elementwise(x, y, a) * (x[0].shape[-1] * 3 + 1)


def _pair(name: str, signature: str, gives: Any, code: str, summary: str, flops: Any) -> Layer:
    example = f"{name}(x, y)" if name.islower() else f"(x, y) -> {name}()"
    return Layer(
        name,
        signature,
        gives,
        code,
        summary,
        example,
        inputs=("x1", "x2"),
        positional=0,
        flops=flops,
    )


COSINE = "dim: axis = 1, eps: nonnegative = 1e-08"
PAIRWISE = "p: float = 2.0, eps: nonnegative = 1e-06, keepdim: bool = False"
MODES = "use_mm_for_euclid_dist_if_necessary|use_mm_for_euclid_dist|donot_use_mm_for_euclid_dist"

DISTANCES = (
    *(
        _pair(
            name,
            COSINE,
            cosine_similarity,
            "F.cosine_similarity",
            "the cosine of the angle between vectors along an axis",
            similarity_flops,
        )
        for name in ("CosineSimilarity", "cosine_similarity")
    ),
    *(
        _pair(
            name,
            PAIRWISE,
            pairwise_distance,
            "F.pairwise_distance",
            "how far apart vectors of the last axis are, side by side",
            distance_flops,
        )
        for name in ("PairwiseDistance", "pairwise_distance")
    ),
    _pair(
        "cdist",
        f"p: nonnegative = 2.0, compute_mode: {MODES} = 'use_mm_for_euclid_dist_if_necessary'",
        cdist,
        "torch.cdist",
        "how far each row of one side is from each row of the other",
        cdist_flops,
    ),
)
