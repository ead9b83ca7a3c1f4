"""Products with something added as drawn: what broadcasts to the product, and what does not."""

from __future__ import annotations

from agreement import Case, Drawn, Operand, settings
from drawn_products import kinds, some
from hypothesis import strategies as st

factors = st.sampled_from([0, 1, 2, -1, 0.5, 1.0, 2.0])


@st.composite
def added(draw: st.DrawFn, base: str, left: str, right: str) -> tuple[Operand, ...]:
    """The base has any axes of its shape from behind, some of them 1."""
    sizes = {letter: draw(some) for letter in base + left + right}
    shape = [sizes[letter] if draw(st.integers(0, 3)) else 1 for letter in base]
    shape = shape[draw(st.integers(0, len(shape))) :]
    match draw(st.integers(0, 9)):
        case 0:
            shape = [1, *shape]
        case 1:
            shape = [*shape[:-1], draw(some)]
    found = [tuple(shape), *(tuple(sizes[each] for each in part) for part in (left, right))]
    match draw(st.integers(0, 9)):
        case 0:
            found[1] = found[1][1:]
        case 1:
            found[2] = (*found[2][:-1], draw(some))
    return tuple(map(Operand, found, draw(kinds(3))))


def stricter(case: Case) -> str:
    """Why a product that torch computes is refused."""
    whole = case.inputs[1].dtype in ("u8", "i32", "i64")
    parts = any(isinstance(each, float) for each in case.given.values())
    return "a factor with a fraction would silently be cut off" if whole and parts else ""


given = settings(beta=factors, alpha=factors)
DRAWN = {
    name: Drawn(given, added(*shapes.split()), stricter=stricter, known=frozenset({1}))
    for name, shapes in {
        "addmm": "ik ij jk",
        "addmv": "i ij j",
        "baddbmm": "bik bij bjk",
        "addbmm": "ik bij bjk",
    }.items()
}
