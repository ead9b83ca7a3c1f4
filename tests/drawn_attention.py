"""Attention as drawn for the comparison with torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agreement import Case, Drawn, Operand, booleans, settings
from drawn_linear import mostly, near
from hypothesis import strategies as st
from torch import Tensor

OTHERS = ("f16", "bf16", "f64", "i64", "u8", "bool")
others = st.sampled_from(OTHERS)
few = st.integers(1, 4)
widths = st.sampled_from([4, 6, 8, 8, 12])
records = st.shared(st.integers(1, 3), key="records")
lengths = st.shared(few, key="steps of the query")
steps = st.shared(few, key="steps of the key")
width = st.shared(widths, key="width")
heads = st.shared(st.sampled_from([1, 2, 2, 3, 4, 5]), key="heads")
own_widths = st.shared(mostly(st.tuples(widths, widths), None), key="kdim and vdim")
masks = mostly(st.sampled_from(["f16", "f64", "i64", "u8"]), "bool") | st.just("f32")


@st.composite
def mask(draw: st.DrawFn, rows: int, columns: int) -> Operand:
    """From each step to each; sometimes for each record and head."""
    shape: tuple[int, ...] = (rows, columns)
    if draw(st.integers(0, 3)) == 0:
        shape = (draw(records) * draw(heads), *shape)
    return Operand(draw(near(shape)), draw(masks))


@st.composite
def padding(draw: st.DrawFn, columns: int) -> Operand:
    """For each record the steps that only fill up."""
    return Operand(draw(near((draw(records), columns))), draw(masks))


@st.composite
def some(draw: st.DrawFn, **strategies: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Each of these now and then."""
    return {k: draw(v) for k, v in strategies.items() if draw(st.integers(0, 2)) == 0}


@st.composite
def multihead_inputs(draw: st.DrawFn) -> tuple[Operand, ...]:
    first, own = draw(width), draw(own_widths)
    kdim, vdim = own or (first, first)
    shapes = (
        (draw(records), draw(lengths), first),
        (draw(records), draw(steps), kdim),
        (draw(records), draw(steps), vdim),
    )
    found = tuple(Operand(draw(near(each)), draw(mostly(others, "f32"))) for each in shapes)
    if draw(st.integers(0, 7)) == 0:
        found = tuple(Operand(each.shape[1:], each.dtype) for each in found)
    return found


@st.composite
def multihead(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(
        settings(
            num_heads_=heads,
            dropout=st.sampled_from([0.0, 0.1]),
            bias=booleans,
            add_bias_kv=booleans,
            add_zero_attn=booleans,
            need_weights=booleans,
            average_attn_weights=mostly(st.just(False), True),
        )
    )
    given |= draw(
        some(
            attn_mask=mask(draw(lengths), draw(steps)),
            key_padding_mask=padding(draw(steps)),
            is_causal=booleans,
        )
    )
    own = draw(own_widths)
    if own is not None and draw(booleans):
        given["kdim"] = draw(mostly(widths, own[0]))
    return given


def multihead_sizes(query: Tensor, key: Tensor, value: Tensor) -> dict[str, Any]:
    return {
        "embed_dim": query.shape[-1],
        "kdim": key.shape[-1],
        "vdim": value.shape[-1],
        "batch_first": True,
    }


def multihead_stricter(case: Case) -> str:
    """Why an attention that torch computes is refused."""
    if any(len(each.shape) == 2 for each in case.inputs):
        return "the batch dimension is written"
    whole = case.given.get("need_weights", True)
    if not case.given.get("average_attn_weights", True) and not whole:
        return "without weights there is nothing to average"
    return unlike_masks(case, ("attn_mask",), ("key_padding_mask",), ("is_causal",), whole)


def unlike_masks(
    case: Case,
    looks: tuple[str, ...],
    pads: tuple[str, ...],
    hints: tuple[str, ...],
    whole: bool = False,
) -> str:
    """Why masks that torch takes are refused; `whole` is False where it computes no weights."""
    for look, pad, hint in zip(looks, pads, hints, strict=True):
        both = [each for each in (case.given.get(look), case.given.get(pad)) if each is not None]
        if any(each.dtype not in ("bool", "f32") for each in both):
            return "torch adds masks up, and warns of such dtypes"
        if (
            len(both) == 1
            and both[0] is case.given.get(look)
            and case.given.get(hint)
            and not whole
        ):
            return "torch trusts is_causal, and does not look at the mask"
    return ""


def named_masks(case: Case, names: Mapping[int, str]) -> str:
    """Why names are refused where torch has sizes."""
    found = [each for each in case.given.values() if isinstance(each, Operand)]
    if names and any(len(each.shape) == 3 for each in found):
        return "N * heads is another size than a name of its own"
    return ""


leading = st.shared(st.lists(st.integers(1, 3), max_size=3).map(tuple), key="leading axes")
features = st.shared(st.integers(1, 6), key="features")
read = st.shared(st.integers(1, 6), key="features that are read")
grouped = st.shared(mostly(st.just(True), False), key="grouped")
kind = st.shared(mostly(others, "f32"), key="dtype")


@st.composite
def thinned(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Mostly the same axes, sometimes one of them 1."""
    if shape and draw(st.integers(0, 3)) == 0:
        axis = draw(st.integers(0, len(shape) - 1))
        return (*shape[:axis], 1, *shape[axis + 1 :])
    return shape


@st.composite
def dot_inputs(draw: st.DrawFn) -> tuple[Operand, ...]:
    outer, same = draw(leading), draw(kind)
    query, key, value = (draw(thinned(outer)) for _ in range(3))
    if draw(grouped) and outer:
        query = (*query[:-1], query[-1] * draw(few))
    shapes = (
        (*query, draw(lengths), draw(features)),
        (*key, draw(steps), draw(features)),
        (*value, draw(steps), draw(read)),
    )
    return tuple(Operand(draw(near(each)), draw(mostly(others, same))) for each in shapes)


@st.composite
def dot_given(draw: st.DrawFn) -> dict[str, Any]:
    given = draw(
        settings(
            dropout_p=mostly(st.sampled_from([0.5, 1.0, 1.5, -0.5]), 0.0),
            is_causal=mostly(st.just(True), False),
            scale=st.sampled_from([None, 0.5, 2.0]),
            enable_gqa_=grouped,
        )
    )
    shape = draw(thinned((*draw(thinned(draw(leading))), draw(lengths), draw(steps))))
    seen = shape[draw(st.integers(0, len(shape))) :] if draw(booleans) else shape[-2:]
    of = st.just(draw(kind)) | masks
    return given | draw(some(attn_mask=st.builds(Operand, near(seen), of)))


def dot_stricter(case: Case) -> str:
    """Why a product that torch computes is refused."""
    _, key, value = case.inputs
    look = case.given.get("attn_mask")
    if case.given.get("dropout_p", 0.0) < 0:
        return "a probability is 0 at least: torch looks at it for some ranks alone"
    if look is not None and case.given.get("is_causal"):
        return "documented as an error: two masks"
    if len({len(each.shape) for each in case.inputs}) > 1:
        return "documented are equally many axes"
    if key.shape[-2:-1] != value.shape[-2:-1]:
        return "each step of the key has its value: torch may read what is not its own"
    if look is not None and len(look.shape) < 2:
        return "torch takes such a mask of some ranks alone"
    return ""


DRAWN = {
    "MultiheadAttention": Drawn(
        multihead(),
        multihead_inputs(),
        multihead_sizes,
        stricter=multihead_stricter,
        closed=named_masks,
        known=frozenset({1}),
    ),
    "scaled_dot_product_attention": Drawn(
        dot_given(), dot_inputs(), stricter=dot_stricter, known=frozenset({1})
    ),
}
