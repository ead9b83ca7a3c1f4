"""Cases of functions of two, where the second may be a number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from agreement import DTYPES, Case, Drawn, Operand, settings
from dlc.compiler.layers.binary import BINARY
from dlc.compiler.layers.record import Layer
from hypothesis import strategies as st
from torch import Tensor

ONES = frozenset({1})
# Most pairs of these shapes go together.
shapes = st.sampled_from([(), (1,), (3,), (4,), (1, 3), (4, 1), (4, 3), (2, 1, 3), (2, 4, 3)])
operands = st.builds(Operand, shapes, st.sampled_from([*DTYPES]))
numbers = st.sampled_from(
    [0, 1, 2, -1, 256, 300, -300, 3 * 10**9, 2**32, 0.5, -1.5, 0.0, 1e5, 1e39, float("inf")]
)


class Divisor(Operand):
    """A tensor without a zero, which would show at run time alone."""

    def tensor(self, sizes: Mapping[int, int] | None = None) -> Tensor:
        found = super().tensor(sizes)
        return found.masked_fill(found == 0, 1)


second = operands | numbers
divisors = st.builds(Divisor, shapes, st.sampled_from([*DTYPES])) | numbers
MORE: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "add": {"alpha": numbers},
    "sub": {"alpha": numbers},
    "div": {"rounding_mode": st.sampled_from([None, "trunc", "floor", "round"])},
    "isclose": {
        "rtol": st.sampled_from([0.0, 1e-3, -1.0, 2]),
        "atol": st.sampled_from([0.0, 1e-3, -1.0]),
        "equal_nan": st.booleans(),
    },
}


def grown(*shapes: tuple[int, ...]) -> str:
    """Whether no operand has the shape of the result already."""
    return "" if torch.broadcast_shapes(*shapes) in shapes else "each value would meet all others"


def both_grow(case: Case) -> str:
    """Broadcasting is torch's, but one operand has the common shape already."""
    return grown(*(each.shape for each in case.operands))


DIVISIONS = ("div", "floor_divide", "fmod", "remainder")


def seconds(record: Layer) -> dict[str, st.SearchStrategy[Any]]:
    """What may stand for the second operand where that is an argument."""
    if "operand" not in record.signature:
        return {}
    return {f"{record.parameters[0].name}_": divisors if record.name in DIVISIONS else second}


DRAWN = {
    record.name: Drawn(
        settings(
            **seconds(record),
            **MORE.get(record.name, {}),
        ),
        st.tuples(*(operands,) * len(record.inputs)),
        stricter=both_grow,
        known=ONES,
    )
    for record in BINARY
}
