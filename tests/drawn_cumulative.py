"""Cases of running sums, products and extremes, and of differences."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, Operand, anything, axes, settings
from dlc.compiler.layers.cumulative import CUMULATIVES
from hypothesis import strategies as st

INPUTS = anything(*DTYPES, "f32", most=3)
# Values to put before or behind: mostly of the right sizes, for the drawn inputs are small.
few = st.integers(1, 3)
shapes = st.tuples(few, few) | st.tuples(few) | st.just(())
pieces = st.builds(Operand, shapes, st.sampled_from([*DTYPES, "f32"]))
differences = settings(
    n=st.integers(-1, 3),
    dim=st.integers(-2, 2),
    prepend=pieces | st.none(),
    append=pieces | st.none(),
)


def undone(case: Case) -> str:
    """Differences taken no times."""
    return "diff(n=0) does nothing, whatever else it says" if case.given.get("n") == 0 else ""


DRAWN = {
    **{record.name: Drawn(settings(dim_=axes), INPUTS) for record in CUMULATIVES},
    "diff": Drawn(differences, st.tuples(pieces) | INPUTS, stricter=undone, known=frozenset({1})),
}
