"""Norms of channels: what an author may write, what flows in, and what torch is asked."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from agreement import Case, Drawn, Operand, batched, booleans, settings
from hypothesis import strategies as st
from torch import Tensor

FLOATS = ("f32", "f32", "f32", "f16", "bf16", "f64")
EVERY = (*FLOATS, "i64", "bool", "u8")
eps = st.sampled_from([1e-3, 1e-8])
few = st.sampled_from([1, 2, 3, 3, 3, 3])
mostly = ("f32",) * 9

state = {
    "eps": eps,
    "affine": booleans,
    "track_running_stats": booleans,
    "bias": booleans,
}


def beside(*dtypes: str) -> st.SearchStrategy[Operand | None]:
    """A tensor that scales, shifts or tells statistics: mostly a row of so many channels."""
    shape = st.one_of(*(st.tuples(few),) * 8, st.just(()), st.tuples(few, few))
    kinds = st.sampled_from((*mostly, *(dtypes or ("f64", "f16"))))
    return st.none() | st.builds(Operand, shape, kinds)


def channelled(*dtypes: str, most: int = 4) -> st.SearchStrategy[tuple[Operand, ...]]:
    """One tensor of any rank with few channels."""
    shape = st.lists(few, max_size=most).map(tuple) | st.lists(few, min_size=2, max_size=most).map(
        tuple
    )
    kinds = st.sampled_from((*mostly, *(dtypes or FLOATS)))
    return st.builds(lambda found, dtype: (Operand(found, dtype),), shape, kinds)


def channels(x: Tensor) -> dict[str, Any]:
    return {"num_features": x.shape[1]}


def places(case: Case) -> int:
    """How many values a channel of one record has."""
    return prod(case.inputs[0].shape[2:])


def unbatched(rank: int) -> Callable[[Case], str]:
    def stricter(case: Case) -> str:
        written = len(case.inputs[0].shape) != rank + 1
        return "" if written else "the batch dimension is written"

    return stricter


def group_of_one(case: Case) -> str:
    shape = case.inputs[0].shape
    if len(shape) > 1 and shape[1] * places(case) == case.given["num_groups"]:
        return "the norm of one value is constant"
    return beside_row(case)


def beside_row(case: Case) -> str:
    """Why a tensor beside the values is refused."""
    rows = [each for each in case.operands[1:] if each is not None]
    if any(len(each.shape) != 1 for each in rows):
        return "one number a channel stands in a row"
    if len({each.dtype for each in rows} - {case.inputs[0].dtype}) and not batch_statistics(case):
        return "statistics have the dtype that torch documents"
    return ""


def batch_statistics(case: Case) -> bool:
    return bool(case.given.get("use_input_stats", True))


def kept_in_place(case: Case) -> str:
    known = [case.given.get(key) for key in ("running_mean", "running_var")]
    own = case.given.get("training", False) or (
        case.layer == "instance_norm" and batch_statistics(case)
    )
    if own and any(known):
        return "a value that flows in is never changed"
    return beside_row(case)


beside_values = {"weight": beside(), "bias": beside(), "eps": eps}

DRAWN = {
    **{
        f"BatchNorm{rank}d": Drawn(
            settings(**state, momentum=st.none() | st.just(0.2)),
            batched(rank, *EVERY) if rank > 1 else batched(1, *EVERY) | batched(0, *EVERY),
            sizes=channels,
        )
        for rank in (1, 2, 3)
    },
    **{
        f"InstanceNorm{rank}d": Drawn(
            settings(**state, momentum=st.just(0.2)),
            batched(rank, *EVERY),
            sizes=channels,
            stricter=unbatched(rank),
        )
        for rank in (1, 2, 3)
    },
    "GroupNorm": Drawn(
        settings(num_groups_=few, eps=eps, affine=booleans, bias=booleans),
        batched(0, *EVERY) | batched(1, *EVERY) | batched(2, *EVERY),
        sizes=lambda x: {"num_channels": x.shape[1]},
        stricter=group_of_one,
    ),
    "group_norm": Drawn(
        settings(num_groups_=few, **beside_values),
        channelled(*EVERY),
        stricter=group_of_one,
    ),
    "batch_norm": Drawn(
        settings(running_mean_=beside(), running_var_=beside(), training=booleans, **beside_values)
        | settings(
            running_mean_=st.none(),
            running_var_=st.none(),
            training_=st.just(True),
            **beside_values,
        ),
        channelled(*EVERY),
        stricter=kept_in_place,
    ),
    "instance_norm": Drawn(
        settings(
            running_mean=beside(),
            running_var=beside(),
            use_input_stats=booleans,
            **beside_values,
        )
        | settings(**beside_values),
        channelled(*EVERY),
        stricter=kept_in_place,
    ),
}
