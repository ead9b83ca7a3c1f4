"""What a constructor computes: its Python text gives what `evaluate` gives."""

from __future__ import annotations

import math
from typing import Any

import pytest
from dlc.compiler import ir, opened
from dlc.compiler.arithmetic import ArithmeticFault
from dlc.compiler.dims import Dim, name
from dlc.compiler.evaluated import evaluate
from hypothesis import given
from hypothesis import strategies as st

WHOLE = ("depth", "width")
LEAVES: dict[str, Any] = {
    **{each: name(each) for each in WHOLE},
    "rate": ir.Open("rate", "float"),
    "deep": ir.Open("deep", "bool"),
    "mode": ir.Open("mode", "str"),
    "widths": ir.Open("widths", "list", sample=(3, 4, 2)),
}
known = st.fixed_dictionaries(
    {
        **{each: st.integers(1, 6) for each in WHOLE},
        "rate": st.sampled_from([0.25, 0.5, 2.0, -1.5]),
        "deep": st.booleans(),
        "mode": st.sampled_from(["a", "b"]),
        "widths": st.lists(st.integers(1, 5), min_size=3, max_size=4).map(tuple),
    }
)
Tree = tuple[Any, ...]


def trees(depth: int) -> Any:
    """Operations in nested tuples: an operator or function, then what it is of."""
    leaf = st.one_of(st.sampled_from(["depth", "width", "rate"]), st.integers(-4, 6), st.just(0.5))
    if not depth:
        return leaf
    inner = trees(depth - 1)
    truths = st.one_of(
        st.just("deep"),
        st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.tuples(
            st.sampled_from(["and", "or"]), st.just("deep"), st.tuples(st.just(">"), inner, inner)
        ),
        st.tuples(st.just("not"), st.tuples(st.just("<"), inner, inner)),
    )
    return st.one_of(
        leaf,
        st.tuples(st.sampled_from(["+", "-", "*", "//", "%", "/"]), inner, inner),
        st.tuples(st.just("**"), inner, st.integers(0, 3)),
        st.tuples(st.just("-"), inner),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner),
        st.tuples(st.sampled_from(["abs", "int", "float"]), inner),
        st.tuples(st.sampled_from(["log", "exp", "sin", "cos", "floor", "ceil"]), inner),
        st.tuples(st.sampled_from(["sum", "min", "max", "len"]), st.just("widths")),
        st.tuples(st.just("[]"), st.just("widths"), st.integers(-3, 2)),
        st.tuples(st.just("if"), truths, inner, inner),
    )


class Atoms(dict[str, ir.Open]):
    """Names in sizes for whole numbers that are no sum of products."""

    def sized(self, value: Any) -> Any:
        if not isinstance(value, ir.Open) or value.kind != "int":
            return value
        size, word = opened.as_name(value)
        self[word] = value
        return size


def made(tree: Any, atoms: Atoms) -> Any:
    """The value of a tree, open as far as its leaves are."""
    if not isinstance(tree, tuple):
        return LEAVES.get(tree, tree) if isinstance(tree, str) else tree
    operator, *parts = tree
    values = [made(each, atoms) for each in parts]
    if operator == "if":
        condition, then, otherwise = values
        if not opened.is_open(condition):
            return then if condition else otherwise
        return atoms.sized(opened.choice(condition, then, otherwise))
    if operator == "[]":
        return atoms.sized(opened.entry(*values))
    if operator in (*opened.CALLED, *opened.MATH):
        return atoms.sized(opened.call(operator, tuple(values)))
    return atoms.sized(opened.operation(operator, *values))


def by_python(tree: Any, values: dict[str, Any]) -> Any:
    """The value of a tree for known names, computed here."""
    if not isinstance(tree, tuple):
        return values.get(tree, tree) if isinstance(tree, str) else tree
    operator, *parts = tree
    if operator == "if":
        return by_python(parts[1 if by_python(parts[0], values) else 2], values)
    found = [by_python(each, values) for each in parts]
    if operator == "[]":
        return found[0][found[1]]
    if operator in opened.MATH:
        return getattr(math, operator)(*found)
    if operator in opened.CALLED:
        function = {"min": min, "max": max, "abs": abs, "int": int, "float": float}
        return (function | {"sum": sum, "len": len})[operator](*found)
    if operator in ("not", "-") and len(found) == 1:
        return not found[0] if operator == "not" else -found[0]
    return eval(f"a {operator} b", {"a": found[0], "b": found[1]})


@given(trees(3), known)
def test_the_text_of_an_open_value_computes_what_the_value_is(
    tree: Any, values: dict[str, Any]
) -> None:
    atoms = Atoms()
    try:
        value = made(tree, atoms)
        found = evaluate(value, values, atoms, {})
    except (opened.NoForm, ArithmeticFault, TypeError):
        return  # has no form: the network is compiled for its numbers
    try:
        expected = by_python(tree, values)
        written = eval(opened.written(value), {"math": math}, dict(values))
    except (ValueError, ZeroDivisionError, OverflowError):
        return
    assert written == pytest.approx(expected), opened.written(value)
    assert found == pytest.approx(expected), opened.written(value)


@given(trees(2), known)
def test_a_value_within_another_has_the_brackets_that_it_needs(
    tree: Any, values: dict[str, Any]
) -> None:
    atoms = Atoms()
    try:
        value = made(tree, atoms)
        evaluate(value, values, atoms, {})
        expected = by_python(tree, values)
    except (opened.NoForm, ArithmeticFault, ArithmeticError, TypeError, ValueError):
        return
    code = f"2 * {opened.written(value, opened.STRENGTH['*'] + 1)}"
    assert eval(code, {"math": math}, dict(values)) == pytest.approx(2 * expected), code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (opened.operation("/", name("depth"), 2), "depth / 2"),
        (opened.operation("**", 2, name("depth")), "2**depth"),
        (opened.operation("not", opened.operation("==", name("depth"), 2)), "depth != 2"),
        (opened.operation("and", LEAVES["deep"], True), "deep"),
        (opened.operation("or", LEAVES["deep"], True), "True"),
        (opened.call("range", (name("depth"),)), "range(depth)"),
        (opened.call("reversed", (LEAVES["widths"],)), "reversed(widths)"),
        (opened.entry(LEAVES["widths"], -1), "widths[-1]"),
        (opened.choice(LEAVES["deep"], 1, 1), "1"),
        (("a", 1), "('a', 1)"),
    ],
)
def test_values_are_written_as_a_person_would(value: Any, code: str) -> None:
    assert opened.written(value).replace('"', "'") == code


@pytest.mark.parametrize(
    "make",
    [
        lambda: opened.operation("+", LEAVES["mode"], 1),
        lambda: opened.choice(LEAVES["deep"], 1, "a"),
        lambda: opened.call("log", (LEAVES["deep"],)),
        lambda: opened.entry(LEAVES["widths"], 7),
        lambda: opened.entry(name("depth"), 0),
        lambda: evaluate(LEAVES["rate"], {}, {}, {}),
    ],
)
def test_what_has_no_form_says_so(make: Any) -> None:
    with pytest.raises(opened.NoForm):
        make()


def test_names_are_all_that_a_value_is_computed_of() -> None:
    atoms = Atoms()
    value = made(("+", ("*", "depth", ("//", "width", 2)), ("if", "deep", "rate", 1)), atoms)
    assert opened.names(value, atoms) == {"depth", "width", "deep", "rate"}


def test_a_value_under_a_name_is_what_it_was() -> None:
    named = opened.let("c", (1, 2))
    assert opened.given(named) == (1, 2) and opened.written(named) == "c"
    assert opened.given(3) == 3
    assert evaluate(named, {}, {}, {}) == (1, 2)


def test_words_of_python_and_of_modules_are_no_names_of_a_constructor() -> None:
    words = ["len", "len_", "self", "class", "__x", "_x", "torch", "width", "F"]
    found = [opened.safe(each) for each in words]
    assert len({*found}) == len(found)
    assert all(each.isidentifier() and each not in opened.TAKEN for each in found)
    assert opened.safe("width") == "width" and not opened.safe("__x").startswith("__")


def test_kinds_are_those_of_hyperparameters() -> None:
    values = [name("a"), 1, True, 0.5, "x", (1,), LEAVES["deep"], None]
    assert [*map(opened.kind, values)] == ["int", "int", "bool", "float", "str", "list", "bool", ""]
    assert isinstance(opened.as_name(ir.Open("2**depth", "int"))[0], Dim)
