"""New tensors as drawn: sizes and bounds that make sense or not, and every dtype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from agreement import DTYPES, Case, Drawn, anything, settings
from hypothesis import strategies as st
from torch import Tensor

kinds = st.sampled_from([*DTYPES])
sizes = st.integers(0, 4)
shapes = st.lists(sizes, max_size=3).map(tuple) | st.lists(st.integers(1, 3), max_size=3).map(tuple)
whole = st.integers(-6, 6)
numbers = whole | st.sampled_from([0.5, 0.1, -0.3, 2.0, 1e-3, 7.25])
fills = st.sampled_from([0, 1, -1, 300, 0.5, float("inf"), -(2**40), True, False])


def made(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """torch has its own words for dtypes; what its documents call positional comes first."""
    stated = {**given}
    if stated.get("dtype"):
        stated["dtype"] = DTYPES[stated["dtype"]]
    if case.layer in ("arange", "linspace", "logspace"):
        order = [stated.pop(name) for name in ("start", "end", "steps", "step") if name in stated]
        return getattr(torch, case.layer)(*order, **stated)
    return getattr(torch, case.layer)(*tensors, **stated)


def cut(case: Case) -> str:
    """Why numbers are refused that torch cuts."""
    fractions = any(isinstance(each, float) for each in case.given.values())
    whole = case.given.get("dtype") in ("u8", "i32", "i64")
    return "fractions are cut before they are counted" * (fractions and whole)


def drawn(given: st.SearchStrategy[dict[str, Any]], **more: Any) -> Drawn:
    """Nothing flows in."""
    return Drawn(given, st.just(()), call=made, **more)


def chances(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """`bernoulli` of what lies between 0 and 1."""
    (value,) = tensors
    return torch.bernoulli(value.sigmoid() if value.is_floating_point() else value * 0)


dtypes = {"dtype": st.none() | kinds}
DRAWN = {
    **{
        name: drawn(settings(size_=shapes, **dtypes)) for name in ("randn", "rand", "zeros", "ones")
    },
    "full": drawn(settings(size_=shapes, fill_value_=fills, **dtypes)),
    "randint": drawn(settings(low_=whole, high_=whole, size_=shapes, **dtypes)),
    "arange": drawn(
        settings(start_=whole, **dtypes)
        | settings(start_=whole, end_=whole, **dtypes)
        | settings(start_=whole, end_=whole, step_=whole, **dtypes)
        | settings(start_=numbers, end_=numbers, step_=numbers, **dtypes),
        stricter=cut,
    ),
    "linspace": drawn(settings(start_=numbers, end_=numbers, steps_=sizes, **dtypes)),
    "logspace": drawn(
        settings(
            start_=numbers, end_=numbers, steps_=sizes, base=st.sampled_from([2.0, 10.0]), **dtypes
        )
    ),
    "eye": drawn(settings(n_=sizes, m=sizes, **dtypes)),
    "randperm": drawn(settings(n_=sizes, **dtypes)),
    **{
        f"{name}_like": Drawn(settings(**dtypes), anything(*DTYPES), call=made)
        for name in ("randn", "rand", "zeros", "ones")
    },
    "full_like": Drawn(settings(fill_value_=fills, **dtypes), anything(*DTYPES), call=made),
    "bernoulli": Drawn(settings(), anything(*DTYPES), call=chances),
    "detach": Drawn(
        settings(), anything(*DTYPES), call=lambda case, given, tensors: tensors[0].detach()
    ),
}
