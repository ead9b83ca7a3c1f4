"""Numbers as products: the product is the number, and the parts are those of a network."""

from math import prod

import pytest
from dlc.compiler.dims.factors import factors
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(-100, 10**7), st.lists(st.integers(0, 600), max_size=3))
def test_the_product_of_the_factors_is_the_number(number, known):
    assert prod(map(int, factors(number, known).split("*"))) == number


@given(st.integers(2, 512), st.integers(2, 10**5))
def test_a_known_factor_that_divides_comes_first(known, other):
    assert factors(known * other, (known,)).startswith(f"{known}*")


@given(st.integers(2, 10**4))
def test_a_square_is_written_with_its_sides(side):
    assert factors(side * side) == f"{side}*{side}"


@pytest.mark.parametrize(
    ("number", "known", "written"),
    [
        (1568, (), "32*7*7"),
        (5408, (), "32*13*13"),
        (784, (), "28*28"),
        (9216, (64,), "64*12*12"),
        (25088, (512,), "512*7*7"),
        (150528, (), "3*224*224"),
        (1568, (32,), "32*7*7"),
        (1568, (5,), "32*7*7"),
        (12 * 64 * 49, (12, 64), "12*64*7*7"),
        (64, (64,), "64"),
        (512, (), "512"),
        (97, (), "97"),
        (10, (), "2*5"),
        (91, (), "7*13"),
        (1, (), "1"),
        (0, (32,), "0"),
        (-8, (2,), "-8"),
        (4, (1,), "2*2"),
    ],
)
def test_a_number_is_written_as_a_person_would(number, known, written):
    assert factors(number, known) == written


def test_a_huge_prime_is_not_searched_for():
    prime = 2**61 - 1
    assert factors(prime) == str(prime)
    assert factors(4 * prime) == f"4*{prime}"
