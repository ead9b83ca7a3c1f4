"""Operators around tensors and numbers are computed in the order of the spec, in few brackets."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from other_values import code_of, general, module_of, program_of

X = torch.linspace(0.5, 2.0, 12, dtype=torch.float64).reshape(3, 4)
Z = torch.linspace(-1.0, 3.0, 12, dtype=torch.float64).reshape(3, 4)
# Each is an expression of Python's too; what the emitted code writes for it.
SAME = {
    "-(x + z)": "-(x + z)",
    "-x + z": "-x + z",
    "-(x * z)": "-(x * z)",
    "(-x) ** 2": "(-x) ** 2",
    "-x ** 2": "-x**2",
    "x ** -2": "x**-2",
    "x ** (-z)": "x**-z",
    "x - -z": "x - -z",
    "x - (z - x)": "x - (z - x)",
    "(x - z) - x": "x - z - x",
    "x / (z * x)": "x / (z * x)",
    "x / z * x": "x / z * x",
    "(x ** 2) ** z": "(x**2) ** z",
    "x / (1 / 3)": "x / (1 / 3)",
    "(-2.0) ** x": "(-2.0) ** x",
    "x * -0.5": "x * -0.5",
    "where(~(x > z), x, z)": "torch.where(~(x > z), x, z)",
    "where((x > z) == (z > 0), x, z)": "torch.where((x > z) == (z > 0), x, z)",
    "x * (x > z)": "x * (x > z)",
    "x - (a + b)": "x - (self.a + self.b)",
    "x + (a + b)": "x + (self.a + self.b)",
    "x * (a * b)": "x * (self.a * self.b)",
    "(a * b) * x": "self.a * self.b * x",
    "b // 2 * x": "self.b // 2 * x",
    "(b // 2 + 1) * x": "(self.b // 2 + 1) * x",
    "x + b // 2": "x + self.b // 2",
    "x % (b // 2)": "x % (self.b // 2)",
    "(-a) ** x": "(-self.a) ** x",
    "x ** -a": "x**-self.a",
    "x ** (a + 1)": "x ** (self.a + 1)",
    "x * -a": "x * -self.a",
    "x > b - 3": "x > self.b - 3",
    "x * max(a, b)": "x * max(self.a, self.b)",
    "x * sqrt(a)": "x * self.a**0.5",
    "x ** sqrt(a)": "x ** (self.a**0.5)",
}
TEXT = """
model Net(a: float = 2.0, b: int = 3) {
  input x: f32[N, 4]
  input z: f32[N, 4]
  h = x + z
  output y = EXPRESSION
}
"""


@pytest.mark.parametrize("expression", SAME)
def test_an_expression_is_what_python_makes_of_it(expression: str) -> None:
    code = code_of(program_of(TEXT.replace("EXPRESSION", expression)))
    assert f"return {SAME[expression]}  #" in code
    for a, b in ((2.0, 3), (0.5, 6)):
        kind = module_of(code).Net
        found = kind(a, b)(X, Z) if "a: float" in code and "b: int" in code else kind()(X, Z)
        names = {"x": X, "z": Z, "a": a, "b": b, "where": torch.where, "max": max}
        expected = eval(expression, {}, {**names, "sqrt": lambda value: value**0.5})
        torch.testing.assert_close(found, expected, equal_nan=True)


def test_numbers_that_a_branch_chooses_stand_in_brackets() -> None:
    text = TEXT.replace("  h = x + z", "  k = if b > 3 { a } else { a / 2 }")
    text = text.replace("EXPRESSION", "x * k + z")
    for values in ({}, {"b": 5}, {"a": 0.5}):
        general(text, "Net", values)


def test_a_model_without_weights_is_a_module_in_another_one_too() -> None:
    text = """
    model Net(base: float = 3.0) {
      input x: f32[N, 4]
      output y = x -> Other(base) -> Both(base)
    }
    model Other(base: float = 3.0) {
      input x: f32[N, 4]
      output y = x * base
    }
    block Both(base: float) {
      input x: f32[N, 4]
      output y = (x -> Other(base)) + (x -> Other(2.0))
    }
    """
    module: Any = module_of(code_of(program_of(text)))
    torch.testing.assert_close(module.Net(0.5)(X), X * 0.5 * 2.5)
    assert "self.other1 = Other(base)" in code_of(program_of(text))


def test_a_number_with_a_name_is_computed_in_a_function_of_a_block_too() -> None:
    text = """
    block twice(a: float, b: int) {
      input x: f32[N, D]
      first = 2.0 ** a
      second = first / (b + 0.5)
      output y: f32[N, D] = x * second + second
    }
    model Net(a: float = 2.0, b: int = 3) {
      input x: f32[N, 4]
      output y = x -> twice(a, b) -> twice(3.0, 1)
    }
    """
    module: Any = module_of(code_of(program_of(text)))
    for a, b in ((2.0, 3), (0.5, 6)):
        wanted = X
        for first, second in ((a, b), (3.0, 1)):
            factor = 2.0**first / (second + 0.5)
            wanted = wanted * factor + factor
        torch.testing.assert_close(module.Net(a, b)(X), wanted)


def test_a_tensor_with_the_name_of_a_number_leaves_the_number_alone() -> None:
    text = """
    block twice(a: float) {
      input x: f32[N, D]
      k = 2.0 ** a
      kept = k
      k = x + 1
      output y: f32[N, D] = k * kept + x
    }
    model Net(a: float = 2.0) {
      input x: f32[N, 4]
      output y = x -> twice(a) -> twice(3.0)
    }
    """
    module: Any = module_of(code_of(program_of(text)))
    for a in (2.0, 0.5):
        wanted = (X + 1) * 2.0**a + X
        wanted = (wanted + 1) * 2.0**3.0 + wanted
        torch.testing.assert_close(module.Net(a)(X), wanted)


def test_a_power_of_a_power_is_computed_from_the_left() -> None:
    text = """
    model Net(d: int = 2) {
      input x: f32[N, 4]
      output y = x -> Linear(2**d * 2**d) -> Linear((d ** 2) ** 2 * 2**d)
    }
    """
    for d in (2, 3):
        net: Any = module_of(code_of(program_of(text))).Net(d)
        assert net.linear1.out_features == 4**d
        assert net.linear2.out_features == d**4 * 2**d
