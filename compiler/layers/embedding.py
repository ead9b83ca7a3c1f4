"""`Embedding` and `EmbeddingBag`: a row of floats for each index, and the function `embedding`."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, dim
from ..tensor import Type
from .record import (
    BATCH,
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    elementwise,
    equal,
    free,
    under,
)

INDICES = ("i64", "i32")


def embedding(x: tuple[Type, ...], a: Args) -> Result:
    """Each index becomes a row of `embedding_dim` floats."""
    (value,) = x
    if wrong := _indices("Embedding", value) or _rows("Embedding", value, a):
        return wrong
    return Type("f32", (*value.shape, dim(a["embedding_dim"])))


def _indices(name: str, value: Type) -> Mismatch | None:
    """What is wrong with values that are no indices."""
    if value.dtype in INDICES:
        return None
    return Mismatch(
        f"{name} takes indices: token(n), class(n), i64 or i32",
        write=f"declare what comes in as {Type('i64', value.shape, tokens=1000)}",
        code="D0202",
    )


def _rows(name: str, value: Type, a: Args) -> Mismatch | None:
    """What is wrong with the number of rows: too few for the indices, or nowhere told."""
    known = value.tokens or value.classes
    if isinstance(known, Dim):
        return None  # told by a hyperparameter: each of its values is looked at
    stated = a["num_embeddings"] if a["num_embeddings"] is None else dim(a["num_embeddings"]).value
    rows = stated or known
    pad = None if a["padding_idx"] is None else dim(a["padding_idx"]).value
    if rows is None and a["num_embeddings"] is None:
        # With two numbers they are probably torch's: how many rows, and how wide.
        width, count = (a["embedding_dim"], 1000) if pad is None else (pad, a["embedding_dim"])
        return Mismatch(
            f"{value} does not tell how many indices there are",
            write=f"{name}({width}, num_embeddings={count}){_of_one_hot(value)}",
        )
    if stated is None and pad is not None and _count_first(a["embedding_dim"], pad, known):
        return Mismatch(
            f"rows of {a['embedding_dim']} numbers, and row {pad} for padding: how many indices "
            f"there are is read off {value}",
            write=f"{name}({pad}) for {known} rows of {pad} numbers",
        )
    if known is not None and stated is not None and stated < known:
        return Mismatch(
            f"indices go up to {known - 1}, so {stated} rows are too few",
            write=f"num_embeddings={known}, or leave it out: the compiler reads it off",
        )
    return _padding(pad, rows)


def _of_one_hot(value: Type) -> str:
    """A hint for rows of zeros with a 1: an index is one number."""
    wide = value.dtype == "i64" and len(value.shape) > 1 and (value.shape[-1].value or 0) > 1
    return ", or the indices themselves, without `one_hot`" if wide else ""


def _padding(pad: int | None, rows: int | None) -> Mismatch | None:
    """What is wrong with the row for padding."""
    if pad is None or rows is None or -rows <= pad < rows:
        return None
    return Mismatch(f"padding_idx={pad} is none of the rows 0 … {rows - 1}", write="padding_idx=0")


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


def embedding_function(x: tuple[Type, ...], a: Args) -> Result:
    """Each index becomes its row of a matrix of the author's own."""
    value, weight = x
    if wrong := _indices("embedding", value):
        return wrong
    if len(weight.shape) != 2:
        return Mismatch(f"embedding takes a matrix, a row for each index, not {weight}")
    if not weight.floating and a["max_norm"] is not None:
        return Mismatch(f"max_norm shortens rows of floats, not of {weight}", code="D0202")
    rows = weight.shape[0].value
    known = value.tokens or value.classes
    if rows is not None and known is not None and rows < known:
        return Mismatch(
            f"indices go up to {known - 1}, so the {rows} rows of {weight} are too few",
            write=f"a weight of {known} rows",
        )
    pad = None if a["padding_idx"] is None else dim(a["padding_idx"]).value
    if wrong := _padding(pad, rows):
        return wrong
    conditions = []
    if pad is not None and rows is None:
        least = dim(pad + 1 if pad >= 0 else -pad)
        conditions.append(Condition(weight.shape[0], ">=", least))
    return under(Type(weight.dtype, (*value.shape, weight.shape[1])), conditions)


def bag(x: tuple[Type, ...], a: Args) -> Result:
    """`[N, B]` indices, N bags of B, become `[N, embedding_dim]`; `offsets` part a single row."""
    (value,) = x
    if wrong := _indices("EmbeddingBag", value) or _rows("EmbeddingBag", value, a):
        return wrong
    conditions: list[Condition] = []
    bags = _bags(value, a, conditions)
    if isinstance(bags, Mismatch):
        return bags
    if a["mode"] == "max" and a["scale_grad_by_freq"]:
        return Mismatch('scale_grad_by_freq goes with mode="sum" or "mean"', write='mode="sum"')
    if wrong := _weighed(value, a, conditions):
        return wrong
    return under(Type("f32", (bags, dim(a["embedding_dim"]))), conditions)


def _bags(value: Type, a: Args, conditions: list[Condition]) -> Dim | Mismatch:
    """How many bags there are."""
    offsets: Type | None = a["offsets"]
    if len(value.shape) == 2:
        if offsets is not None:
            return Mismatch(f"each row of {value} is a bag: offsets part one row", "no offsets")
        if a["include_last_offset"]:
            return Mismatch("include_last_offset is about offsets, and there are none", "leave out")
        return value.shape[0]
    if len(value.shape) != 1:
        why = f"EmbeddingBag takes [N, B], N bags of B indices each, not {value}"
        last = len(value.shape)
        write = f"-> Embedding({a['embedding_dim']}) -> mean({last - 1})" if last > 2 else ""
        return Mismatch(why, write)
    if BATCH in value.shape[0].names:
        return Mismatch(
            "axis 0 is the batch: bags would mix records",
            write=f"{Type('i64', (value.shape[0], dim(8)))}, a bag for each record",
        )
    if offsets is None:
        return Mismatch(
            f"nothing says where the bags of {value} begin",
            write="EmbeddingBag(…)(x, offsets=starts), or [N, B] for bags of one size",
        )
    if offsets.dtype not in INDICES or len(offsets.shape) != 1:
        return Mismatch(f"offsets are i64 in one row, not {offsets}", code="D0202")
    bags = offsets.shape[0] - (1 if a["include_last_offset"] else 0)
    if bags.value is None:
        conditions.append(Condition(bags, ">=", dim(1)))
    elif bags.value < 1:
        return Mismatch(
            "include_last_offset: the last of the offsets ends the bags, and begins none"
        )
    return bags


def _weighed(value: Type, a: Args, conditions: list[Condition]) -> Mismatch | None:
    """What is wrong with a factor for each index."""
    factors: Type | None = a["per_sample_weights"]
    if factors is None:
        return None
    if a["mode"] != "sum":
        return Mismatch(f"per_sample_weights go with sums, not with {a['mode']}", 'mode="sum"')
    same = factors.dtype == "f32" and len(factors.shape) == len(value.shape)
    sizes = zip(factors.shape, value.shape, strict=False)
    if same and all(equal(one, other, conditions) for one, other in sizes):
        return None
    return Mismatch(f"per_sample_weights are {Type('f32', value.shape)}, a factor for each index")


def bag_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One operation for each number of each row that is put together, another for its factor."""
    each = elementwise(x, x[0], a) * y.shape[-1]
    return each * (1 if a["per_sample_weights"] is None else 2)


BOUNDED = "max_norm: positive? = None, norm_type: positive = 2.0, scale_grad_by_freq: bool = False"

EMBEDDINGS = (
    Layer(
        "Embedding",
        f"embedding_dim: size, padding_idx: index? = None, {BOUNDED}",
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
    Layer(
        "embedding",
        f"padding_idx: index? = None, {BOUNDED}",
        embedding_function,
        "F.embedding",
        "the row of a matrix for each index",
        "embedding(tokens, randn(1000, 64))",
        inputs=("input", "weight"),
        positional=0,
        flops=free,
    ),
    Layer(
        "EmbeddingBag",
        f"embedding_dim: size, {BOUNDED}, mode: sum|mean|max = 'mean', "
        "include_last_offset: bool = False, padding_idx: index? = None",
        bag,
        "nn.EmbeddingBag",
        "the mean, sum or largest of the trained rows of several indices",
        "tokens -> EmbeddingBag(64)",
        infers={"num_embeddings": embedding_rows},
        forward="offsets: tensor? = None, per_sample_weights: tensor? = None",
        positional=2,
        stem="embedding",
        exact=False,
        weights=embedding_weights,
        flops=bag_flops,
    ),
)
