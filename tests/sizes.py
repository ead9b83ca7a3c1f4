"""Random expressions of sizes, as Python text: Python's own integers are the oracle."""

from dlc.compiler.dims import Dim, maximum, minimum, name
from hypothesis import assume
from hypothesis import strategies as st

NAMES = ("C", "H", "N", "heads")


def expressions(names: tuple[str, ...] = NAMES, symbolic: bool = True, leaves: int = 8):
    """Text of expressions with + - * // % min max; divisors are numbers, or anything."""
    numbers = st.integers(-20, 20).map(lambda number: f"({number})")
    divisors = st.integers(-9, 9).filter(bool).map(lambda number: f"({number})")

    def grown(inner):
        below = st.one_of(divisors, divisors, inner) if symbolic else divisors
        return st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({' '.join(t)})"),
            st.tuples(inner, st.sampled_from(["//", "%"]), below).map(lambda t: f"({' '.join(t)})"),
            st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
                lambda t: f"{t[0]}({t[1]}, {t[2]})"
            ),
        )

    leaf = st.one_of(st.sampled_from(names), st.sampled_from(names), numbers)
    return st.recursive(leaf, grown, max_leaves=leaves)


def bindings(names: tuple[str, ...] = NAMES, high: int = 60):
    """A size for each name."""
    return st.fixed_dictionaries({label: st.integers(1, high) for label in names})


def as_size(text: str) -> Dim:
    """The expression in the arithmetic of sizes; expressions that divide by zero are dropped."""
    scope = {label: name(label) for label in NAMES}
    try:
        found = eval(text, {"min": minimum, "max": maximum}, scope)
    except ZeroDivisionError:
        assume(False)
    return found if isinstance(found, Dim) else Dim({(): found})


def as_number(text: str, values: dict[str, int]) -> int:
    """The expression in the arithmetic of Python."""
    try:
        return int(eval(text, {"min": min, "max": max}, dict(values)))
    except ZeroDivisionError:
        assume(False)
        raise
