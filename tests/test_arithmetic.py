"""Compile-time arithmetic: Python's on values, symbolic on sizes, refused where it has no value."""

import math

import pytest
from dlc.compiler.arithmetic import LARGEST, ArithmeticFault, apply
from dlc.compiler.dims import Dim, name
from hypothesis import given
from hypothesis import strategies as st

H = name("H")
PYTHON = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
small = st.integers(-1000, 1000)


@given(st.sampled_from(sorted(PYTHON)), small, small.filter(bool))
def test_numbers_compute_as_in_python(operator: str, left: int, right: int) -> None:
    assert apply(operator, left, right) == PYTHON[operator](left, right)


@given(st.sampled_from(["+", "-", "*", "//", "%"]), st.integers(1, 50), st.integers(1, 50))
def test_sizes_compute_as_their_values_do(operator: str, number: int, size: int) -> None:
    value = apply(operator, H, number)
    found = value.evaluate({"H": size}) if isinstance(value, Dim) else value
    assert found == PYTHON[operator](size, number)


def test_a_size_that_turns_out_constant_is_a_number() -> None:
    assert apply("-", H + 3, H) == 3
    assert isinstance(apply("-", H + 3, H), int)


@pytest.mark.parametrize("operator", ["/", "//", "%"])
def test_dividing_by_zero_is_a_fault(operator: str) -> None:
    with pytest.raises(ArithmeticFault, match="divides by zero"):
        apply(operator, 1, 0)


@pytest.mark.parametrize(
    ("operator", "left", "right"),
    [("**", 10, 10**10), ("**", 2, 64), ("*", LARGEST, 2), ("**", 10.0, 400), ("*", 1e308, 10.0)],
)
def test_what_outgrows_its_kind_is_a_fault_and_takes_no_time(
    operator: str, left: object, right: object
) -> None:
    with pytest.raises(ArithmeticFault, match="too large"):
        apply(operator, left, right)


def test_powers_below_the_limit_are_exact() -> None:
    assert apply("**", 2, 62) == 2**62
    assert apply("**", -3, 5) == -243
    assert apply("**", 2, -1) == 0.5
    assert apply("**", H, 2) == H * H


def test_lists_and_strings_join_and_repeat_within_bounds() -> None:
    assert apply("+", (1, 2), (3,)) == (1, 2, 3)
    assert apply("+", "a", "b") == "ab"
    assert apply("*", (0,), 3) == (0, 0, 0)
    with pytest.raises(ArithmeticFault, match="too long"):
        apply("*", (0,), 10**9)


@pytest.mark.parametrize(
    ("operator", "left", "right"),
    [("+", "a", 1), ("-", (1,), 1), ("+", True, 1), ("*", H, 0.5), ("<", "a", 1), ("@", 1, 2)],
)
def test_what_has_no_meaning_is_a_fault_that_names_the_operator(
    operator: str, left: object, right: object
) -> None:
    with pytest.raises(ArithmeticFault, match="no meaning for"):
        apply(operator, left, right)


def test_signs_and_not_take_one_operand() -> None:
    assert apply("-", 3) == -3
    assert apply("+", 2.5) == 2.5
    assert apply("-", H) == -H
    assert apply("not", False) is True
    with pytest.raises(ArithmeticFault):
        apply("-", "a")


def test_membership_and_logic_are_pythons() -> None:
    assert apply("in", 2, (1, 2)) is True
    assert apply("not in", 2, (1, 2)) is False
    assert apply("and", 1, 0) == 0
    assert apply("or", 0, 3) == 3


def test_comparing_sizes_is_decided_or_a_fault() -> None:
    assert apply(">=", H, 1) is True
    assert apply("==", H, H + 1) is False
    with pytest.raises(ArithmeticFault, match="is open until data come"):
        apply("==", H, 8)


def test_a_root_of_a_negative_number_is_a_fault() -> None:
    with pytest.raises(ArithmeticFault, match="no real value"):
        apply("**", -1.0, 0.5)
    assert apply("**", 2.0, 0.5) == math.sqrt(2)
