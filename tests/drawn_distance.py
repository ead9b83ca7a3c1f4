"""Distances and similarities of two tensors."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, Operand, axes, booleans, settings
from hypothesis import strategies as st

few = st.sampled_from([1, 2, 3, 3])
kinds = st.sampled_from([*DTYPES, "f32", "f32", "f32", "f32", "f32", "f32"])


@st.composite
def pairs(draw: st.DrawFn, most: int = 4) -> tuple[Operand, ...]:
    """Two tensors whose last axes mostly go together."""
    first = draw(st.lists(few, max_size=most))
    second = list(first[draw(st.integers(0, len(first))) :] if draw(st.booleans()) else first)
    for axis in range(len(second)):
        if draw(st.integers(0, 4)) == 0:
            second[axis] = draw(few)
    both = [Operand(tuple(first), draw(kinds)), Operand(tuple(second), draw(kinds))]
    return tuple(both if draw(st.booleans()) else reversed(both))


def grows(first: tuple[int, ...], second: tuple[int, ...]) -> str:
    """Why two shapes are refused that torch broadcasts."""
    rank = max(len(first), len(second))
    a, b = ((1,) * (rank - len(each)) + each for each in (first, second))
    left = len(first) < rank or any(x == 1 != y for x, y in zip(a, b, strict=True))
    right = len(second) < rank or any(y == 1 != x for x, y in zip(a, b, strict=True))
    return "where both sides grow, each value meets all others" if left and right else ""


def both_grow(case: Case) -> str:
    first, second = (each.shape for each in case.inputs)
    return grows(first, second)


def rows_grow(case: Case) -> str:
    first, second = (each.shape[:-2] for each in case.inputs)
    return grows(first, second)


COSINE = Drawn(
    settings(dim=axes, eps=st.sampled_from([1e-3, 0])),
    pairs(),
    stricter=both_grow,
    known=frozenset({1}),
)
PAIRWISE = Drawn(
    settings(
        p=st.sampled_from([0, 1, 2.0, -1.0, float("inf")]),
        eps=st.sampled_from([1e-3, 0]),
        keepdim=booleans,
    ),
    pairs(),
    stricter=both_grow,
    known=frozenset({1}),
)

DRAWN = {
    "CosineSimilarity": COSINE,
    "cosine_similarity": COSINE,
    "PairwiseDistance": PAIRWISE,
    "pairwise_distance": PAIRWISE,
    "cdist": Drawn(
        settings(
            p=st.sampled_from([0, 1, 2.0, -1.0, float("inf")]),
            compute_mode=st.sampled_from(["use_mm_for_euclid_dist", "exact"]),
        ),
        pairs(5),
        stricter=rows_grow,
        known=frozenset({1}),
    ),
}
