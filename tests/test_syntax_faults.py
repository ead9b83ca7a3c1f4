"""Wrong text never becomes a tree, and each fault is said once, where it is."""

from __future__ import annotations

import copy
from itertools import pairwise
from pathlib import Path

import pytest
from dlc.compiler.diagnostics import Diagnostic, to_text
from dlc.compiler.lex import MOST_FAULTS, MOST_WORDS
from dlc.compiler.parse import DEEPEST, parse
from dlc.compiler.source import Source
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import expression, faults, read
from spec_strategies import specs


def test_a_wrong_declaration_does_not_hide_the_faults_of_others() -> None:
    found = faults("param a = )\nparam b = 1\nmodel M {\n  x y\n}\nparam c = 'x'\nexpect { 1 }\n")
    assert [fault.span.line for fault in found] == [1, 4, 6, 7]


def test_one_declaration_gets_one_message() -> None:
    assert len(faults("model M {\n  x y\n  a b\n  c d\n}\n")) == 1


def test_faults_come_in_the_order_of_the_text() -> None:
    found = faults("param a = 1 2\nparam b = f(\nparam c = ;\nparam d = = 1\nparam e = [)\n")
    assert [fault.span.line for fault in found] == [1, 2, 3, 4, 5]


def test_a_missing_brace_does_not_hide_later_faults() -> None:
    found = faults("model A {\n  x = 1\n\nmodel B {\n  y = 2\n}\nparam c = = 1\n")
    assert [(fault.code, fault.span.line) for fault in found] == [("D0106", 1), ("D0101", 7)]


def test_a_missing_brace_is_shown_where_the_indentation_says() -> None:
    (fault,) = faults("model A {\n  for i in x {\n    a = 1\n  b = 2\n}\n")
    assert fault.span.line == 2


def test_a_missing_value_is_shown_where_it_is_missing() -> None:
    (fault,) = faults("param a =\n\nmodel M { x = 1 }\n")
    assert fault.span.source.place(fault.span.start) == (1, 10)


def test_keywords_at_the_start_of_a_line_may_be_names() -> None:
    read("param x = f(\ndata,\nmodel\n)\ntrain M on d {\nstep = 1\ndata = 2\n}\n")


def test_the_last_fault_of_a_file_may_be_its_end() -> None:
    (fault,) = faults("param a = 1 +\n# comment\n")
    assert fault.span.source.place(fault.span.start) == (1, 14)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "\ufeff", "\r\n"])
def test_an_empty_spec_is_a_fault(text: str) -> None:
    (fault,) = faults(text)
    assert fault.code == "D0100"


def test_the_model_that_an_empty_spec_is_shown_is_right() -> None:
    (fault,) = faults("")
    read(fault.help[0].split("\n", 1)[1])


@pytest.mark.parametrize(
    "character", ["\u200b", "\u202e", "\u2066", "\ufeff", "\0", "\x1b", "\x85", "\ud800"]
)
@pytest.mark.parametrize("text", ["param a = 1 # %s\n", 'param a = "%s"\n', "param a = %s1\n"])
def test_what_cannot_be_seen_is_refused_everywhere(character: str, text: str) -> None:
    (fault,) = faults(text % character)
    assert fault.code == "D0103" and fault.span.text == character
    to_text(fault).encode()


@pytest.mark.parametrize(
    "text",
    [
        "param p = " + "(" * 100_000,
        "param p = " + "[" * 100_000 + "]" * 100_000,
        "param p = " + "-" * 100_000 + "1",
        "param p = " + "not " * 100_000 + "1",
        "param p = a" + ".b" * 100_000,
        "param p = a" + "[1]" * 100_000,
        "param p = a" + "()" * 100_000,
        "param p = 1" + " + 1" * 100_000,
        "param p = 1" + " ** 1" * 100_000,
        "param p = " + "if a { b } else " * 50_000 + "{ c }",
        "model M { " + "if a { } else " * 50_000 + "{ } }",
        "model M { " + "for a in b { " * 50_000 + "} " * 50_001,
        "block M = " + "a -> repeat(1) { " * 50_000 + "b" + "}" * 50_000,
    ],
    ids=lambda text: text[:24],
)
def test_nesting_without_end_is_one_clean_fault(text: str) -> None:
    (fault,) = faults(text)
    assert fault.code == "D0107"
    assert len(to_text(fault)) < 1000


def test_nesting_up_to_the_limit_is_no_fault() -> None:
    for text in (
        "(" * DEEPEST + "1" + ")" * DEEPEST,
        "[" * DEEPEST + "1" + "]" * DEEPEST,
        "f(" * DEEPEST + "1" + ")" * DEEPEST,
        "a" + ".b" * DEEPEST,
        "-" * DEEPEST + "1",
    ):
        assert copy.deepcopy(expression(text)) == expression(text)
    assert faults("param p = " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))


@pytest.mark.parametrize("line", ["param a = = 1\n", "param a = ;\n", "param a = \u200b\n", "$ \n"])
def test_a_file_full_of_faults_gets_a_bounded_number_of_messages(line: str) -> None:
    assert 0 < len(faults(line * 3000)) <= 2 * MOST_FAULTS


def test_a_file_of_too_many_words_is_one_clean_fault() -> None:
    (fault,) = faults("param a = [" + "1," * MOST_WORDS + "]")
    assert fault.code == "D0100" and "words" in fault.message


@settings(max_examples=150, deadline=None)
@given(specs(), st.data())
def test_damaged_specs_give_a_tree_or_messages_and_never_fail(
    text: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 5))
    put = data.draw(
        st.sampled_from(["", "(", "}", "'", '"', "=", "->", "if", "\n", "é", "3x", "\\"])
    )
    found: list[Diagnostic] = []
    source = Source("spec.dl", text[:place] + put + text[place + cut :])
    spec = parse(source, found.append)
    assert (spec is None) == bool(found)
    for fault in found:
        assert 0 <= fault.span.start <= fault.span.end <= len(source.text)
        assert to_text(fault) and fault.message[-1] not in ".!" and fault.severity == "error"


def test_every_message_of_the_goldens_is_short_and_has_no_double_words() -> None:
    for golden in sorted((Path(__file__).parent / "errors").glob("*.txt")):
        for line in golden.read_text(encoding="utf-8").splitlines():
            words = line.split()
            assert not any(a == b and a.isalpha() for a, b in pairwise(words))
