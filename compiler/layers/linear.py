"""`Linear` and `Embedding`."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim
from ..tensor import Type
from .record import Args, Layer, Mismatch, Result, Shape, elementwise, floats, free


def linear(x: tuple[Type, ...], a: Args) -> Result:
    """`[..., in_features]` becomes `[..., out_features]`."""
    (value,) = x
    if wrong := floats(value, "Linear", ("f32",)):
        return wrong
    if not value.shape:
        return Mismatch("Linear takes at least one axis, and a scalar has none")
    if value.spatial:
        return Mismatch(
            "Linear works on the last axis, and here that is the width of a feature map",
            write=f"-> flatten(1) -> Linear({a['out_features']})",
            notes=(f"`{_channels_last(value)}` before it works on the channels of each place",),
        )
    return Type(value.dtype, (*value.shape[:-1], dim(a["out_features"])))


def _channels_last(value: Type) -> str:
    """The permutation that brings axis 1 to the end: `permute(0, 2, 3, 1)`."""
    axes = [0, *range(2, len(value.shape)), 1]
    return f"-> permute({', '.join(map(str, axes))})"


def linear_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """The matrix, and the bias where there is one."""
    shapes = {"weight": (y.shape[-1], x[0].shape[-1])}
    return shapes | ({"bias": (y.shape[-1],)} if a["bias"] else {})


def linear_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each weight and row; adding the bias counts one an element."""
    each = elementwise(x, y, a)
    return each * x[0].shape[-1] * 2 + (each if a["bias"] else 0)


def embedding(x: tuple[Type, ...], a: Args) -> Result:
    """Each index becomes a row of `embedding_dim` floats."""
    (value,) = x
    if value.dtype not in ("i64", "i32"):
        return Mismatch(
            "Embedding takes indices: token(n), class(n), i64 or i32",
            write=f"declare what comes in as {Type('i64', value.shape, tokens=1000)}",
            code="D0202",
        )
    known = value.tokens or value.classes
    stated = a["num_embeddings"] if a["num_embeddings"] is None else dim(a["num_embeddings"]).value
    rows = stated or known
    pad = None if a["padding_idx"] is None else dim(a["padding_idx"]).value
    if rows is None and a["num_embeddings"] is None:
        # With two numbers they are probably torch's: how many rows, and how wide.
        width, count = (a["embedding_dim"], 1000) if pad is None else (pad, a["embedding_dim"])
        return Mismatch(
            f"{value} does not tell how many indices there are",
            write=f"Embedding({width}, num_embeddings={count})",
        )
    if stated is None and pad is not None and _count_first(a["embedding_dim"], pad, known):
        return Mismatch(
            f"rows of {a['embedding_dim']} numbers, and row {pad} for padding: how many indices "
            f"there are is read off {value}",
            write=f"Embedding({pad}) for {known} rows of {pad} numbers",
        )
    if known is not None and stated is not None and stated < known:
        return Mismatch(
            f"indices go up to {known - 1}, so {stated} rows are too few",
            write=f"num_embeddings={known}, or leave it out: the compiler reads it off",
        )
    if pad is not None and rows is not None and not -rows <= pad < rows:
        return Mismatch(
            f"padding_idx={pad} is none of the rows 0 … {rows - 1}", write="padding_idx=0"
        )
    return Type("f32", (*value.shape, dim(a["embedding_dim"])))


def _count_first(width: Any, pad: int, known: int | None) -> bool:
    """Whether it looks like torch's `Embedding(1000, 64)`, the number of rows written first."""
    size = dim(width).value
    if size is None or known is None or pad < 2:
        return False
    return size == known or (size > known <= pad)


def embedding_rows(x: tuple[Type, ...]) -> Dim:
    """How many rows the index's type asks for."""
    return dim(x[0].tokens or x[0].classes or 0)


def embedding_weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """One row an index."""
    return {"weight": (dim(a["num_embeddings"]), y.shape[-1])}


LINEAR = (
    Layer(
        "Linear",
        "out_features: size, bias: bool = True",
        linear,
        "nn.Linear",
        "y = x Wᵀ + b on the last axis",
        "x -> Linear(10)",
        infers={"in_features": lambda x: x[0].shape[-1]},
        positional=2,
        stem="linear",
        weights=linear_weights,
        flops=linear_flops,
    ),
    Layer(
        "Embedding",
        "embedding_dim: size, padding_idx: index? = None, max_norm: positive? = None, "
        "norm_type: positive = 2.0, scale_grad_by_freq: bool = False",
        embedding,
        "nn.Embedding",
        "a trained row of floats for each index",
        "tokens -> Embedding(64)",
        infers={"num_embeddings": embedding_rows},
        positional=2,
        stem="embedding",
        exact=False,
        weights=embedding_weights,
        flops=free,
    ),
)
