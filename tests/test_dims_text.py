"""Sizes as text: valid Python of the same value, and as a person writes it."""

import pytest
from dlc.compiler.dims import constant, maximum, minimum, name
from dlc.compiler.dims.text import text
from hypothesis import given, settings
from sizes import NAMES, as_number, as_size, bindings, expressions

C, D, H, N, T, W, heads = map(name, ("C", "D", "H", "N", "T", "W", "heads"))


@given(expressions(), bindings())
@settings(max_examples=400, deadline=None)
def test_the_text_is_python_of_the_same_value(source, values):
    expected = as_number(source, values)
    assert as_number(text(as_size(source)), values) == expected


@given(expressions())
@settings(max_examples=200, deadline=None)
def test_the_text_in_the_arithmetic_of_sizes_is_the_same_size(source):
    size = as_size(source)
    assert as_size(text(size)) == size


@given(expressions(symbolic=False), bindings())
@settings(max_examples=100, deadline=None)
def test_as_code_a_size_is_the_same(source, values):
    size = as_size(source)
    code = text(size, times=" * ")
    assert "**" in code or code.replace(" * ", "*") == text(size)
    assert as_number(code, values) == size.evaluate(values)


def test_code_has_powers_where_a_shape_has_factors():
    assert text(H * H) == "H*H"
    assert text(H * H, times=" * ") == "H**2"
    assert text(2 * (H // 3) * (H // 3), times=" * ") == "2 * (H // 3) ** 2"
    assert text(H * H * W, times=" * ") == "H**2 * W"


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (H, "H"),
        (constant(0), "0"),
        (constant(28), "28"),
        (constant(-3), "-3"),
        (-H, "-H"),
        ((H + 1) // 2, "(H + 1) // 2"),
        (2 * H - 1, "2*H - 1"),
        (1 - H, "1 - H"),
        (-H - 1, "-H - 1"),
        (C * H * W, "C*H*W"),
        (H // 8, "H // 8"),
        (12 * N, "N*12"),
        (N * 12 * T, "N*12*T"),
        (3 * N * H - N, "N*3*H - N"),
        (H // 8 * 8, "8*(H // 8)"),
        (W - H // 8, "W - H // 8"),
        (W - 2 * (H // 8), "W - 2*(H // 8)"),
        (-(H // 2), "-(H // 2)"),
        (H**2 - 2 * H + 1, "H*H - 2*H + 1"),
        ((H // 2) ** 2 * 32, "32*(H // 2)*(H // 2)"),
        (C * H // 7, "C*H // 7"),
        (2 * H // 3, "2*H // 3"),
        (N * (D // heads), "N*(D // heads)"),
        (D // (2 * heads), "D // (2*heads)"),
        (D // (heads + 1), "D // (heads + 1)"),
        (C // (H // 2), "C // (H // 2)"),
        ((2 * (H // 3)) // 5, "2*(H // 3) // 5"),
        (-(H // 2) // D, "-(H // 2) // D"),
        (minimum(H, W + 1), "min(H, W + 1)"),
        (2 * maximum(H // 2, 3), "2*max(H // 2, 3)"),
        (T // minimum(H, W), "T // min(H, W)"),
    ],
)
def test_a_size_is_written_as_a_person_would(size, written):
    assert text(size) == written
    assert str(size) == written
    assert repr(size) == f"Dim({written})"


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (H % 8, "H % 8"),
        ((H + 9) % 8, "(H + 1) % 8"),
        (3 * (H % 8), "3*(H % 8)"),
        (W - 5 + H % 8, "W + H % 8 - 5"),
        (D % heads, "D % heads"),
        (N * T % (2 * heads), "N*T % (2*heads)"),
        ((2 * H) % 4, "2*(H % 2)"),
        (H % 8 + W % 4, "H % 8 + W % 4"),
        (H % 8 // C, "H % 8 // C"),
        (H - 4 * (H // 8), "H - 4*(H // 8)"),
    ],
)
def test_remainders_are_found_again(size, written):
    assert text(size) == written


@pytest.mark.parametrize(
    ("size", "written"),
    [
        ((H - 3) // 2 + 1, "(H - 1) // 2"),
        ((H - 5) // 2 + 1, "(H - 3) // 2"),
        ((H + 2 - 7) // 3 + 1, "(H - 2) // 3"),
        ((H + 1) // 2 + 4, "(H + 1) // 2 + 4"),
        (H // 2 - 1, "H // 2 - 1"),
    ],
)
def test_what_a_window_takes_away_stays_within_the_floor(size, written):
    assert text(size) == written


def test_the_text_does_not_depend_on_the_way_to_the_size():
    ways = [H * W + C - 1, C + W * H - 1, -1 + C + H * W, W * (H + 1) + C - W - 1]
    assert {text(size) for size in ways} == {"H*W + C - 1"}


def test_the_names_in_the_text_are_those_of_the_size():
    size = N * T + C // heads - H % 3
    found = {label for label in (*NAMES, "T", "W") if label in text(size)}
    assert found == set(size.names)
