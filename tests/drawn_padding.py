"""Paddings as drawn: rims of every width, crops, modes, ranks and dtypes."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, Operand, anything, batched, settings
from hypothesis import strategies as st

edges = st.integers(-3, 5)
numbers = st.sampled_from([0, 1, -1, 0.5, 300, 2.0, 1e9, float("inf")])
RANKS = {"1d": 1, "2d": 2, "3d": 3}


def edge_lists(rank: int) -> st.SearchStrategy[object]:
    """One number for all sides, or two for each axis; seldom a wrong count."""
    right = st.tuples(*(edges,) * (2 * rank))
    return edges | right | right | st.lists(edges, min_size=1, max_size=7).map(tuple)


def widths(case: Case) -> list[tuple[int, int, int]]:
    """Of each axis that is padded: its size, before, behind."""
    asked = case.given.get("padding", case.given.get("pad"))
    count = 2 * RANKS.get(case.layer[-2:], 1)
    flat = asked if isinstance(asked, tuple) else (asked,) * count
    sizes = case.inputs[0].shape[::-1]
    return list(zip(sizes, flat[::2], flat[1::2], strict=False))


def stricter(case: Case) -> str:
    """Why a padding that torch runs is refused: the only reasons there are."""
    (x,) = case.inputs
    asked = case.given.get("padding")
    if isinstance(asked, tuple) and len(asked) != 2 * RANKS[case.layer[-2:]]:
        return "torch documents two numbers for each axis of the layer, and looks at none"
    value = case.given.get("value") or 0
    whole = x.dtype in ("u8", "i32", "i64")
    if whole and abs(value) != float("inf") and int(value) != value:
        return "a fraction would silently be cut off"
    circular = case.layer.startswith("Circular") or case.given.get("mode") == "circular"
    if circular and any(s + min(b, 0) + min(e, 0) < max(b, e, 1) for s, b, e in widths(case)):
        return "too little is left to repeat, and torch gives arbitrary values"
    return ""


def inputs(rank: int) -> st.SearchStrategy[tuple[Operand, ...]]:
    return batched(rank) | batched(rank, *DTYPES) | anything(*DTYPES, most=rank + 2)


DRAWN = {
    **{
        f"{name}Pad{rank}d": Drawn(
            settings(
                padding_=edge_lists(rank), **({"value_": numbers} if name == "Constant" else {})
            ),
            inputs(rank),
            stricter=stricter,
        )
        for name in ("Zero", "Constant", "Reflection", "Replication", "Circular")
        for rank in (1, 2, 3)
    },
    "pad": Drawn(
        settings(
            pad_=st.lists(edges, max_size=7).map(tuple)
            | st.integers(1, 3).flatmap(lambda rank: st.tuples(*(edges,) * (2 * rank))),
            mode=st.sampled_from(["constant", "reflect", "replicate", "circular"]),
            value=numbers | st.none(),
        ),
        inputs(1) | inputs(2) | inputs(3),
        stricter=stricter,
    ),
}
