"""Operands of several shapes and dtypes: torch's promotion, torch's broadcasting without traps."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from agreement import DTYPES, NAMES
from dlc.compiler.dims import Dim, dim, name
from dlc.compiler.layers.broadcasting import (
    broadcast,
    overflows,
    promoted,
    result_type,
    spatial,
    together,
)
from dlc.compiler.layers.record import Mismatch
from dlc.compiler.tensor import Type
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

N, D, H = name("N"), name("D"), name("H")
# A tensor with axes and a scalar of each dtype.
OPERANDS = [(dtype, shape) for shape in ((2,), ()) for dtype in DTYPES]
NUMBERS = [2, -3, 0.5, True, 10**12, 1e300]


def typed(dtype: str, shape: tuple[int, ...]) -> Type:
    return Type(dtype, tuple(map(dim, shape)))


def ones(dtype: str, shape: tuple[int, ...]) -> Tensor:
    return torch.ones(shape).to(DTYPES[dtype])


def shape(*sizes: Dim | int) -> tuple[Dim, ...]:
    return tuple(map(dim, sizes))


@pytest.mark.parametrize(("left", "right"), [*product(DTYPES, DTYPES)])
def test_two_dtypes_promote_as_in_torch(left: str, right: str) -> None:
    assert promoted((left, right)) == NAMES[torch.promote_types(DTYPES[left], DTYPES[right])]


@pytest.mark.parametrize(("left", "right"), [*product(OPERANDS, OPERANDS)], ids=str)
def test_two_tensors_or_scalars_have_the_dtype_that_torch_gives_them(left: Any, right: Any) -> None:
    theirs = torch.result_type(ones(*left), ones(*right))
    assert result_type(typed(*left), typed(*right)) == NAMES[theirs]


@pytest.mark.parametrize(("operand", "number"), [*product(OPERANDS, NUMBERS)], ids=str)
def test_a_number_comes_last_on_either_side(operand: Any, number: float) -> None:
    theirs = NAMES[torch.result_type(ones(*operand), number)]
    assert result_type(typed(*operand), number) == theirs
    assert result_type(number, typed(*operand)) == theirs


@pytest.mark.parametrize("first", OPERANDS, ids=str)
def test_three_operands_have_the_dtype_that_torch_computes(first: Any) -> None:
    for second, third in product(OPERANDS, OPERANDS):
        ours = result_type(typed(*first), typed(*second), typed(*third))
        if ours == "bool":
            assert {first[0], second[0], third[0]} == {"bool"}
            continue
        theirs = torch.addcmul(ones(*first), ones(*second), ones(*third))
        assert ours == NAMES[theirs.dtype], (first, second, third)


def test_a_size_counts_as_a_whole_number_and_what_is_unknown_as_a_float() -> None:
    assert result_type(typed("u8", (2,)), N) == "u8"
    assert result_type(typed("bool", (2,)), N) == "i64"
    assert result_type(typed("i32", (2,)), object()) == "f32"
    assert result_type(typed("f16", (2,)), object()) == "f16"


@pytest.mark.parametrize("dtype", [each for each in DTYPES if each != "bool"])
@pytest.mark.parametrize(
    "number", [0, 255, 256, -255, -256, 2**31, -(2**31) - 1, 2**63 - 1, 65504, 65505]
)
def test_a_number_overflows_a_dtype_where_torch_says_so(dtype: str, number: int) -> None:
    stated = float(number) if DTYPES[dtype].is_floating_point else number
    try:
        torch.ones(2, dtype=DTYPES[dtype]).clamp(max=stated)
    except RuntimeError as error:
        assert "without overflow" in str(error)
        assert overflows(dtype, stated)
        return
    assert not overflows(dtype, stated)


@pytest.mark.parametrize("dtype", ["f16", "bf16", "f32", "f64"])
@pytest.mark.parametrize("number", [65519.0, 65521.0, 3.4e38, 3.39e38, -3.41e38, 1e300, 1e39])
def test_a_float_overflows_where_torch_says_so_and_infinity_never_does(
    dtype: str, number: float
) -> None:
    try:
        torch.ones(2, dtype=DTYPES[dtype]).clamp(max=number)
        refused = False
    except RuntimeError:
        refused = True
    assert overflows(dtype, number) is refused
    assert not overflows(dtype, float("inf"))
    torch.ones(2, dtype=DTYPES[dtype]).clamp(max=float("inf"))


@pytest.mark.parametrize("dtype", ["u8", "i32", "i64"])
@pytest.mark.parametrize("number", [-0.5, -1.5, 0.5, 255.0, 300.0, -3e9, 1e30, float("inf")])
def test_a_float_that_scales_whole_numbers_overflows_where_torch_says_so(
    dtype: str, number: float
) -> None:
    x = torch.ones(2, dtype=DTYPES[dtype])
    try:
        torch.addcmul(x, x, x, value=number)
        refused = False
    except RuntimeError:
        refused = True
    assert overflows(dtype, number) is refused


def test_what_is_not_known_now_overflows_nothing() -> None:
    assert not overflows("u8", N)
    assert overflows("u8", dim(256))
    assert not overflows("u8", typed("i64", ()))


axes = st.sampled_from([1, 1, 2, 3])
shapes = st.lists(axes, max_size=4).map(tuple)


@settings(max_examples=500, deadline=None)
@given(st.lists(shapes, min_size=1, max_size=3))
def test_known_shapes_broadcast_as_in_torch_or_are_refused_for_growth(
    several: list[tuple[int, ...]],
) -> None:
    ours = broadcast([shape(*each) for each in several])
    try:
        theirs = tuple(torch.broadcast_shapes(*several))
    except RuntimeError:
        assert isinstance(ours, str)
        assert "are different sizes" in ours
        return
    if theirs in several:
        assert not isinstance(ours, str)
        assert tuple(size.value for size in ours) == theirs
    else:
        assert isinstance(ours, str)
        assert "would grow" in ours


@settings(max_examples=300, deadline=None)
@given(st.lists(shapes, min_size=2, max_size=3), st.sets(st.sampled_from([2, 3])))
def test_names_in_the_place_of_sizes_broadcast_as_the_sizes_do(
    several: list[tuple[int, ...]], opened: set[int]
) -> None:
    names = {size: name(f"S{size}") for size in opened}
    ours = broadcast([shape(*(names.get(size, size) for size in each)) for each in several])
    plain = broadcast([shape(*each) for each in several])
    if isinstance(plain, str) or isinstance(ours, str):
        assert isinstance(plain, str)
        assert isinstance(ours, str)
        assert ours.partition("axis")[0] == plain.partition("axis")[0]
        return
    values = {f"S{size}": size for size in opened}
    assert [size.evaluate(values) for size in ours] == [size.value for size in plain]


def test_two_names_never_meet_and_a_name_meets_no_number_but_1() -> None:
    for other, shown in ((H, "H"), (dim(3), "3")):
        found = broadcast([shape(N, D), shape(N, other)])
        assert isinstance(found, str)
        assert found.partition("|")[0] == f"axis 1: D and {shown} are different sizes"
    assert broadcast([shape(N, D), shape(N, 1)]) == shape(N, D)
    assert broadcast([shape(D), shape(N, D)]) == shape(N, D)


def test_a_column_and_a_row_of_the_batch_never_meet() -> None:
    found = broadcast([shape(N, 1), shape(N)])
    assert isinstance(found, str)
    assert found.startswith("both sides would grow")


def test_an_axis_that_is_written_may_grow() -> None:
    row, column = shape(1, D), shape(N, 1)
    assert isinstance(broadcast([row, column]), str)
    assert broadcast([row, column], [frozenset({2}), frozenset()]) == shape(N, D)
    assert broadcast([row, column], [frozenset(), frozenset({1})]) == shape(N, D)
    # Another axis than the one that grows.
    assert isinstance(broadcast([row, column], [frozenset({1}), frozenset({2})]), str)
    # A missing axis is written nowhere.
    assert isinstance(broadcast([shape(D), column], [frozenset({2}), frozenset()]), str)


def test_of_three_one_has_the_common_shape() -> None:
    assert broadcast([shape(N, 1), shape(D), shape(N, D)]) == shape(N, D)
    found = broadcast([shape(N, 1), shape(D), shape(1, D)])
    assert isinstance(found, str)
    assert found.startswith("all operands would grow")


def test_equal_polynomials_meet() -> None:
    assert broadcast([shape(N * 2, 4), shape(N + N, 4)]) == shape(N * 2, 4)


def test_a_mismatch_teaches_what_to_write() -> None:
    found = together(Type("f32", shape(N, 1)), Type("f32", shape(N)))
    assert isinstance(found, Mismatch)
    assert "each value would meet all others" in found.why
    assert found.write == "give both the same shape: `reshape(N, 1)`"


def test_numbers_have_no_shape_and_a_feature_map_stays_one() -> None:
    image = Type("f32", shape(N, 3, 4, 4), spatial=2)
    assert together(image, 0.5, N) == image.shape
    assert spatial(0.5, image, Type("f32", ())) == 2
    assert spatial(Type("f32", ()), 1) == 0
