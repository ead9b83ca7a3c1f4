"""Values picked by tensors as drawn: masks, places, and sources of other shapes and dtypes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from agreement import DTYPES, Case, Drawn, Operand, axes, settings
from hypothesis import strategies as st
from torch import Tensor

kinds = st.sampled_from([*DTYPES])
shapes = st.lists(st.sampled_from([1, 2, 3]), max_size=3).map(tuple)
numbers = st.sampled_from([0, 1, -1, 0.5, 300, float("inf"), -(2**40)])
masks = st.sampled_from(["bool", "bool", "bool", "u8", "f32"])
index_kinds = st.sampled_from(["i64", "i64", "i64", "i32", "u8", "bool", "f32"])
Together = st.SearchStrategy[tuple[dict[str, Any], tuple[Operand, ...]]]


@st.composite
def like(draw: st.DrawFn, shape: tuple[int, ...], cut: bool = False) -> tuple[int, ...]:
    """A shape that mostly goes with another: equal, with axes of 1 or fewer, shorter, or any."""
    match draw(st.integers(0, 4)):
        case 0:
            return draw(shapes)
        case 1 if not cut:
            return shape[draw(st.integers(0, len(shape))) :]
        case 2:
            return tuple(draw(st.integers(1, size)) if cut else 1 for size in shape)
        case 3 if shape:
            axis = draw(st.integers(0, len(shape) - 1))
            return (*shape[:axis], draw(st.integers(1, 4)), *shape[axis + 1 :])
    return shape


@st.composite
def chosen(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """`where`: a condition, and tensors or numbers to choose from."""
    shape = draw(shapes)
    condition = Operand(draw(like(shape)), draw(masks))

    def operand() -> Any:
        return draw(numbers | st.builds(Operand, like(shape), kinds))

    return {"input": operand(), "other": operand()}, (condition,)


@st.composite
def filled(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """`masked_fill`: a tensor, a mask, and a number or a scalar."""
    shape = draw(shapes)
    dtype = draw(kinds)
    # Whether a float fits into bytes depends on its value.
    scalars = st.sampled_from(["i64", "bool"] + ["f32", "f64", "bf16"] * (dtype != "u8"))
    value = draw(numbers | st.builds(Operand, st.sampled_from([(), (1,)]), scalars))
    mask = Operand(draw(like(shape)), draw(masks))
    return {"value": value}, (Operand(shape, dtype), mask)


@st.composite
def placed(
    draw: st.DrawFn, argument: str, source: str = "", numbers_too: bool = True
) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """An index for a tensor, and for `scatter` a source."""
    shape, dtype = draw(shapes), draw(kinds)
    index = Operand(draw(like(shape, cut=True)), draw(index_kinds), below=1)
    given: dict[str, Any] = {"dim": draw(axes), argument: index}
    if source:
        taken = Operand(draw(st.just(index.shape) | like(shape)), draw(st.just(dtype) | kinds))
        given[source] = draw(numbers | st.just(taken)) if numbers_too else taken
    return given, (Operand(shape, dtype),)


@st.composite
def rows(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """A row of indices."""
    shape = draw(st.sampled_from([(), (1,), (2,), (4,), (2, 2)]))
    index = Operand(shape, draw(index_kinds), below=1)
    return {"dim": draw(axes), "index": index}, (Operand(draw(shapes), draw(kinds)),)


def without_axis(together: Together) -> Together:
    """Sometimes no `dim`."""
    left = together.map(lambda found: ({"indices": found[0]["indices"]}, found[1]))
    return together | left


def pairs(case: Case) -> str:
    """Why torch grows what is refused: no operand has the common shape."""
    found = [each.shape for each in case.operands]
    ranks = {len(shape) for shape in found}
    whole = [
        max(s[axis - max(ranks) + len(s)] for s in found if axis - max(ranks) + len(s) >= 0)
        for axis in range(max(ranks))
    ]
    return "every value would meet all others" * (tuple(whole) not in found)


def bytes_as_mask(case: Case) -> str:
    """Why a condition of bytes is refused."""
    return "torch warns of bytes as a condition" * (case.inputs[0].dtype == "u8")


def in_order(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """torch has other names for numbers than for tensors."""
    return getattr(torch, case.layer)(*tensors, *given.values())


def classes(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Tensor:
    """`one_hot` of what the type tells."""
    (value,) = case.inputs
    told = {"num_classes": value.below} if value.is_token else {}
    return F.one_hot(*tensors, **{**told, **given})


def untold(case: Case) -> str:
    """Why torch, which counts the values, gives what is refused."""
    (value,) = case.inputs
    stated = case.given.get("num_classes")
    if stated is None and not value.is_token:
        return "how many classes there are would depend on the values"
    return "the type allows more" if value.is_token and (stated or 9) < value.below else ""


tensors = st.builds(Operand, shapes, kinds)
nothing = settings()


def drawn(together: Together, **more: Any) -> Drawn:
    """What stands in the brackets goes with what flows in."""
    return Drawn(nothing, st.tuples(tensors), together=together, **more)


DRAWN = {
    "where": drawn(
        chosen(),
        call=in_order,
        stricter=lambda c: bytes_as_mask(c) or pairs(c),
        known=frozenset({1}),
    ),
    "masked_fill": drawn(filled(), stricter=pairs, known=frozenset({1})),
    "one_hot": Drawn(
        settings(num_classes=st.integers(0, 4)),
        st.tuples(
            st.builds(Operand, shapes, st.sampled_from(["i64", "i64", *DTYPES]), st.just(1))
            | st.builds(
                Operand, shapes, st.just("i64"), below=st.integers(1, 4), is_token=st.just(True)
            )
        ),
        call=classes,
        stricter=untold,
    ),
    "index_select": drawn(rows(), known=frozenset({1})),
    "gather": drawn(placed("index")),
    "take_along_dim": drawn(without_axis(placed("indices")), known=frozenset({1})),
    "scatter": drawn(placed("index", "src"), call=in_order),
    "scatter_add": drawn(placed("index", "src", numbers_too=False)),
}
