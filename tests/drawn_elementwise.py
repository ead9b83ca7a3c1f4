"""Cases of functions of one, element by element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agreement import DTYPES, Case, Drawn, Operand, anything, plain_call, settings
from dlc.compiler.layers.elementwise import ELEMENTWISE
from hypothesis import strategies as st
from torch import Tensor

tokens = st.builds(lambda size: (Operand((2, size), "i64", 7, is_token=True),), st.integers(1, 4))
INPUTS = anything(*DTYPES) | tokens
numbers = st.sampled_from([0.0, 1.5, -2, 1e5, 1e39, float("inf")])
GIVEN = {
    "round": settings(decimals=st.integers(-3, 3)),
    "logit": settings(eps=numbers | st.none()),
    "nan_to_num": settings(nan=numbers, posinf=numbers | st.none(), neginf=numbers | st.none()),
    "to": settings(dtype_=st.sampled_from([*DTYPES])),
}


def indices(case: Case) -> str:
    """Indices are no numbers to compute with."""
    return "indices have no exponentials, roots or angles" if case.inputs[0].is_token else ""


def of_whole_numbers(case: Case) -> str:
    """The default, stated."""
    default = case.layer == "round" and case.given.get("decimals") == 0
    return "decimals=0 is the default, which emitted code leaves out" if default else ""


def converted(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """`x.to(torch.float32)`."""
    return tensors[0].to(DTYPES[given["dtype"]])


DRAWN = {
    record.name: Drawn(
        GIVEN.get(record.name, settings()),
        INPUTS,
        call=converted if record.name == "to" else plain_call,
        stricter=indices,
        looser=of_whole_numbers,
    )
    for record in ELEMENTWISE
}
