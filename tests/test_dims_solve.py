"""Which sizes are legal: never another set than trying them one by one finds."""

import operator

import pytest
from dlc.compiler.dims import constant, maximum, minimum, name
from dlc.compiler.dims.solution import Solution, solution
from dlc.compiler.dims.solve import solve
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sizes import as_number, as_size, expressions

C, D, H, N, W, heads = map(name, ("C", "D", "H", "N", "W", "heads"))

COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LAST = 200


def tried(test, last=LAST):
    """The oracle: sizes that pass, tried one by one."""
    return [size for size in range(1, last + 1) if test(size)]


def within(found, last=LAST):
    return [size for size in range(1, last + 1) if size in found]


@given(
    expressions(("H",), symbolic=False, leaves=5),
    st.sampled_from(list(COMPARISONS)),
    expressions(("H",), symbolic=False, leaves=3),
)
@settings(max_examples=300, deadline=None)
def test_the_solution_is_what_trying_finds(first, op, second):
    found = solve(as_size(first), op, as_size(second), "H")
    assume(found is not None)

    def test(size):
        values = {"H": size}
        return COMPARISONS[op](as_number(first, values), as_number(second, values))

    assert within(found) == tried(test)


@given(expressions(("heads",), leaves=3), st.sampled_from(list(COMPARISONS)), st.integers(-40, 40))
@settings(max_examples=100, deadline=None)
def test_the_solution_is_what_trying_finds_also_for_divisors_with_names(text, op, number):
    found = solve(as_size(text), op, number, "heads")
    assume(found is not None)
    assert within(found) == tried(
        lambda size: COMPARISONS[op](as_number(text, {"heads": size}), number)
    )


@given(st.lists(st.integers(-12, 12), min_size=2, max_size=5), st.sampled_from(list(COMPARISONS)))
@settings(max_examples=200, deadline=None)
def test_polynomials_are_solved_exactly(coefficients, op):
    size = sum((c * H**power for power, c in enumerate(coefficients)), start=constant(0))
    found = solve(size, op, 0, "H")
    assert isinstance(found, Solution)
    assert within(found) == tried(
        lambda h: COMPARISONS[op](sum(c * h**p for p, c in enumerate(coefficients)), 0)
    )


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_all_roots_of_a_product_are_found(roots):
    size = constant(1)
    for root in roots:
        size = size * (H - root)
    assert solve(size, "==", 0, "H").values == tuple(sorted(set(roots)))


def half(size):
    """A convolution with kernel 3, stride 2 and padding 1."""
    return (size - 1) // 2 + 1


@pytest.mark.parametrize(
    ("first", "op", "second", "words", "expression"),
    [
        pytest.param(H // 8 * 8, "==", H, "H must be a multiple of 8", "H % 8 == 0", id="patches"),
        pytest.param(
            H // 2 // 2 // 2 * 2 * 2 * 2,
            "==",
            H,
            "H must be a multiple of 8",
            "H % 8 == 0",
            id="U-Net of depth 3 with pooling",
        ),
        pytest.param(
            8 * half(half(half(H))),
            "==",
            H,
            "H must be a multiple of 8",
            "H % 8 == 0",
            id="U-Net of depth 3 with convolutions",
        ),
        pytest.param(
            C * (H // 4) * 4,
            "==",
            C * H,
            "H must be a multiple of 4",
            "H % 4 == 0",
            id="another name on both sides",
        ),
        pytest.param(
            64 * ((H - 4) // 2) ** 2,
            "==",
            9216,
            "H = 28 or 29",
            "H in (28, 29)",
            id="a stack that flattens to 9216",
        ),
        pytest.param(
            32 * ((H - 2) // 2) * ((H - 2) // 2),
            "==",
            5408,
            "H = 28 or 29",
            "H in (28, 29)",
            id="a stack that flattens to 5408",
        ),
        pytest.param(H - 2, ">=", 1, "H >= 3", "H >= 3", id="a kernel of three fits"),
        pytest.param(half(H - 6), ">", 1, "H >= 9", "H >= 9", id="two windows fit"),
        pytest.param(3 * H + 1, "==", 85, "H = 28", "H == 28", id="linear"),
        pytest.param(2 * H, "==", 9, "no H will do", "False", id="no solution"),
        pytest.param(H, ">=", 1, "any H will do", "True", id="every size"),
        pytest.param(H, "<=", 5, "H <= 5", "H <= 5", id="an upper end"),
        pytest.param(H // 10, "==", 2, "20 <= H <= 29", "20 <= H <= 29", id="a range"),
        pytest.param(H % 2, "==", 1, "H must be odd", "H % 2 == 1", id="odd"),
        pytest.param(
            H % 4, "==", 3, "H must be 3 more than a multiple of 4", "H % 4 == 3", id="a remainder"
        ),
        pytest.param(
            H % 4 % 3, "==", 0, "H % 4 must be 0 or 3", "H % 4 in (0, 3)", id="two remainders"
        ),
        pytest.param(H, "!=", 4, "H = 1 to 3, or H >= 5", "H <= 3 or H >= 5", id="all but one"),
        pytest.param(
            64 // H * H, "==", 64, "H = 1, 2, 4, 8, 16, 32 or 64", None, id="heads that divide"
        ),
        pytest.param(maximum(H, 3), "==", 3, "H <= 3", "H <= 3", id="a maximum"),
        pytest.param(H**3, "<=", 10**18, "H <= 1000000", "H <= 1000000", id="a far end"),
    ],
)
def test_conditions_of_networks_are_solved(first, op, second, words, expression):
    found = solve(first, op, second, "H")
    assert found.words() == words
    assert expression is None or found.expression() == expression


@pytest.mark.parametrize(
    ("first", "second", "unknown"),
    [
        (H, W, "H"),
        (D // heads * heads, D, "D"),
        (C * H // 8 * 8, C * H, "H"),
        (H // 1009 * 1009, H, "H"),
        (minimum(H // 2 * 2, 10**6), 10**6, "H"),
    ],
)
def test_what_has_no_simple_rule_stays_open(first, second, unknown):
    assert solve(first, "==", second, unknown) is None


def test_a_condition_on_another_name_is_open():
    assert solve(H, ">=", 5, "W") is None


def test_a_condition_without_names_is_always_or_never():
    assert solve(3, "==", 3, "H").always
    assert solve(3, "==", 4, "H").never
    assert not solve(3, "==", 4, "H").always


def test_a_division_by_zero_leaves_the_condition_open():
    assert solve(12 // (H - 3), "==", 2, "H") is None


@pytest.mark.parametrize(
    "found",
    [
        solve(H % 8, "==", 0, "H"),
        solve(H * (H % 3), "<=", 40, "H"),
        solve((H - 4) // 2, "==", 12, "H"),
        solve((H - 5) * (H - 9), ">=", 0, "H"),
        solve(H, "<=", 7, "H"),
        solve(H % 4, "<=", 1, "H"),
    ],
    ids=lambda found: found.words(),
)
class TestSolution:
    def test_the_expression_is_python_of_the_same_set(self, found):
        expression = found.expression()
        assert within(found) == tried(lambda size: eval(expression, {"H": size}))

    def test_the_nearest_is_legal_and_none_is_nearer(self, found):
        legal = within(found, 300)
        for wish in range(1, 60):
            near = found.nearest(wish)
            assert near == min(legal, key=lambda size: (abs(size - wish), size))

    def test_the_values_are_listed_exactly_where_they_end(self, found):
        if found.residues:
            assert found.values is None
            assert within(found, 5_000)[-1] > 4_000
        else:
            assert list(found.values) == within(found)


def test_there_is_no_nearest_where_no_size_is_legal():
    assert solve(2 * H, "==", 9, "H").nearest(4) is None


def test_sizes_below_one_are_never_legal():
    assert 0 not in solve(H, "<=", 5, "H")
    assert -8 not in solve(H % 8, "==", 0, "H")


def test_many_values_are_counted_but_not_listed():
    found = solve(H, "<=", 10**15, "H")
    assert found.values is None
    assert 10**15 in found
    assert 10**15 + 1 not in found


def test_a_long_list_is_shortened_in_words():
    found = solve(720720 // H * H, "==", 720720, "H")
    assert found is None  # divisors beyond what is tried one by one
    found = solve(1680 // H * H, "==", 1680, "H")
    assert found.words() == "H = 1 to 8, 10, 12, 14 to 16, 20, 21, 24, 28, 30, 35, … or 1680"


def test_equal_sets_are_equal_records():
    assert solution("H", [(1, 2), (3, 4)], 5, 2, [0, 1]) == solution("H", [], 1, 1, [0])
    assert solution("H", [(4, 4)], 8, 8, [0, 4]) == solution("H", [], 1, 4, [0])
    assert solution("H", [(1, 2), (3, 3)], 9, 4, []) == solution("H", [(1, 3)], 4, 1, [])
    assert solution("H", [(3, 4)], 5, 2, [0]) == solution("H", [(3, 3)], 4, 2, [0])


def test_a_rule_that_starts_late_says_from_where():
    found = solution("H", [], 9, 8, [0])
    assert found.words() == "H must be a multiple of 8, 16 at least"
    assert found.expression() == "H % 8 == 0 and H >= 16"
    assert within(found, 40) == [16, 24, 32, 40]


def test_sizes_before_the_rule_are_said_first():
    found = solution("H", [(3, 3), (7, 7)], 9, 8, [0])
    assert found.words() == "H = 3, 7, or H must be a multiple of 8, 16 at least"
    assert found.expression() == "H in (3, 7) or H % 8 == 0 and H >= 16"
