"""Elementwise functions of one, two and three: what results mean, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from agreement import DTYPES
from applied import applied, operations, refused, typed
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.binary import BINARY
from dlc.compiler.layers.elementwise import ELEMENTWISE
from dlc.compiler.layers.ternary import TERNARY

N, D, H = name("N"), name("D"), name("H")
X = typed("f32", N, 10)
IMAGE = typed("f32", N, 3, H, H, spatial=2)
TOKENS = typed("i64", N, 20, tokens=1000)
COMPUTED = [record for record in ELEMENTWISE if record.of_number is not None]


def probabilities(meaning: str = "probabilities") -> Any:
    return typed("f32", N, 10, meaning=meaning)


def test_logarithms_and_exponentials_of_probabilities_undo_each_other() -> None:
    logs = applied("log", probabilities())
    assert logs.meaning == "log_probabilities"
    assert applied("exp", logs).meaning == "probabilities"
    assert applied("logit", probabilities()).meaning == ""


@pytest.mark.parametrize("record", ELEMENTWISE, ids=lambda record: record.name)
def test_nothing_else_keeps_what_numbers_mean(record: Any) -> None:
    given = {"dtype": "f64"} if record.name == "to" else {}
    kept = {"log": "log_probabilities", "to": "probabilities", "nan_to_num": "probabilities"}
    if record.name == "bitwise_not":
        return
    found = applied(record.name, probabilities(), **given)
    assert found.meaning == kept.get(record.name, "")
    assert applied(record.name, probabilities("activations"), **given).meaning in (
        "",
        "activations",
    )


@pytest.mark.parametrize("record", ELEMENTWISE, ids=lambda record: record.name)
def test_a_feature_map_stays_one_element_by_element(record: Any) -> None:
    given = {"dtype": "bool"} if record.name == "to" else {}
    image = typed("i32", 2, 3, spatial=2) if record.name == "bitwise_not" else IMAGE
    found = applied(record.name, image, **given)
    assert found.shape == image.shape
    assert found.spatial == 2


@pytest.mark.parametrize("layer", ["exp", "log", "sin", "sqrt", "reciprocal", "logit", "lgamma"])
def test_indices_have_no_exponentials(layer: str) -> None:
    why = refused(layer, TOKENS)
    assert why.why == f"{layer} computes with numbers, and token(1000)[N, 20] are indices"
    assert "Embedding" in why.write


def test_a_conversion_keeps_bounds_of_whole_numbers_and_meanings_of_floats() -> None:
    assert applied("to", TOKENS, dtype="i32") == typed("i32", N, 20, tokens=1000)
    assert applied("to", TOKENS, dtype="f32") == typed("f32", N, 20)
    assert applied("to", TOKENS, dtype="u8") == typed("u8", N, 20)
    assert applied("to", probabilities(), dtype="f16").meaning == "probabilities"


@pytest.mark.parametrize(
    ("layer", "x", "write"),
    [
        ("neg", typed("bool", 2), "logical_not"),
        ("abs", typed("bool", 2), "`-> to(f32)` before it"),
        ("frac", typed("i64", 2), "declare what comes in as f32[2]"),
        ("frac", typed("bool", 2), "declare what comes in as f32[2]"),
        ("bitwise_not", typed("f32", 2), "a comparison before it: `x > 0`"),
    ],
)
def test_a_dtype_without_a_result_is_refused_with_a_way_out(layer: str, x: Any, write: str) -> None:
    why = refused(layer, x)
    assert why.code == "D0202"
    assert why.write == write
    with pytest.raises(RuntimeError):
        getattr(torch, layer)(torch.ones(2).to(DTYPES[x.dtype]))


@pytest.mark.parametrize("record", COMPUTED, ids=lambda record: record.name)
@pytest.mark.parametrize("number", [0.25, 1, 2.5, 9])
def test_of_a_plain_number_a_function_is_what_torch_computes(record: Any, number: float) -> None:
    assert record.of_number is not None
    theirs = getattr(torch, record.name)(torch.tensor(number, dtype=torch.float64))
    assert record.of_number(number) == pytest.approx(float(theirs))


def test_these_functions_compute_with_plain_numbers() -> None:
    names = {record.name for record in COMPUTED}
    assert names == {"exp", "log", "sqrt", "sin", "cos", "abs", "floor", "ceil"}


@pytest.mark.parametrize("record", BINARY, ids=lambda record: record.name)
def test_two_shapes_meet_as_they_do_around_an_operator(record: Any) -> None:
    column, row = typed("f32", N, 1), typed("f32", N)
    if record.name.startswith("bitwise"):
        column, row = typed("i64", N, 1), typed("i64", N)
    two = len(record.inputs) == 2
    key = "" if two else record.parameters[0].name
    why = refused(record.name, column, row) if two else refused(record.name, column, **{key: row})
    assert why.why.startswith("both sides would grow")
    assert why.write == "give both the same shape: `reshape(N, 1)`"
    wide = typed(column.dtype, N, 10)
    found = (
        applied(record.name, column, wide) if two else applied(record.name, column, **{key: wide})
    )
    assert found.shape == wide.shape


@pytest.mark.parametrize("layer", ["maximum", "minimum", "fmax", "fmin"])
def test_the_larger_of_two_probabilities_is_one(layer: str) -> None:
    assert applied(layer, probabilities(), probabilities()).meaning == "probabilities"
    assert applied(layer, probabilities(), X).meaning == ""


@pytest.mark.parametrize("layer", ["add", "mul", "pow"])
def test_arithmetic_forgets_what_numbers_mean(layer: str) -> None:
    key = LAYERS[layer].parameters[0].name
    assert applied(layer, probabilities(), **{key: probabilities()}).meaning == ""
    assert applied(layer, TOKENS, **{key: 2}) == typed("i64", N, 20)
    assert applied(layer, IMAGE, **{key: 0.5}) == IMAGE


def test_a_comparison_takes_a_number_or_a_size() -> None:
    assert applied("eq", TOKENS, other=0) == typed("bool", N, 20)
    assert applied("lt", X, other=D) == typed("bool", N, 10)
    kind = LAYERS["eq"].parameters[0].kind
    assert fits(kind, X)
    assert fits(kind, dim(3))
    assert not fits(kind, "3")
    assert not fits(kind, True)


@pytest.mark.parametrize("layer", ["floor_divide", "fmod", "remainder"])
@pytest.mark.parametrize("zero", [0, dim(0)])
def test_whole_numbers_are_not_divided_by_0_which_torch_finds_only_when_it_runs(
    layer: str, zero: Any
) -> None:
    assert "divided by 0" in refused(layer, typed("i64", N), other=zero).why
    with pytest.raises(RuntimeError):
        getattr(torch, layer)(torch.ones(2, dtype=torch.int64), 0)
    assert applied(layer, typed("f32", N), other=zero) == typed("f32", N)
    assert applied(layer, typed("i64", N), other=N) == typed("i64", N)


def test_a_number_that_wraps_around_to_0_divides_nothing_either() -> None:
    assert "divided by 0" in refused("remainder", typed("u8", 2), other=256).why
    with pytest.raises(RuntimeError):
        torch.remainder(torch.ones(2, dtype=torch.uint8), 256)


def test_negative_powers_of_whole_numbers_ask_for_floats() -> None:
    why = refused("pow", typed("i64", N), exponent=-1)
    assert why.why == "i64 to the power of -1 would be fractions"
    assert applied("pow", typed("i64", N), exponent=-1.0) == typed("f32", N)


def test_truths_are_not_subtracted() -> None:
    mask = typed("bool", N)
    assert "logical_xor" in refused("sub", mask, other=mask).write
    assert applied("add", mask, other=mask) == mask


def test_close_values_are_of_one_dtype() -> None:
    why = refused("isclose", typed("f32", N), typed("f64", N))
    assert why.why == "one is f32, the other f64"


def test_bounds_are_two_numbers_or_two_tensors() -> None:
    low, high = typed("f32", 10), typed("f32", N, 10)
    assert applied("clamp", X, min=low, max=high) == X
    assert refused("clamp", X, min=low, max=1.0).write == "two of a kind"
    assert "needs a bound" in refused("clamp", X).why
    assert refused("clip", X, min=2, max=1).write == "clamp(1, 2)"
    assert applied("clamp", X, max=D) == X


def test_probabilities_within_bounds_are_still_ones_and_indices_lose_their_range() -> None:
    assert applied("clamp", probabilities(), min=1e-7, max=1.0).meaning == "probabilities"
    assert applied("clamp_min", probabilities(), min=1e-7).meaning == "probabilities"
    assert applied("clamp_max", TOKENS, max=9) == typed("i64", N, 20)
    assert applied("clamp", TOKENS, min=0.5) == typed("f32", N, 20)


def test_a_bound_that_a_dtype_cannot_hold_is_refused() -> None:
    assert (
        refused("clamp", typed("u8", N), max=300).why == "u8 cannot hold 300, which clamp makes it"
    )
    assert applied("clamp", typed("i32", N), max=300) == typed("i32", N)


@pytest.mark.parametrize("record", TERNARY, ids=lambda record: record.name)
def test_three_shapes_meet_where_one_is_the_common_one(record: Any) -> None:
    if len(record.inputs) == 3:
        small = typed("f32", N, 1), typed("f32", 10)
        assert applied(record.name, X, *small) == X
        assert "all operands would grow" in refused(record.name, *small, typed("f32", 1, 10)).why
    elif record.name == "lerp":
        assert applied("lerp", X, typed("f32", 10), weight=typed("f32", N, 1)) == X
    else:
        bound = record.parameters[-1].name
        assert applied(record.name, X, **{bound: typed("f32", 10)}) == X
        grown = refused(record.name, typed("f32", N, 1), **{bound: typed("f32", N)})
        assert "both sides would grow" in grown.why


def test_a_scalar_share_may_widen_what_it_is_taken_of() -> None:
    half = typed("f16", N)
    ones = torch.ones(2, dtype=torch.int64)
    assert applied("lerp", half, half, weight=typed("f64")) == half
    whole = typed("i64", N)
    assert applied("lerp", whole, whole, weight=typed("f32")) == typed("f32", N)
    assert torch.lerp(ones, ones, torch.tensor(0.5)).dtype == torch.float32
    assert "there are none" in refused("lerp", whole, whole, weight=0.5).why


def test_quotients_are_added_as_floats_alone() -> None:
    whole = typed("i64", N)
    assert "divides floats" in refused("addcdiv", whole, whole, whole).why
    assert applied("addcdiv", whole, typed("f32", N), whole) == typed("f32", N)
    assert applied("addcmul", whole, whole, whole) == whole


@pytest.mark.parametrize(
    ("layer", "x", "given", "expected"),
    [
        ("exp", 1, {}, 4 * 12),
        ("sinc", 1, {}, 6 * 12),
        ("neg", 1, {}, 12),
        ("add", 1, {"other": 2}, 12),
        ("pow", 1, {"exponent": 2}, 9 * 12),
        ("maximum", 2, {}, 12),
        ("lerp", 2, {"weight": 0.5}, 3 * 12),
        ("addcmul", 3, {}, 3 * 12),
        ("clamp", 1, {"min": 0.0, "max": 1.0}, 2 * 12),
        ("clamp_min", 1, {"min": 0.0}, 12),
    ],
)
def test_operations_are_those_of_a_count_by_hand(
    layer: str, x: int, given: dict[str, Any], expected: int
) -> None:
    assert operations(layer, *(typed("f32", 3, 4),) * x, **given) == expected
