"""`scaled_dot_product_attention`: what the steps of a query read of the steps of a key."""

from __future__ import annotations

from ..dims import Dim, decide, dim, text
from ..tensor import FLOATS, Type
from .attention import SOFTMAX
from .record import Args, Condition, Layer, Mismatch, Result, equal, floats, under


def dot_product(x: tuple[Type, ...], a: Args) -> Result:
    """`[…, L, E]` looks at `[…, S, E]` with values `[…, S, V]`: `[…, L, V]`."""
    query, key, value = x
    name = "scaled_dot_product_attention"
    conditions: list[Condition] = []
    for each in x:
        if wrong := floats(each, name, FLOATS):
            return wrong
        if each.dtype != query.dtype:
            dtypes = f"{query.dtype} and {each.dtype}"
            return Mismatch(f"{name} takes one dtype, not {dtypes}", code="D0202")
        if len(each.shape) != len(query.shape) or len(each.shape) < 2:
            return Mismatch(
                f"{name} takes query, key and value of equally many axes, two at least: not "
                f"{query}, {key} and {value}"
            )
    if not equal(query.shape[-1], key.shape[-1], conditions):
        sizes = f"{text(query.shape[-1])} and {text(key.shape[-1])}"
        write = f"-> Linear({text(key.shape[-1])}) for the query"
        why = f"query and key are compared feature by feature, and have {sizes}"
        return Mismatch(why, write=write)
    if not equal(key.shape[-2], value.shape[-2], conditions):
        sizes = f"{text(key.shape[-2])} and {text(value.shape[-2])}"
        return Mismatch(f"each step of the key has its value, and there are {sizes}")
    outer = _outer(x, bool(a["enable_gqa"]), conditions)
    if isinstance(outer, Mismatch):
        return outer
    scores = (*outer, query.shape[-2], key.shape[-2])
    if wrong := _scored(a, query, scores, conditions):
        return wrong
    return under(Type(query.dtype, (*outer, query.shape[-2], value.shape[-1])), conditions)


def _outer(
    x: tuple[Type, ...], grouped: bool, conditions: list[Condition]
) -> tuple[Dim, ...] | Mismatch:
    """The axes before steps and features; with `enable_gqa` key and value have fewer heads."""
    query, key, value = x
    shape = query.shape[:-2]
    if grouped:
        if not shape:
            return Mismatch("enable_gqa is about heads, axis -3, and there is none")
        heads = query.shape[-3]
        for each in (key, value):
            left = heads % each.shape[-3]
            match decide(left, "==", 0):
                case None:
                    conditions.append(Condition(left, "==", dim(0)))
                case False:
                    return Mismatch(
                        f"the {text(each.shape[-3])} heads of {each} do not divide the "
                        f"{text(heads)} of the query: each serves equally many",
                        write="heads of the key and value that divide those of the query",
                    )
        shape = shape[:-1]
    for each in (key, value):
        found = joined(shape, each.shape[: len(shape)], conditions)
        if found is None:
            hint = "enable_gqa=True lets heads of the query share a key" if not grouped else ""
            return Mismatch(f"{query} and {each} differ before their last two axes", write=hint)
        shape = found
    return (*shape, query.shape[-3]) if grouped else shape


def joined(
    left: tuple[Dim, ...], right: tuple[Dim, ...], conditions: list[Condition]
) -> tuple[Dim, ...] | None:
    """Axes of two values side by side, where an axis of 1 is repeated; None where they differ."""
    found = []
    for one, other in zip(left, right, strict=True):
        if one.value == 1 or other.value == 1:
            found.append(other if one.value == 1 else one)
        elif equal(one, other, conditions):
            found.append(one)
        else:
            return None
    return tuple(found)


def _scored(
    a: Args, query: Type, scores: tuple[Dim, ...], conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with the mask on the scores."""
    mask: Type | None = a["attn_mask"]
    if mask is None:
        return None
    if a["is_causal"]:
        return Mismatch(
            "is_causal=True makes the mask, and attn_mask is another one",
            write="is_causal=True alone, or tril(ones(L, L)) > 0 in the attn_mask",
        )
    if mask.dtype not in ("bool", "f32", query.dtype):
        return Mismatch(
            f"attn_mask is bool, True where something is to be seen, or floats that are added to "
            f"the scores; here comes {mask}",
            write="compare first: `mask != 0`",
            code="D0202",
        )
    rank = len(mask.shape)
    wanted = zip(mask.shape, scores[-rank:], strict=False)
    if 2 <= rank <= len(scores) and all(
        size.value == 1 or equal(size, own, conditions) for size, own in wanted
    ):
        return None
    whole = Type("bool", scores)
    write = ""
    if rank == 2 and len(scores) > 2 and mask.shape == (scores[0], scores[-1]):
        between = ", ".join(["None"] * (len(scores) - 2))
        write = f"attn_mask=mask[:, {between}]: for each step of the query alike"
    return Mismatch(f"attn_mask is {whole}, 1 where an axis is repeated, not {mask}", write)


def dot_product_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each feature of a score and of what is read by it; softmax; masks."""
    each = x[1].shape[-2]
    for size in y.shape[:-1]:
        each = each * size
    width, read = x[0].shape[-1], x[2].shape[-1]
    query = dim(1)
    for size in x[0].shape:
        query = query * size
    return each * ((width + read) * 2 + SOFTMAX + (a["attn_mask"] is not None)) + query


DOT_PRODUCT = (
    Layer(
        "scaled_dot_product_attention",
        "attn_mask: tensor? = None, dropout_p: probability = 0.0, is_causal: bool = False, "
        "scale: float? = None, enable_gqa: bool = False",
        dot_product,
        "F.scaled_dot_product_attention",
        "softmax(Q Kᵀ / √d) V: what the steps of a query read of the steps of a key",
        "scaled_dot_product_attention(sequence, sequence, sequence)",
        inputs=("query", "key", "value"),
        positional=0,
        flops=dot_product_flops,
        mode="dropout_p",
    ),
)
