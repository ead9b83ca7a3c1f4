"""Cases of functions of three: bounds, ways between two, added products."""

from __future__ import annotations

from agreement import DTYPES, Case, Drawn, Operand, settings
from drawn_binary import ONES, both_grow, numbers, operands
from hypothesis import strategies as st

# Mostly of one dtype and of shapes that go together, for three rarely agree by chance.
floats = st.builds(Operand, st.sampled_from([(3,), (4, 3), ()]), st.just("f32"))
mixed = floats | floats | operands
bounds = operands | numbers | st.none()


def kept_within(case: Case) -> str:
    """Bounds that are none, and shapes of which none is the common one."""
    low, high = case.given.get("min"), case.given.get("max")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        return "all values would be the same"
    if isinstance(low, Operand) is not isinstance(high, Operand) and None not in (low, high):
        return "torch takes a scalar tensor for a number, where no gradient flows"
    return both_grow(case)


CLAMPED = Drawn(
    settings(min=bounds, max=bounds), st.tuples(operands), stricter=kept_within, known=ONES
)
ADDED = Drawn(settings(value=numbers), st.tuples(*(mixed,) * 3), stricter=both_grow, known=ONES)
scalars = st.builds(Operand, st.just(()), st.sampled_from([*DTYPES]))

DRAWN = {
    "clamp": CLAMPED,
    "clip": CLAMPED,
    "clamp_min": Drawn(
        settings(min_=operands | numbers), st.tuples(operands), stricter=both_grow, known=ONES
    ),
    "clamp_max": Drawn(
        settings(max_=operands | numbers), st.tuples(operands), stricter=both_grow, known=ONES
    ),
    "lerp": Drawn(
        settings(weight_=mixed | numbers | scalars),
        st.tuples(mixed, mixed),
        stricter=both_grow,
        known=ONES,
    ),
    "addcmul": ADDED,
    "addcdiv": ADDED,
}
