"""Comparisons between several sizes: simplest forms, and what follows from what is known."""

from __future__ import annotations

import operator

import pytest
from dlc.compiler.dims import Dim, constant, minimum, name, solve
from dlc.compiler.dims.relation import Relation, bound, multiple, parted, relation, replaces
from dlc.compiler.dims.solution import solution
from hypothesis import given, settings
from hypothesis import strategies as st

H, W, C = name("H"), name("W"), name("C")
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def sizes() -> st.SearchStrategy[Dim]:
    """Sizes as layers make them of two names."""
    leaves = st.sampled_from([H, W, constant(1), constant(3), constant(12)])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a + b, inner, inner),
            st.builds(lambda a, b: a - b, inner, inner),
            st.builds(lambda a, b: a * b, inner, inner),
            st.builds(lambda a, k: a // k, inner, st.integers(2, 4)),
            st.builds(minimum, inner, inner),
        ),
        max_leaves=5,
    )


@given(sizes(), st.sampled_from(sorted(COMPARE)), sizes())
@settings(max_examples=300)
def test_the_simplest_form_holds_exactly_where_the_comparison_does(
    left: Dim, op: str, right: Dim
) -> None:
    found = relation(left, op, right)
    shown = found.expression() if isinstance(found, Relation) else str(found)
    holds = eval(f"lambda H, W: bool({shown})")
    for h in range(1, 14):
        for w in range(1, 14):
            values = {"H": h, "W": w}
            raw = COMPARE[op](left.evaluate(values), right.evaluate(values))
            assert holds(h, w) == raw, (shown, values)


@pytest.mark.parametrize(
    ("left", "op", "right", "expected"),
    [
        (H, "==", W, "H == W"),
        (2 * H, ">=", 2 * W + 3, "H >= W + 2"),
        (H - W, ">", constant(0), "H > W"),
        (H * W // 12 * 12, "==", H * W, "H*W % 12 == 0"),
        (H * W // 4, ">=", constant(1), "H*W >= 4"),
        (H * C, "==", 3 * C * W, "H == 3*W"),
        ((H + W) // 2, "<=", constant(5), "H + W <= 11"),
        ((H // 16) * (W // 16), "==", constant(196), "(H // 16)*(W // 16) == 196"),
        (4 * H, "!=", 6 * W, "2*H != 3*W"),
    ],
)
def test_what_networks_ask_of_two_sizes(left: Dim, op: str, right: Dim, expected: str) -> None:
    found = relation(left, op, right)
    assert isinstance(found, Relation)
    assert found.expression() == expected


def test_a_comparison_without_a_name_left_is_true_or_false() -> None:
    assert relation(H + 1, ">", H) is True
    assert relation(H * W, "==", H * W + 2) is False


def test_what_is_known_of_single_sizes_decides() -> None:
    even = {each: solution(each, [], 1, 2, [0]) for each in "HW"}
    halves = relation((H // 2) * (W // 2), "==", H * W // 4)
    assert isinstance(halves, Relation)
    assert halves.follows({}) is None
    assert halves.follows(even) is True
    product = relation(H * W, ">=", constant(4))
    assert isinstance(product, Relation)
    assert product.follows({"H": even["H"]}) is None
    assert product.follows(even) is True


def test_stretches_of_sizes_are_looked_at_one_by_one() -> None:
    apart = relation(H * W, "!=", constant(35))
    assert isinstance(apart, Relation)
    five = solve(H, "==", 5, "H")
    several = solution("W", [(2, 4), (9, 30)], 1, 1, [])
    assert five is not None
    assert apart.follows({"H": five, "W": several}) is True
    assert apart.follows({"H": five, "W": solution("W", [(2, 9)], 1, 1, [])}) is None


def test_many_stretches_are_looked_at_as_one() -> None:
    odd = solution("H", [(size, size) for size in range(3, 99, 2)], 1, 1, [])
    bound = relation(H + W, ">=", constant(4))
    assert isinstance(bound, Relation)
    assert bound.follows({"H": odd}) is True


def test_an_equality_says_what_one_name_is() -> None:
    given = relation(2 * H, "==", W + 1)
    assert isinstance(given, Relation)
    found = replaces(given)
    assert found is not None
    label, size = found
    assert label == "W"
    assert size == 2 * H - 1
    bound = relation(H, ">=", W)
    square = relation(H * H, "==", W * W)
    assert isinstance(bound, Relation)
    assert isinstance(square, Relation)
    assert replaces(bound) is replaces(square) is None


def test_a_multiple_is_told_from_other_equalities() -> None:
    given = relation(H * W // 12 * 12, "==", H * W)
    other = relation(H, "==", W)
    assert isinstance(given, Relation)
    assert isinstance(other, Relation)
    assert multiple(given) == (H * W, 12)
    assert multiple(other) is None


def test_a_product_equals_that_of_its_rounded_factors_where_each_divides() -> None:
    given = relation(H * W, "==", 4 * (H // 2) * (W // 2))
    assert isinstance(given, Relation)
    assert parted(given) == ((H, 2), (W, 2))
    uneven = relation(H * W, "==", 3 * (H // 2) * (W // 2))
    assert isinstance(uneven, Relation)
    assert parted(uneven) == ()


@given(
    st.lists(st.tuples(st.sampled_from([H, W, H + W]), st.integers(1, 4)), min_size=1, max_size=3)
)
def test_the_parts_of_a_product_hold_together_exactly_where_it_does(factors) -> None:
    whole = rounded = constant(1)
    for size, number in factors:
        whole, rounded = whole * size, rounded * number * (size // number)
    found = relation(whole, "==", rounded)
    parts = parted(found) if isinstance(found, Relation) else ()
    for h in range(1, 13):
        for w in range(1, 13):
            values = {"H": h, "W": w}
            raw = whole.evaluate(values) == rounded.evaluate(values)
            if parts:
                assert raw == all((a % b).evaluate(values) == 0 for a, b in parts)


@given(st.integers(-5, 5).filter(bool), st.integers(-40, 40))
def test_a_bound_is_what_solving_finds(factor: int, number: int) -> None:
    found, solved = (
        relation(factor * H, ">=", constant(number)),
        solve(factor * H, ">=", number, "H"),
    )
    assert solved is not None
    if isinstance(found, Relation):
        assert bound(found) == solved
    else:
        assert found == solved.always == (not solved.never)


def test_what_is_no_bound_of_one_name_is_left_to_solving() -> None:
    for left, op, right in (
        (H * H, ">=", 9),
        (H // 2 + H, ">=", 4),
        (H, "==", 3),
        (H + W, ">=", 4),
    ):
        found = relation(left, op, constant(right))
        assert isinstance(found, Relation)
        assert bound(found) is None
