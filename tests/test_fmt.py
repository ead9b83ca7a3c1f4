"""The one layout: nothing is lost, no meaning changes, and a second time changes nothing."""

from __future__ import annotations

import ast
import re

import pytest
from dlc.compiler import tree
from dlc.compiler.parse import DEEPEST
from dlc.compiler.phrases import quoted
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import becomes, body, laid_out, stays
from reading import EVERYTHING, read
from spec_strategies import specs

# For all specs.


@settings(max_examples=350, deadline=None)
@given(specs(comments=False))
def test_the_layout_of_any_spec_is_faithful_and_stays(text: str) -> None:
    laid_out(text)


@settings(max_examples=500, deadline=None)
@given(specs(comments=True))
def test_the_layout_of_any_spec_keeps_every_comment_once_and_in_order(text: str) -> None:
    laid_out(text)


@settings(max_examples=100, deadline=None)
@given(specs(comments=True), st.sampled_from(["\r\n", "\r"]))
def test_line_endings_and_a_byte_order_mark_change_no_layout(text: str, ending: str) -> None:
    other = "\ufeff" + text.replace("\n", ending)
    assert laid_out(other) == laid_out(text)


@settings(max_examples=100, deadline=None)
@given(specs(comments=False))
def test_the_layout_does_not_depend_on_the_space_within_lines(text: str) -> None:
    wider = re.sub(r'("(?:[^"\\]|\\.)*")| ', lambda match: match[1] or "   ", text)
    assert laid_out(wider) == laid_out(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), max_size=20))
def test_a_quoted_string_is_plain_text_with_the_same_value(value: str) -> None:
    text = quoted(value)
    assert ast.literal_eval(text) == value
    assert text.isprintable()
    (param,) = read(f"param p = {text}").declarations
    assert isinstance(param, tree.Param) and isinstance(param.value, tree.String)
    assert param.value.value == value


def test_the_whole_syntax_has_a_layout() -> None:
    laid_out(EVERYTHING)


@pytest.mark.parametrize(
    ("opening", "closing", "count"),
    [
        *(("[", "]", DEEPEST), ("f(", ")", DEEPEST), ("(1, ", ")", DEEPEST), ("-", "", DEEPEST)),
        *(("if a { ", " } else { b }", DEEPEST), ("x -> repeat { ", " }", DEEPEST // 2)),
        *(("f(a=[1, ", "])", DEEPEST // 2), ("x[", "]", DEEPEST), ("1 ** ", "", DEEPEST)),
    ],
)
def test_the_deepest_nesting_has_a_layout(opening: str, closing: str, count: int) -> None:
    laid_out(f"param p = {opening * count}1{closing * count}")


def test_the_deepest_statements_have_a_layout() -> None:
    laid_out("model M " + "{ for a in b " * 99 + "{}" + "}" * 99)
    laid_out("model M { if a {}" + " else if b {}" * 90 + " else {} }")


# Declarations.


def test_every_kind_of_declaration_has_its_line() -> None:
    stays(
        """
from "blocks.dl" import Residual, Wide

param lr = 1e-3
function eights(v: float) = max(8, int(v + 4) // 8 * 8)
function three() = 3

data digits from mnist() {
  image: f32[1, 28, 28] = image -> scale(1 / 255)
  label: class(10)
  split = random(train=0.9, seed=0)
}

block Pair(out: int, act: op = relu) = Linear(out) -> act

block Skip {
  input x: f32[..., D]
  output y = x
}

model Empty {}

extern Old(n: int) = python("package.module:Old") {
  input x: f32[N]
}

train G = Net(wide=False), D on digits {
  loss = cross_entropy(y, label)
  step D updates D, E every 2 {
    loss = 1
  }
  copy T = G ema 0.995
  copy T = G every 1000
}

predict draw {
  output p = G(z)
}

expect {
  predict(x=7).y within 0.5 of 14
  train.D.loss > 0.2 + 1
}

sweep {
  lr in log(1e-4, 1e-1)
  maximize validation.accuracy
  minimize test.loss
  trials = 30
}
"""
    )


def test_every_kind_of_statement_has_its_line() -> None:
    stays(
        body(
            """
input x: f32[N, ..., 2 * K] = 0.0
output y: f32[N, 1] = x
output z: f32[N, 1]
output q
layer proj = Linear(4) -> tanh
weight w: f32[4] = ones(4)
buffer m: bool[T, T] = ones(T, T) -> tril
require D % heads == 0, "heads must divide D"
require D > 0
for i, (d, e) in enumerate(depths) {
  skips.append(h)
}
if wide and not a {
  h = x
} else if b {
  h = y
} else {}
a, (b, _) = x -> LSTM(64)(h0, flag=None) -> repeat(3) { Linear(4) } -> f
"""
        )
    )


def test_empty_brackets_of_a_declaration_go_and_those_of_a_function_stay() -> None:
    becomes("block A() {}\nfunction f() = 1", "block A {}\n\nfunction f() = 1\n")


def test_one_short_expectation_stands_on_one_line() -> None:
    becomes("expect {\n  a.b > 1\n}", "expect { a.b > 1 }\n")
    becomes("expect { a.b > 1 c > 2 }", "expect {\n  a.b > 1\n  c > 2\n}\n")
    becomes("expect { # why\n a > 1 }", "expect {  # why\n  a > 1\n}\n")
    long = "a" * 60
    becomes(f"expect {{ {long} > {long} }}", f"expect {{\n  {long} > {long}\n}}\n")


# Blank lines.


def test_declarations_stand_one_blank_line_apart() -> None:
    becomes("model A {}\nmodel B {}\n\n\n\nmodel C {}", "model A {}\n\nmodel B {}\n\nmodel C {}\n")


def test_short_declarations_keep_the_blank_line_that_the_author_left() -> None:
    becomes(
        "param a = 1\nparam b = 2\n\n\nparam c = 3\nmodel M {}\nparam d = 4",
        "param a = 1\nparam b = 2\n\nparam c = 3\n\nmodel M {}\n\nparam d = 4\n",
    )


def test_statements_keep_one_blank_line_at_most_and_none_at_the_braces() -> None:
    becomes(
        "model M {\n\n\na = 1\n\n\n\nb = 2\nc = 3\n\n}",
        "model M {\n  a = 1\n\n  b = 2\n  c = 3\n}\n",
    )


# Parentheses.


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("((a))", "a"),
        ("(a * b) + c", "a * b + c"),
        ("a * (b + c)", "a * (b + c)"),
        ("(a - b) - c", "a - b - c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a ** b) ** c", "(a ** b) ** c"),
        ("a ** (b ** c)", "a ** b ** c"),
        ("(-a) ** b", "(-a) ** b"),
        ("-(a ** b)", "-a ** b"),
        ("a ** (-b)", "a ** -b"),
        ("- (-a)", "--a"),
        ("not (not a)", "not not a"),
        ("not (a or b)", "not (a or b)"),
        ("(not a) == b", "(not a) == b"),
        ("not (a == b)", "not a == b"),
        ("(a < b) < c", "(a < b) < c"),
        ("(a or b) and c", "(a or b) and c"),
        ("a or (b and c)", "a or b and c"),
        ("(x -> A) + y", "(x -> A) + y"),
        ("(x -> A) -> B", "(x -> A) -> B"),
        ("f((x -> A))", "f(x -> A)"),
        ("x[(a -> b)]", "x[(a -> b)]"),
        ("(if a { b } else { c })(d)", "(if a { b } else { c })(d)"),
        ("(if a { b } else { c }) + d", "if a { b } else { c } + d"),
        ("(a + b).c", "(a + b).c"),
        ("(a.b)(c)[d]", "a.b(c)[d]"),
        ("1 .real", "(1).real"),
        ("(1.).real", "(1.).real"),
        ('"a" .b', '"a".b'),
        ("(1, 2)[0]", "(1, 2)[0]"),
        ("[1][0]", "[1][0]"),
        ("(a,)", "(a,)"),
        ("(a, b,)", "(a, b)"),
        ("x[(a, b)]", "x[(a, b)]"),
        ("x[a, b]", "x[a, b]"),
        ("True.x", "True.x"),
    ],
)
def test_parentheses_stand_only_where_they_are_needed(text: str, layout: str) -> None:
    becomes(f"param p = {text}", f"param p = {layout}\n")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "x[:]",
            "x[1:]",
            "x[:-1]",
            "x[::2]",
            "x[a:b:c]",
            "x[i + 1 :]",
            "x[: i + 1]",
            "x[..., None]",
        ),
        *("x[a.b : c + 1]", "x[:: a * 2]", "x[f(1):, :]", "x[-1]", "f(a=1, b=c)", "[]", "f()"),
        *("f(x = if a { 1 } else { 2 })", "a < b <= c != d", "a not in b", "~a", "a @ b.T"),
        *("1_000", "1.", ".5", "1E-3", "00", '"é 猫"', r'"\n\"\\\x00\u200b"', "+a", "a // b % c"),
    ],
)
def test_this_is_how_it_is_written(text: str) -> None:
    stays(f"param p = {text}\n")


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (r'"\'"', '"\'"'),
        (r'"\x41\u00e9"', '"Aé"'),
        (r'"\d"', r'"\\d"'),
        ('"a\\\nb"', '"ab"'),
        (r'"\N{BULLET}"', '"•"'),
        (r'"\0001"', r'"\x001"'),
        ("x[::]", "x[:]"),
        ("x[1::]", "x[1:]"),
        ("f(1,)", "f(1)"),
    ],
)
def test_one_thing_has_one_spelling(text: str, layout: str) -> None:
    becomes(f"param p = {text}", f"param p = {layout}\n")
