"""Cells of a table are here what they are to a run: its own functions are the oracle."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from dlc.compiler.data_at_hand import cells
from dlc.runtime import table
from dlc.runtime.fields import Field
from hypothesis import given, settings
from hypothesis import strategies as st

WORDS = st.one_of(
    st.sampled_from(
        "1 1.0 01 -0.0 1e3 1_000 inf -inf nan NaN NA ? a A1 0x1 \u0661 1.5 +3 . - 1e999".split()
    ),
    st.text(max_size=6),
    st.floats().map(repr),
    st.integers().map(str),
)
MARKERS = st.lists(st.sampled_from(["", "NA", "?", "-1", "1"]), max_size=3).map(tuple)
FLOATS = st.floats(allow_subnormal=False)


@given(WORDS)
def test_a_number_is_one_to_a_run(cell: str) -> None:
    ours, theirs = cells.number(cell), table.number(cell)
    assert ours == theirs or (ours is not None and theirs is not None and isnan(ours + theirs))


@given(WORDS)
def test_a_label_is_written_as_a_run_writes_it(cell: str) -> None:
    assert cells.label(cell) == table.label(cell)


@settings(max_examples=300)
@given(st.lists(WORDS, min_size=1, max_size=6), MARKERS)
def test_a_column_has_numbers_holes_and_texts_where_it_has_them_in_a_run(
    column: list[str], missing: tuple[str, ...]
) -> None:
    held = cells.held(column, missing)
    theirs = table.text_column(column, missing)
    found = cells.numbers(held)
    assert (found is None) == (theirs.dtype == object)
    assert (cells.first_text(held) is None) == (found is not None)
    if found is not None:
        np.testing.assert_array_equal(np.array(found), theirs)
    else:
        assert held == theirs.tolist()


@given(st.lists(WORDS, min_size=1, max_size=6), MARKERS)
def test_a_column_of_texts_is_that_of_a_run(column: list[str], missing: tuple[str, ...]) -> None:
    assert cells.held(column, missing) == table.texts(column, missing).tolist()


@pytest.mark.parametrize("operator", ["+", "-", "*", "/"])
@given(left=FLOATS, right=FLOATS)
def test_arithmetic_is_that_of_arrays(operator: str, left: float, right: float) -> None:
    compute = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[operator]
    with np.errstate(all="ignore"):
        wanted = float(compute(np.float64(left), np.float64(right)))
    found = cells.arithmetic(operator, left, right)
    assert found == wanted or (isnan(found) and isnan(wanted))


@pytest.mark.parametrize("left", [0.0, -0.0, 1.0, -1.0, float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("right", [0.0, -0.0])
def test_division_by_either_zero_is_that_of_arrays(left: float, right: float) -> None:
    with np.errstate(all="ignore"):
        wanted = float(np.divide(np.float64(left), np.float64(right)))
    np.testing.assert_equal(cells.arithmetic("/", left, right), wanted)


@given(st.lists(WORDS, min_size=1, max_size=5), st.integers(1, 5))
def test_a_label_in_range_is_one_that_a_field_takes(column: list[str], count: int) -> None:
    from dlc.compiler.data_at_hand.fields import in_range
    from dlc.runtime.errors import DataError

    array = table.text_column(column, ())
    field = Field("first", classes=count)
    field.selection.restore(["first"])
    if array.dtype != object and not np.isfinite(array).all():
        return  # refused as a hole or an infinity before it is a label
    try:
        field.finish("label", array, str)
        taken = True
    except DataError:
        taken = False
    assert taken == all(
        in_range(cell, count) for cell in cells.held(column, ()) if cell is not None
    )


@given(st.lists(st.integers(-50, 50).map(str) | st.sampled_from(["a", "b", "Z", "x1"]), max_size=8))
def test_labels_are_listed_with_numbers_by_their_value_before_names(names: list[str]) -> None:
    found = sorted(names, key=cells.rank)
    numbers = [int(name) for name in found if table.number(name) is not None]
    assert numbers == sorted(numbers)
    assert [table.number(name) is None for name in found] == sorted(
        table.number(name) is None for name in found
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_the_size_of_values_is_the_root_of_their_mean_square(values: list[float]) -> None:
    assert cells.size(values) == pytest.approx(float(np.sqrt(np.mean(np.square(values)))))
    assert cells.size([*values, float("inf"), float("nan")]) == cells.size(values)
    assert cells.size([]) == 0
