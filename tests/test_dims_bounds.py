"""Bounds and comparisons of sizes: never wrong, and strong enough for real networks."""

import operator

import pytest
from dlc.compiler.dims import constant, maximum, minimum, name
from dlc.compiler.dims.bounds import decide, lower, periods, settled, upper
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sizes import as_number, as_size, bindings, expressions

C, D, H, N, T, W, heads = map(name, ("C", "D", "H", "N", "T", "W", "heads"))

COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@given(expressions(leaves=6), bindings())
@settings(max_examples=300, deadline=None)
def test_no_value_is_outside_the_bounds(text, values):
    number = as_number(text, values)
    size = as_size(text)
    low, high = lower(size), upper(size)
    assert low is None or low <= number
    assert high is None or number <= high


@given(expressions(("C", "H"), leaves=6), st.data())
@settings(max_examples=300, deadline=None)
def test_no_value_is_outside_the_bounds_for_bounded_names(text, data):
    size = as_size(text)
    bounds, values = {}, {}
    for label in ("C", "H"):
        low = data.draw(st.integers(0, 20))
        high = data.draw(st.one_of(st.none(), st.integers(low, low + 20)))
        bounds[label] = (low, high)
        values[label] = data.draw(st.integers(low, low + 40 if high is None else high))
    assume(values["C"] and values["H"])
    number = as_number(text, values)
    low, high = lower(size, bounds), upper(size, bounds)
    assert low is None or low <= number
    assert high is None or number <= high


@given(expressions(leaves=4), st.sampled_from(list(COMPARISONS)), expressions(leaves=4), bindings())
@settings(max_examples=400, deadline=None)
def test_what_is_decided_holds_for_all_names(first, op, second, values):
    expected = COMPARISONS[op](as_number(first, values), as_number(second, values))
    assert decide(as_size(first), op, as_size(second)) in (expected, None)


@given(
    expressions(("H",), symbolic=False, leaves=4), st.sampled_from(["==", "<="]), st.integers(0, 9)
)
@settings(max_examples=200, deadline=None)
def test_what_is_decided_about_one_name_holds_from_one_on(text, op, number):
    answer = decide(as_size(text), op, number)
    assume(answer is not None)
    for value in range(1, 100):
        assert COMPARISONS[op](as_number(text, {"H": value}), number) is answer


@given(expressions(leaves=5))
@settings(max_examples=100, deadline=None)
def test_a_size_is_always_equal_to_itself(text):
    size = as_size(text)
    assert decide(size, "==", size) is True
    assert decide(size, "!=", size) is False
    assert decide(size, "<=", size) is True
    assert decide(size, "<", size) is False


@given(expressions(("C", "H"), leaves=5), bindings(("C", "H"), 30))
@settings(max_examples=200, deadline=None)
def test_a_settled_size_has_the_same_values(text, values):
    expected = as_number(text, values)
    assert settled(as_size(text), {}).evaluate(values) == expected


@given(expressions(("C", "H"), symbolic=False, leaves=5), bindings(("C", "H"), 9))
@settings(max_examples=200, deadline=None)
def test_names_written_by_their_period_leave_no_floor(text, remainders):
    size = as_size(text)
    assume("min" not in str(size) and "max" not in str(size))
    found = periods(size)
    values = {label: found[label] * name(label) + remainders[label] for label in found}
    assert all(atom.kind == "name" for atom in size.substitute(values).atoms)


@pytest.mark.parametrize(
    ("size", "low", "high"),
    [
        (H, 1, None),
        (constant(7), 7, 7),
        (H - 3, -2, None),
        (3 - H, None, 2),
        (H // 2, 0, None),
        ((H + 1) // 2, 1, None),
        (H - H // 2, 1, None),
        (H // 2 * 2 - H, -1, 0),
        (H % 8, 0, 7),
        (H * W - H, 0, None),
        (H * W - W - H, -1, None),
        (C * (H // 2), 0, None),
        (D // heads, 0, None),
        (5 // heads, 0, 5),
        (-5 // heads, -5, -1),
        (minimum(H, 5), 1, 5),
        (maximum(H, 5), 5, None),
        (minimum(H, W), 1, None),
        (H - W, None, None),
        (C // (H - W), None, None),
    ],
)
def test_bounds_are_as_near_as_a_person_sees(size, low, high):
    assert lower(size) == low
    assert upper(size) == high


def test_bounds_follow_those_of_the_names():
    assert (lower(H - 3, {"H": (3, None)}), upper(H - 3, {"H": (3, 10)})) == (0, 7)
    assert upper(H * W, {"H": (1, 10), "W": (1, 20)}) == 200
    assert upper(D // heads, {"D": (1, 100), "heads": (4, None)}) == 25
    assert lower(D // heads, {"D": (64, None), "heads": (1, 8)}) == 8
    assert lower(-H // heads, {"H": (1, 9), "heads": (2, None)}) == -5
    assert upper(-H // heads, {"H": (8, None), "heads": (1, 4)}) == -2


def test_integers_are_their_own_bounds():
    assert lower(5) == upper(5) == 5


@pytest.mark.parametrize(
    ("first", "op", "second", "answer"),
    [
        pytest.param((H + 1) // 2, "==", H - H // 2, True, id="the two halves"),
        pytest.param(H // 3 + (H + 1) // 3 + (H + 2) // 3, "==", H, True, id="Hermite's identity"),
        pytest.param((7 * H) // 8, "==", H - (H + 7) // 8, True, id="seven eighths"),
        pytest.param(H // 2 * 2, "==", H, None, id="even or odd"),
        pytest.param(H // 2 * 2, "<=", H, True, id="never more than all"),
        pytest.param(H // 2 * 2 + 2, ">", H, True, id="one more is enough"),
        pytest.param(2 * H, "==", 7, False, id="even is not odd"),
        pytest.param(4 * H + 2 * W, "!=", 9, True, id="even is not odd, two names"),
        pytest.param(H, ">=", 1, True, id="a size is at least one"),
        pytest.param(H, ">", 1, None, id="a size may be one"),
        pytest.param(H, "<", 1, False, id="no size is zero"),
        pytest.param((H - 3) // 2 + 1, ">=", 1, None, id="a window may not fit"),
        pytest.param((H + 2 - 3) // 2 + 1, ">=", 1, True, id="a padded window fits"),
        pytest.param(H * W, "<=", C * H * W, True, id="more channels"),
        pytest.param(H * W, "==", W * H, True, id="in any order"),
        pytest.param(H, "==", W, None, id="two names"),
        pytest.param(H, "!=", H + 1, True, id="one apart"),
        pytest.param(maximum(H, 1), "==", H, True, id="a maximum that is known"),
        pytest.param(minimum(H, W), ">=", 1, True, id="a minimum of sizes"),
        pytest.param(minimum(H // 2, H), "==", H // 2, True, id="a minimum that is known"),
        pytest.param((H % 4) * (W % 4), "<=", 9, True, id="a product of remainders"),
    ],
)
def test_comparisons_are_decided_where_a_person_sees_it(first, op, second, answer):
    assert decide(first, op, second) is answer


def test_bounds_of_names_decide_more():
    assert decide(H, ">=", 5, {"H": (5, None)}) is True
    assert decide(H, "==", 5, {"H": (5, 5)}) is True
    assert decide(H // 8, "==", 1, {"H": (8, 15)}) is True
    assert decide(H // 8, "==", 1, {"H": (8, 16)}) is None
    assert decide(H // 8 * 8, "==", H, {"H": (9, 15)}) is False


def test_a_comparison_beyond_all_limits_is_open():
    assert decide(H * 2**62, "==", W * -(2**62) + C * 2**62) is None
    assert decide(H**62, "<", (H + W) ** 30 * C**32) is None


def test_a_comparison_that_divides_by_zero_for_some_remainder_is_open():
    assert decide(C // (H % 2), ">=", 1) is None


def test_equality_of_different_sizes_is_not_claimed():
    assert decide(H // 2, "==", (H + 1) // 2) is not True
    assert decide(H, "==", W) is not True
    assert decide(3, "==", constant(3)) is True


def test_what_is_never_chosen_goes():
    assert settled(maximum(H, 0) + minimum(W, 0), {}) == H
    assert settled(maximum(H, 5), {}) == maximum(H, 5)
    assert settled(maximum(H, 5), {"H": (5, None)}) == H
    assert settled(maximum(minimum(C, 0), H) // 2, {}) == H // 2


def test_periods_multiply_along_nested_floors():
    assert periods(2 * (H // 3) // 5 + W // 4) == {"H": 15, "W": 4}
    assert periods(H + 3) == {"H": 1}
    assert periods(constant(3)) == {}
