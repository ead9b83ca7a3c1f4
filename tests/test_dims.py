"""Sizes: the normal form is Python's arithmetic, and knows the identities that networks need."""

import subprocess
import sys
from itertools import product

import pytest
from dlc.compiler.dims.size import Dim, common, constant, dim, maximum, minimum, name
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sizes import NAMES, as_number, as_size, bindings, expressions

C, D, H, N, T, W, heads = map(name, ("C", "D", "H", "N", "T", "W", "heads"))


def window(size: Dim, kernel: int, stride: int = 1, padding: int = 0) -> Dim:
    """The output size of a convolution or pooling, by torch's documentation."""
    return (size + 2 * padding - (kernel - 1) - 1) // stride + 1


@given(expressions(), bindings())
@settings(max_examples=400, deadline=None)
def test_a_size_evaluates_to_what_python_computes(text, values):
    expected = as_number(text, values)
    assert as_size(text).evaluate(values) == expected


@given(expressions(), bindings())
@settings(max_examples=200, deadline=None)
def test_substituting_numbers_for_all_names_leaves_the_number(text, values):
    expected = as_number(text, values)
    assert as_size(text).substitute(values) == expected
    assert as_size(text).substitute(values).value == expected


@given(expressions(leaves=5), expressions(leaves=3), bindings())
@settings(max_examples=200, deadline=None)
def test_substituting_a_size_is_evaluating_it_first(text, inner, values):
    inside = as_number(inner, values)
    assume(inside >= 1)  # a name stands for a size
    expected = as_number(text, {**values, "H": inside})
    try:
        substituted = as_size(text).substitute({"H": as_size(inner)})
    except ZeroDivisionError:
        assume(False)
    assert substituted.evaluate(values) == expected


def test_equal_normal_forms_are_equal_for_all_names():
    family = [
        f"((({a}) * H + ({b})) // {k} + ({c})) // {m}"
        for a, b, k, c, m in product((-2, -1, 1, 2, 3), (-3, 0, 1), (1, 2, 3, 4), (-1, 2), (1, 2))
    ]
    groups = {}
    for text in family:
        values = tuple(as_number(text, {"H": value}) for value in range(1, 30))
        groups.setdefault(as_size(text), set()).add(values)
    assert len(groups) < len(family)
    assert all(len(values) == 1 for values in groups.values())


@given(expressions(), expressions(), expressions())
@settings(max_examples=100, deadline=None)
def test_sizes_are_a_commutative_ring(first, second, third):
    a, b, c = map(as_size, (first, second, third))
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) + c == a + (b + c)
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert a - a == 0
    assert hash(a + b) == hash(b + a)


@given(expressions(leaves=5), st.integers(-30, 30), st.integers(1, 12))
@settings(max_examples=200, deadline=None)
def test_whole_multiples_of_the_divisor_leave_a_floor(text, whole, divisor):
    size = as_size(text)
    assert (size + whole * divisor) // divisor == size // divisor + whole


@given(st.integers(1, 9), st.integers(1, 9), st.integers(-20, 20), st.integers(-20, 20))
def test_nested_floors_over_numbers_become_one(first, second, shift, inner):
    nested = ((H + inner) // first + shift) // second
    assert nested == (H + inner + first * shift) // (first * second)


@given(expressions(leaves=5), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_quotient_and_remainder_make_the_size_again(text, divisor):
    size = as_size(text)
    assert size // divisor * divisor + size % divisor == size


def test_two_convolutions_of_stride_two_are_one_reduction_by_four():
    twice = window(window(H, 3, 2, 1), 3, 2, 1)
    assert twice == (H + 3) // 4
    assert twice == window(H, 3, 4, 1)
    assert twice == window(window(H, 1, 2), 1, 2)


def test_a_convolution_with_half_padding_keeps_the_size():
    assert window(H, 3, 1, 1) == H
    assert window(H, 7, 1, 3) == H
    assert window(H, 3) == H - 2


def test_a_transposed_convolution_of_stride_two_undoes_the_halving_of_an_even_size():
    half = window(2 * H, 4, 2, 1)
    assert half == H
    assert (half - 1) * 2 - 2 * 1 + (4 - 1) + 1 == 2 * H


@pytest.mark.parametrize(
    ("size", "same"),
    [
        pytest.param((2 * H) // 4, H // 2, id="common factor"),
        pytest.param((2 * H + 1) // 4, H // 2, id="common factor, constant rounded down"),
        pytest.param((4 * H + 2) // 6, (2 * H + 1) // 3, id="common factor of all"),
        pytest.param(H // 1, H, id="by one"),
        pytest.param(H // -2, -H // 2, id="by a negative number"),
        pytest.param((8 * H + 3) // 8, H, id="constant below the divisor"),
        pytest.param((9 * H) // 8, H + H // 8, id="more than one whole"),
        pytest.param(H // 2 // 2 // 2, H // 8, id="three poolings"),
        pytest.param((H // 2 + 1) // 2, (H + 2) // 4, id="pooling, shifted"),
        pytest.param((2 * (H // 2)) // 4, H // 4, id="nested with common factor"),
        pytest.param(-(-H // 8), (H + 7) // 8, id="rounded up"),
        pytest.param(-(-(H + 1) // 3), (H + 3) // 3, id="rounded up, shifted"),
        pytest.param((C * H * W) // C, H * W, id="channels out"),
        pytest.param((N * T * D) // (N * T), D, id="batch and time out"),
        pytest.param(D * heads // heads, D, id="heads out"),
        pytest.param((H * W + W) // (H + 1), W, id="by a sum"),
        pytest.param((H * H - 1) // (H - 1), H + 1, id="by a difference"),
        pytest.param((H - W) // (W - H), constant(-1), id="by the opposite"),
        pytest.param((C * H + T) // C, H + T // C, id="what divides goes before the floor"),
        pytest.param((N * T) // (N * 2), T // 2, id="common name"),
        pytest.param(D // heads // 2, D // (2 * heads), id="half a head"),
        pytest.param(N * (D // heads) * heads // (D // heads), N * heads, id="by a floor"),
        pytest.param((6 * H) % 3, constant(0), id="no remainder"),
        pytest.param((H + 8) % 8, H % 8, id="remainder, shifted"),
        pytest.param(7 // H, 7 // H + 0, id="number by name"),
        pytest.param(100 % H, 100 - H * (100 // H), id="remainder by name"),
        pytest.param(0 // H, constant(0), id="nothing divided"),
        pytest.param((H + 1) ** 2, H * H + 2 * H + 1, id="binomial"),
        pytest.param(H**0, constant(1), id="power zero"),
        pytest.param(5 - H, -(H - 5), id="number minus name"),
    ],
)
def test_identities_hold_in_the_normal_form(size, same):
    assert size == same
    assert hash(size) == hash(same)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (H, W),
        (H // 2, (H + 1) // 2),
        (H // 2 * 2, H),
        (H // 3 // 2, H // 5),
        (H * H, 2 * H),
        (D // heads * heads, D),
        (minimum(H, W), maximum(H, W)),
    ],
)
def test_sizes_that_differ_somewhere_are_not_equal(first, second):
    assert first != second


def test_a_polynomial_divisor_that_may_be_negative_does_not_round_a_constant_away():
    size = (2 * H + 1) // (2 * W - 10)
    assert size.evaluate({"H": 3, "W": 1}) == 7 // -8
    assert size.evaluate({"H": 4, "W": 1}) == 9 // -8


def test_minimum_and_maximum_drop_what_can_never_be_chosen():
    assert minimum(H, H + 3) == H
    assert maximum(H, H + 3) == H + 3
    assert minimum(4, 7) == 4
    assert maximum(minimum(H, W), minimum(W, H)) == minimum(H, W)
    assert minimum(minimum(H, W), H - 1) == minimum(W, H - 1)


def test_minimum_and_maximum_do_not_depend_on_the_order():
    assert minimum(H, minimum(W, C)) == minimum(minimum(C, H), W)
    assert maximum(H, maximum(W, C)) == maximum(maximum(C, H), W)


def test_a_size_without_names_is_equal_to_its_integer_also_as_a_key():
    assert (H + 3 - H).value == 3
    assert {constant(3): "three"}[dim(3)] == "three"
    assert hash(constant(3)) == hash(3)
    assert constant(3) == 3
    assert constant(3) != 4
    assert H != 3
    assert H != "H"
    assert H.value is None
    assert constant(0).value == 0


def test_names_are_found_within_floors_and_choices():
    size = minimum(H // (W + 1), 2 * C) + N
    assert size.names == {"H", "W", "C", "N"}
    assert constant(4).names == frozenset()
    assert (H - H).names == frozenset()


def test_the_constant_term_is_zero_where_none_is_written():
    assert (H - 4).constant == -4
    assert H.constant == 0
    assert constant(7).constant == 7
    assert constant(0).constant == 0


def test_common_factors_are_those_of_every_term():
    assert dict(common([C * H + C * W, C * C])) == dict((C).terms[0][0])
    assert common([C * H, W]) == ()


def test_substitution_leaves_other_names():
    assert (H // 2 + W).substitute({"H": 4 * C}) == 2 * C + W
    assert minimum(H, W).substitute({"W": H}) == H
    assert H.substitute({"W": 3}) is H


def test_evaluation_without_a_value_names_the_name():
    with pytest.raises(KeyError, match="W"):
        (H + W).evaluate({"H": 1})


def test_evaluation_rounds_down_below_zero_as_python_does():
    assert ((H - 10) // 4).evaluate({"H": 1}) == -9 // 4
    assert (H % 7).evaluate({"H": 20}) == 6


@pytest.mark.parametrize("division", [lambda: H // 0, lambda: H % 0, lambda: 3 // (H - H)])
def test_a_constant_zero_divides_nothing(division):
    with pytest.raises(ZeroDivisionError):
        division()


def test_a_symbolic_divisor_that_becomes_zero_is_noticed_on_substitution():
    with pytest.raises(ZeroDivisionError):
        (C // (H - 3)).substitute({"H": 3})


@pytest.mark.parametrize(
    "huge",
    [
        lambda: constant(2**63),
        lambda: constant(-(2**63)),
        lambda: constant(2**62) + 2**62,
        lambda: constant(2**40) * 2**23,
        lambda: 2**62 * H * 2,
        lambda: constant(10) ** (10**10),
        lambda: constant(3) ** 40,
        lambda: H ** (10**10),
        lambda: H**40 * H**40,
    ],
)
def test_numbers_that_no_tensor_can_have_are_refused(huge):
    with pytest.raises(OverflowError):
        huge()


def test_the_largest_size_is_still_one():
    assert constant(2**63 - 1).value == 2**63 - 1
    assert (constant(2) ** 62).value == 2**62
    assert (H**62).evaluate({"H": 2}) == 2**62
    assert (constant(-1) ** 10**10).value == 1


def test_a_negative_power_is_no_size():
    with pytest.raises(ValueError, match="negative"):
        H**-1


def test_more_than_a_thousand_terms_are_refused():
    many = sum((name(f"a{index}") for index in range(40)), start=constant(0))
    with pytest.raises(OverflowError, match="terms"):
        many * many * many


def test_terms_within_floors_count_so_that_doubling_soon_ends():
    size = H
    with pytest.raises(OverflowError, match="terms"):
        for prime in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41):
            size = (2 * size + size * size) // prime
    assert H // 3 * W // 5 != H


def test_deeply_nested_floors_are_refused():
    size = H
    with pytest.raises(OverflowError, match="nested"):
        for _ in range(60):
            size = (2 * size) // 3


def test_a_foreign_operand_is_a_type_error():
    for wrong in (1.5, "W", None):
        with pytest.raises(TypeError):
            H + wrong
        with pytest.raises(TypeError):
            H * wrong


def test_the_batch_comes_first_and_then_names_by_alphabet():
    assert [atom.label for atom in (W * N * C * H).atoms] == ["N", "C", "H", "W"]


def test_importing_all_that_reasons_about_sizes_leaves_out_torch_and_symbolic_packages():
    code = (
        "import sys; import dlc.compiler.dims.solve, dlc.compiler.dims.text, "
        "dlc.compiler.dims.factors; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "numpy", "sympy", "typing_extensions", "fractions", "decimal", "lark"}
    assert "dlc.compiler.dims.solve" in done.stdout
    assert heavy.isdisjoint(done.stdout.split())


def test_the_names_of_the_oracle_are_those_of_the_sizes():
    assert as_size("C * H + N - heads").names == set(NAMES)
