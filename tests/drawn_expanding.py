"""Values repeated as drawn: sizes that can grow and that cannot, new axes, too few numbers."""

from __future__ import annotations

from typing import Any

from agreement import DTYPES, Drawn, Operand, anything, axes, settings
from hypothesis import strategies as st

few = st.sampled_from([1, 1, 2, 3])
shapes = st.lists(few, max_size=3).map(tuple)
grown = st.lists(few | st.just(-1), max_size=4).map(tuple)
times = st.lists(st.integers(0, 3), max_size=4).map(tuple)
kinds = st.sampled_from([*DTYPES])
one = st.tuples(st.builds(Operand, shapes, kinds))
pair = st.tuples(st.builds(Operand, shapes, kinds), st.builds(Operand, shapes, kinds))


@st.composite
def fitting(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """Sizes that a shape grows to."""
    (value,) = draw(one)
    asked = [
        size if size != 1 and draw(st.booleans()) else (-1 if size != 1 else draw(few))
        for size in value.shape
    ]
    return {"size": (*draw(st.lists(few, max_size=2)), *asked)}, (value,)


loose = st.tuples(settings(size_=grown), one)
DRAWN = {
    "expand": Drawn(settings(), one, together=fitting() | loose, known=frozenset({1})),
    "broadcast_to": Drawn(settings(), one, together=fitting() | loose, known=frozenset({1})),
    "expand_as": Drawn(settings(), pair, known=frozenset({1})),
    "repeat": Drawn(settings(repeats_=times), one),
    "tile": Drawn(settings(dims_=times), one),
    "repeat_interleave": Drawn(settings(repeats_=st.integers(-1, 3), dim=axes), anything(*DTYPES)),
}
