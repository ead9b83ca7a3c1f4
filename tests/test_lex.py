"""Numbers, strings and line endings mean what they mean in Python."""

from __future__ import annotations

import ast

import pytest
from dlc.compiler import tree
from dlc.compiler.build import ESCAPES
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.parse import parse
from dlc.compiler.source import Source
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import EVERYTHING, expression, faults, nodes, read


@pytest.mark.parametrize(
    "text",
    ["0", "7", "1_000", "1.", ".5", "1.5", "1e-3", "1E+3", "2.5e10", "1_0.5_0", "1e999", "10" * 40],
)
def test_a_number_is_what_python_makes_of_it(text: str) -> None:
    number = expression(text)
    assert isinstance(number, tree.Number)
    assert number.text == text
    assert number.value == ast.literal_eval(text)
    assert type(number.value) is type(ast.literal_eval(text))


def test_a_number_of_many_digits_is_read_quickly_and_without_failure() -> None:
    number = expression("9" * 100_000)
    assert isinstance(number, tree.Number) and number.value == float("inf")


@pytest.mark.parametrize(
    "text",
    [
        r'"plain"',
        r'""',
        r'"\n\t\r\a\b\f\v\\\'\""',
        r'"\0\7\12\123\1234"',
        r'"\x41\x00\u00e9\U0001f600"',
        r'"\N{BULLET} and \N{LATIN SMALL LETTER E WITH ACUTE}"',
        '"one \\\nline"',
        '"é 猫 # no comment"',
    ],
)
def test_escapes_are_pythons(text: str) -> None:
    string = expression(text)
    assert isinstance(string, tree.String)
    assert string.value == ast.literal_eval(text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
@given(st.text(st.sampled_from("\\nxuU01234567ab{}d.'\""), max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_string_means_what_it_means_in_python_or_is_refused_by_both(inside: str) -> None:
    found: list[Diagnostic] = []
    spec = parse(Source("spec.dl", f'param p = "{inside}"'), found.append)
    try:
        value = ast.literal_eval(f'"{inside}"')
    except SyntaxError:
        assert spec is None and found
    else:
        if spec is None:
            # Python joins neighbouring strings; here they need a `+`.
            assert '"' in inside
        else:
            (param,) = spec.declarations
            assert isinstance(param, tree.Param) and isinstance(param.value, tree.String)
            assert param.value.value == value


def test_escapes_cover_pythons_list() -> None:
    assert set(ESCAPES) == set("ntrabfv\n\\\"'")


@pytest.mark.parametrize("escape", [r"\x4", r"\xg0", r"\u12", r"\U00110000", r"\N{NO SUCH}", r"\N"])
def test_an_escape_that_python_refuses_is_refused(escape: str) -> None:
    with pytest.raises(SyntaxError):
        ast.parse(f'"{escape}"')
    (fault,) = faults(f'param p = "a{escape}"')
    assert fault.code == "D0108"
    assert fault.span.text.startswith(escape[:2])


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_the_line_ending_changes_nothing(ending: str) -> None:
    plain, other = read(EVERYTHING), read(EVERYTHING.replace("\n", ending))
    assert plain == other
    there = zip(nodes(plain.declarations), nodes(other.declarations), strict=True)
    assert all((a.span.start, a.span.end) == (b.span.start, b.span.end) for a, b in there)


def test_a_byte_order_mark_changes_nothing() -> None:
    marked = read("\ufeff" + EVERYTHING)
    assert marked == read(EVERYTHING)
    assert marked.declarations[0].span.line == 3
