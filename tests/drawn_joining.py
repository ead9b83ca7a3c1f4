"""Values put together and taken apart as drawn: sizes that agree or not, several dtypes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from agreement import DTYPES, Case, Drawn, Operand, anything, axes, settings
from hypothesis import strategies as st
from torch import Tensor

kinds = st.sampled_from([*DTYPES])
sizes = st.sampled_from([1, 2, 2, 3])
shapes = st.lists(sizes, max_size=3).map(tuple)


def in_order(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """torch has one argument here under two names, neither of which its documents use."""
    axis = [given["dim"]] if "dim" in given else []
    return getattr(torch, case.layer)(*tensors, given["indices_or_sections"], *axis)


def equal_parts(case: Case, names: Mapping[int, str]) -> str:
    """Why parts are refused where the axis has a name."""
    shape, axis = case.inputs[0].shape, case.given.get("dim", 0)
    named = bool(shape) and -len(shape) <= axis < len(shape) and shape[axis] in names
    return "for every size there are as many results: the parts are equal" * named


@st.composite
def several(draw: st.DrawFn, differing: bool = True) -> tuple[Operand, ...]:
    """Some tensors: alike, alike on all axes but one, or of any shapes."""
    shape, count = draw(shapes), draw(st.integers(1, 3))
    axis = draw(st.integers(0, len(shape) - 1)) if shape and differing else None
    dtype, found = draw(kinds), []
    alike, same = draw(st.booleans()), draw(st.integers(0, 4))
    for _ in range(count):
        own = tuple(draw(sizes) if at == axis else size for at, size in enumerate(shape))
        own = draw(shapes) if same == 0 else own
        found.append(Operand(own, dtype if alike else draw(kinds)))
    return tuple(found)


places = st.lists(st.integers(-5, 9), max_size=3).map(tuple) | st.tuples(st.integers(1, 5))
rows = st.lists(st.builds(Operand, st.sampled_from([(), (2,), (3,)]), kinds), max_size=3).map(tuple)
alike = kinds.flatmap(
    lambda dtype: st.lists(
        st.builds(Operand, st.sampled_from([(), (1,), (2,), (3,), (4,), (2, 2)]), st.just(dtype)),
        min_size=1,
        max_size=4,
    ).map(tuple)
)
cuts = settings(indices_or_sections_=st.integers(0, 5) | places)
parts: dict[str, Any] = {
    "split_size_or_sections_": st.integers(1, 9)
    | st.lists(st.integers(1, 4), min_size=1).map(tuple)
}

DRAWN = {
    "cat": Drawn(settings(dim=axes), several()),
    "concat": Drawn(settings(dim=axes), several()),
    "stack": Drawn(settings(dim=axes), several(differing=False) | several()),
    **{
        name: Drawn(settings(), several() | several(differing=False), known=frozenset({1}))
        for name in ("hstack", "vstack", "dstack", "column_stack")
    },
    "meshgrid": Drawn(settings(indexing_=st.sampled_from(["ij", "xy"])), alike | rows),
    "chunk": Drawn(
        settings(chunks_=st.integers(0, 9), dim=axes), anything(*DTYPES), closed=equal_parts
    ),
    "split": Drawn(settings(**parts, dim=axes), anything(*DTYPES), opened=False),
    "unbind": Drawn(settings(dim=axes), anything(*DTYPES), opened=False),
    "tensor_split": Drawn(
        settings(indices_or_sections_=st.integers(0, 5) | places, dim=axes),
        anything(*DTYPES),
        call=in_order,
    ),
    **{
        name: Drawn(cuts, anything(*DTYPES), call=in_order)
        for name in ("hsplit", "vsplit", "dsplit")
    },
    "narrow": Drawn(
        settings(dim_=axes, start_=st.integers(-5, 5), length_=st.integers(0, 3)),
        anything(*DTYPES),
    ),
    "select": Drawn(settings(dim_=axes, index_=st.integers(-9, 9)), anything(*DTYPES)),
}
