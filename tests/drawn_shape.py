"""Other shapes for the same values as drawn: sizes that divide and that do not, a -1 or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agreement import DTYPES, Case, Drawn, Operand, anything, axes, axis_lists, settings
from hypothesis import strategies as st
from torch import Tensor

divisors = st.sampled_from([-2, -1, 0, 1, 2, 3, 4, 6, 12, 24])
of_twelve = st.sampled_from([(), (12,), (2, 6), (3, 4), (2, 2, 3), (1, 12, 1), (5,), (4, 9), (24,)])
kinds = st.sampled_from([*DTYPES])


def shaped(*shapes: st.SearchStrategy[tuple[int, ...]]) -> st.SearchStrategy[tuple[Operand, ...]]:
    """One tensor of each of these shapes."""
    return st.tuples(*(st.builds(Operand, shape, kinds) for shape in shapes))


def spread(case: Case, given: Mapping[str, Any], tensors: Sequence[Tensor]) -> Any:
    """A method whose one argument torch takes apart."""
    (value,) = tensors
    return getattr(value, case.layer)(*given.values())


@st.composite
def divided(draw: st.DrawFn, argument: str) -> tuple[dict[str, Any], tuple[Operand, ...]]:
    """An axis of 12, and sizes that mostly make it up."""
    shape = tuple(draw(st.permutations((2, 12, 3)))[: draw(st.integers(1, 3))])
    asked = st.sampled_from([(3, 4), (-1, 6), (12,), (2, -1, 3), (-1,), (2, 2), (5, -1), (2, 1, 6)])
    axis = shape.index(12) if 12 in shape else 0
    axis -= draw(st.sampled_from([0, len(shape)]))
    return {"dim": axis, argument: draw(asked)}, (Operand(shape, draw(kinds)),)


flattened = settings(start_dim=axes, end_dim=axes)
sizes = st.lists(divisors.filter(bool) | divisors, min_size=1, max_size=4).map(tuple)
parts = st.lists(divisors, max_size=3).map(tuple) | divisors

DRAWN = {
    "Flatten": Drawn(flattened, anything(*DTYPES)),
    "flatten": Drawn(flattened, anything(*DTYPES)),
    "ravel": Drawn(settings(), anything(*DTYPES)),
    "reshape": Drawn(settings(shape_=sizes), shaped(of_twelve), call=spread),
    "view": Drawn(settings(shape_=sizes), shaped(of_twelve), call=spread),
    "reshape_as": Drawn(settings(), shaped(of_twelve, of_twelve)),
    "view_as": Drawn(settings(), shaped(of_twelve, of_twelve)),
    **{
        name: Drawn(
            settings(),
            anything(),
            together=divided(argument)
            | st.tuples(settings(**{"dim_": axes, f"{argument}_": parts}), shaped(of_twelve)),
        )
        for name, argument in (("unflatten", "sizes"), ("Unflatten", "unflattened_size"))
    },
    "permute": Drawn(
        settings(dims_=axis_lists | st.permutations(range(3)).map(tuple)),
        anything(*DTYPES) | shaped(st.sampled_from([(2, 3, 4), (5, 1, 2)])),
    ),
}
