"""Products with weights as drawn for the comparison with torch."""

from __future__ import annotations

from typing import Any

from agreement import Case, Drawn, Operand, anything, booleans, settings, small
from hypothesis import strategies as st
from torch import Tensor

DTYPES = ("f32", "f32", "f32", "f32", "f16", "bf16", "f64", "i64", "u8", "bool")
dtypes = st.sampled_from(DTYPES)
outer = st.lists(st.integers(1, 3), max_size=3).map(tuple)


# Whether a case has no fault, so that enough of them give something.
calm = st.shared(st.sampled_from([True, True, False]), key="calm")


def near(shape: tuple[int, ...]) -> st.SearchStrategy[tuple[int, ...]]:
    """Mostly this shape, sometimes one axis other, gone or added."""
    other = st.builds(
        lambda axis, size: (*shape[:axis], size, *shape[axis + 1 :]),
        st.integers(0, max(len(shape) - 1, 0)),
        st.integers(1, 7),
    )
    faulty = st.one_of(*(st.just(shape),) * 4, other, st.just(shape[1:]), st.just((1, *shape)))
    return calm.flatmap(lambda right: st.just(shape) if right else faulty)


def mostly(values: st.SearchStrategy[Any], first: Any) -> st.SearchStrategy[Any]:
    """Mostly `first`, now and then another value."""
    return calm.flatmap(lambda right: st.just(first) if right else st.just(first) | values)


widths = st.shared(st.tuples(small, small), key="bilinear widths")
fronts = st.shared(outer, key="bilinear axes")
common = st.shared(dtypes, key="bilinear dtype")
outs = st.shared(small, key="bilinear outputs")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Operand, ...]:
    """Two values that mostly agree on all axes but the last."""
    front, own = draw(fronts), draw(widths)
    kind = draw(common)
    return tuple(Operand(draw(near((*front, size))), draw(mostly(dtypes, kind))) for size in own)


@st.composite
def weighed(draw: st.DrawFn, count: int) -> tuple[Operand, ...]:
    """Values and the weight that goes with them."""
    first = draw(pairs())[:count]
    own, kind = draw(widths)[:count], draw(common)
    weight = draw(near((draw(outs), *own)))
    if count == 1 and draw(booleans) and draw(booleans):
        weight = own
    return (*first, Operand(weight, draw(mostly(dtypes, kind))))


def biases() -> st.SearchStrategy[dict[str, Any]]:
    def one(out: int, kind: str) -> st.SearchStrategy[Operand]:
        return st.builds(Operand, near((out,)), mostly(dtypes, kind))

    found = st.tuples(outs, common).flatmap(lambda both: one(*both))
    return settings(bias=st.none() | found)


def sizes_of_linear(x: Tensor) -> dict[str, Any]:
    return {"in_features": x.shape[-1]}


def sizes_of_bilinear(one: Tensor, other: Tensor) -> dict[str, Any]:
    return {"in1_features": one.shape[-1], "in2_features": other.shape[-1]}


def stricter(case: Case) -> str:
    """Why a product that torch computes is refused."""
    if not all(each.dtype in ("f16", "bf16", "f32", "f64") for each in case.operands):
        return "other devices multiply floats alone"
    bias = case.given.get("bias")
    if isinstance(bias, Operand) and len(bias.shape) != 1:
        return "a bias has one number an output, as documented"
    if isinstance(bias, Operand) and bias.shape != (case.inputs[-1].shape[0],):
        return "a bias has one number an output, as documented"
    return ""


DRAWN = {
    "Linear": Drawn(
        settings(out_features_=small, bias=booleans),
        anything(*DTYPES),
        sizes_of_linear,
    ),
    "Bilinear": Drawn(settings(out_features_=small, bias=booleans), pairs(), sizes_of_bilinear),
    "linear": Drawn(biases(), weighed(1), stricter=stricter),
    "bilinear": Drawn(biases(), weighed(2), stricter=stricter),
}
