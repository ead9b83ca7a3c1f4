"""Equations of `einsum` as drawn: made of letters and dots at random, some without a meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from agreement import COMPLEX, DTYPES, Case, Drawn, Operand
from hypothesis import strategies as st
from torch import Tensor

LETTERS = "abijkAZ"
DTYPE = ["f32", "f32", "f64", "f16", "bf16", "i64", "c64"]


@st.composite
def contracted(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """An equation and the tensors that it is about; one in a few times they do not go together."""
    sizes = {letter: draw(st.integers(1, 4)) for letter in LETTERS}
    parts, operands = [], []
    dtype = draw(st.sampled_from(DTYPE) | st.sampled_from([*DTYPES, *COMPLEX]))
    front = draw(st.lists(st.integers(1, 3), max_size=2))
    for _ in range(draw(st.integers(1, 3))):
        letters = draw(st.lists(st.sampled_from(LETTERS), max_size=3))
        shape = [sizes[letter] if draw(st.integers(0, 7)) else 1 for letter in letters]
        if draw(st.integers(0, 3)) == 0:
            place = draw(st.integers(0, len(letters)))
            letters.insert(place, "...")
            cut = front[draw(st.integers(0, len(front))) :]
            shape[place:place] = [size if draw(st.integers(0, 5)) else 1 for size in cut]
        parts.append(letters)
        if draw(st.integers(0, 15)) == 0:
            shape = draw(st.lists(st.integers(1, 4), max_size=3))
        other = draw(st.sampled_from([dtype] * 12 + ["f64"]))
        operands.append(Operand(tuple(shape), other))
    equation = ",".join("".join(part) for part in parts)
    every = sorted({letter for part in parts for letter in part})
    if draw(st.booleans()):
        kept = draw(st.permutations(every))[: draw(st.integers(0, len(every)))]
        extra = draw(st.sampled_from([""] * 12 + ["a", "z", "...", ".", "1", "->", ","]))
        equation += "->" + "".join(kept) + extra
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, len(equation)))
        odd = draw(st.sampled_from([" ", " ", ".", "1", "é"]))
        equation = equation[:place] + odd + equation[place:]
    if draw(st.integers(0, 15)) == 0:
        operands = operands[1:] or operands * 2
    return {"equation": equation}, tuple(operands)


def einsum(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Tensor:
    """The equation stands in front of the tensors."""
    return torch.einsum(given["equation"], *tensors)


def stricter(case: Case) -> str:
    """Why an equation that torch computes is refused."""
    dtypes = {each.dtype for each in case.inputs}
    if len(dtypes) > 1:
        return "torch takes two dtypes or not, by the order of its products"
    if dtypes & {"u8", "i32", "bool"}:
        return "the dtype of the result depends on the order of the sums"
    return ""


DRAWN = {
    "einsum": Drawn(
        st.just({}),
        st.just(()),
        call=einsum,
        stricter=stricter,
        known=frozenset({1}),
        together=contracted(),
    )
}
