"""Operators on tensors: shapes and dtypes as torch has them, without its traps."""

import itertools
from typing import Any

import pytest
import torch
from dlc.compiler import ir
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.dims import dim, name
from dlc.compiler.shapes.evaluation import Evaluation
from dlc.compiler.source import Source, Span
from dlc.compiler.tensor import DTYPES, FLOATS, UNKNOWN, Type
from hypothesis import given, settings
from hypothesis import strategies as st

SPAN = Span(Source("test", "x"), 0, 1)
TORCH = {
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "f32": torch.float32,
    "f64": torch.float64,
    "u8": torch.uint8,
    "i32": torch.int32,
    "i64": torch.int64,
    "bool": torch.bool,
}
OPERATORS: dict[str, Any] = {
    "+": torch.add,
    "*": torch.mul,
    "/": torch.true_divide,
    "<": torch.lt,
    "==": torch.eq,
}
N, H, W = name("N"), name("H"), name("W")


def result(operator: str, *operands: Any) -> tuple[Any, list[Diagnostic]]:
    """The type that an operator gives, or UNKNOWN, and what was reported."""
    found: list[Diagnostic] = []
    here = Evaluation(found.append, {})
    values = [
        ir.Value(operand, SPAN) if isinstance(operand, Type) else operand for operand in operands
    ]
    value = here.operation(SPAN, operator, values)
    return (value.type if isinstance(value, ir.Value) else value), found


def tensor(dtype: str, *shape: Any) -> Type:
    return Type(dtype, tuple(map(dim, shape)))


@pytest.mark.parametrize("operator", sorted(OPERATORS))
@pytest.mark.parametrize(("left", "right"), list(itertools.product(DTYPES, DTYPES)))
def test_dtypes_promote_as_in_torch(operator: str, left: str, right: str) -> None:
    if operator in "+*" and "bool" in (left, right) and left == right:
        pytest.skip("torch adds bools as logic; here they count")
    given_type, found = result(operator, tensor(left, 2), tensor(right, 2))
    a = torch.ones(2, dtype=TORCH[left])
    b = torch.ones(2, dtype=TORCH[right])
    assert not found
    assert TORCH[given_type.dtype] == OPERATORS[operator](a, b).dtype


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", [2, 0.5])
def test_numbers_lift_integers_only_where_they_are_floats(dtype: str, number: float) -> None:
    given_type, _ = result("*", tensor(dtype, 2), number)
    assert TORCH[given_type.dtype] == (torch.ones(2, dtype=TORCH[dtype]) * number).dtype


shapes = st.lists(st.sampled_from([1, 2, 3]), max_size=3)


@settings(max_examples=300, deadline=None)
@given(shapes, shapes)
def test_shapes_broadcast_as_in_torch_or_are_refused(left: list[int], right: list[int]) -> None:
    given_type, found = result("+", tensor("f32", *left), tensor("f32", *right))
    try:
        expected = torch.broadcast_shapes(left, right)
    except RuntimeError:
        assert given_type is UNKNOWN
        assert [diagnostic.code for diagnostic in found] == ["D0208"]
        return
    if given_type is UNKNOWN:
        # Refused although torch takes it: both sides grow.
        assert expected not in (tuple(left), tuple(right))
    else:
        assert tuple(size.value for size in given_type.shape) == expected


def test_a_column_and_a_row_of_the_batch_do_not_meet() -> None:
    given_type, found = result("-", tensor("f32", N, 1), tensor("f32", N))
    assert given_type is UNKNOWN
    assert "both sides would grow" in found[0].label


def test_two_names_of_sizes_do_not_meet() -> None:
    given_type, found = result("+", tensor("f32", N, H), tensor("f32", N, W))
    assert given_type is UNKNOWN
    assert "different sizes" in found[0].label


def test_equal_polynomials_are_equal_sizes() -> None:
    left = tensor("f32", N, (H + 1) // 2 * 2)
    right = tensor("f32", N, ((H + 1) // 2) * 2)
    assert result("+", left, right)[0] == tensor("f32", N, (H + 1) // 2 * 2)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((1, 2, 3), (5, 3, 1)),
        ((2, 3), (3,)),
    ],
)
def test_matrix_products_have_torchs_shapes(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    given_type, found = result("@", tensor("f32", *left), tensor("f32", *right))
    assert not found
    expected = (torch.ones(left) @ torch.ones(right)).shape
    assert tuple(size.value for size in given_type.shape) == tuple(expected)


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (4, 3)), ((2, 3), (4,)), ((5, 2, 3), (4, 3, 2))]
)
def test_matrix_products_that_do_not_fit_are_refused(
    left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    given_type, found = result("@", tensor("f32", *left), tensor("f32", *right))
    assert given_type is UNKNOWN
    assert len(found) == 1


@pytest.mark.parametrize(
    ("operator", "operands"),
    [
        ("and", (tensor("bool", 2), tensor("bool", 2))),
        ("not", (tensor("bool", 2),)),
        ("~", (tensor("f32", 2),)),
        ("+", (tensor("f32", 2), "text")),
        ("+", (tensor("f32", 2), True)),
    ],
)
def test_what_has_no_meaning_for_tensors_is_refused(
    operator: str, operands: tuple[Any, ...]
) -> None:
    given_type, found = result(operator, *operands)
    assert given_type is UNKNOWN
    assert [diagnostic.code for diagnostic in found] == ["D0208"]


def test_what_numbers_mean_is_forgotten_in_arithmetic() -> None:
    probabilities = Type("f32", (N,), meaning="probabilities")
    assert result("*", probabilities, 2)[0].meaning == ""
    assert result("-", 2, probabilities)[0].meaning == ""
    assert result("+", probabilities, probabilities)[0].meaning == ""


def test_complements_and_products_of_probabilities_are_probabilities() -> None:
    probabilities, scores = (Type("f32", (N,), meaning=each) for each in ("probabilities", ""))
    assert result("-", 1, probabilities)[0].meaning == "probabilities"
    assert result("-", 1.0, probabilities)[0].meaning == "probabilities"
    assert result("*", probabilities, probabilities)[0].meaning == "probabilities"
    assert result("*", probabilities, scores)[0].meaning == ""
    assert result("-", probabilities, 1)[0].meaning == ""


def test_floats_are_the_dtypes_that_torch_calls_floating() -> None:
    assert {each for each in DTYPES if TORCH[each].is_floating_point} == set(FLOATS)
