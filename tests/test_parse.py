"""Text becomes exactly this tree, at exactly these places; wrong text never becomes one."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from dlc.compiler import tree
from dlc.compiler.build import ESCAPES
from dlc.compiler.diagnostics import Diagnostic, to_text
from dlc.compiler.lex import MOST_FAULTS
from dlc.compiler.parse import DEEPEST, parse
from dlc.compiler.source import Source, Span
from hypothesis import given, settings
from hypothesis import strategies as st
from spec_strategies import specs

EVERYTHING = """
# head
from "blocks.dl" import Residual, Wide
param lr = 1e-3
function eights(v: float) = max(8, int(v + 4) // 8 * 8)
data digits from mnist() {
  image: f32[1, 28, 28] = image -> scale(1 / 255)
  label: class(10)
  split = random(train=0.9, seed=0)
}
block Pair(out: int, act: op = relu,) = Linear(out) -> act
model Net(depths: list = [2, 2], wide=True) {
  input  x: f32[N, ..., 2 * K]
  input  bias: f32 = 0.0
  output y: f32[N, 1]
  output z
  output q = x
  layer  proj = Linear(4) -> tanh
  weight w: f32[4] = ones(4)
  buffer m: bool[T, T] = ones(T, T) -> tril
  require D % heads == 0, "heads must divide D"
  require D > 0
  for i, (d, e) in enumerate(depths) { skips.append(h) }
  if wide and not a or b { h = x } else if x.shape[1] in [1, 2] { h = y } else {}
  a, (b, _) = x -> LSTM(64)(h0, flag=None) -> repeat(3) { Linear(4) } -> (f)
  c = if a < b <= 3 != d { -x ** 2 } else if e { +1 } else { ~x }
  s = x[:, 1:2, ::-1, ..., None, a] @ y.T
  t = (1,)
  u = (1, "two", 3.0,)
  v = [] + [[1]]
}
extern Old(n: int) = python("package.module:Old") { input x: f32[N] output y: f32[N] }
train G = Net(wide=False), Net on digits {
  loss = cross_entropy(y, label)
  step D updates D, E every 2 { loss = 1 }
  copy T = G ema 0.995
}
predict draw { output p = G(z) }
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
# bye
"""


def read(text: str) -> tree.Spec:
    """The tree of a text in which nothing is wrong."""
    found: list[Diagnostic] = []
    spec = parse(Source("spec.dl", text), found.append)
    assert spec is not None and not found, "\n".join(map(to_text, found))
    return spec


def faults(text: str) -> list[Diagnostic]:
    """What is said about a text that is wrong."""
    found: list[Diagnostic] = []
    spec = parse(Source("spec.dl", text), found.append)
    assert (spec is None) == bool(found)
    return found


def expression(text: str) -> tree.Expression:
    (param,) = read(f"param p = {text}").declarations
    assert isinstance(param, tree.Param)
    return param.value


def nodes(value: object) -> Iterator[tree.Node]:
    """A node and all below it, in order."""
    if isinstance(value, tree.Node):
        yield value
        for name in type(value).__match_args__[1:]:
            yield from nodes(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from nodes(item)


def shape(node: tree.Expression) -> object:
    """An expression with every operation in brackets, the way Python's `ast` would nest it."""
    match node:
        case tree.Reference():
            return node.name
        case tree.Number():
            return node.value
        case tree.Unary():
            return (node.operator, shape(node.operand))
        case tree.Binary():
            return (shape(node.left), node.operator, shape(node.right))
        case tree.Compare():
            return (shape(node.first), *((op, shape(right)) for op, right in node.rest))
    raise AssertionError(node)


SIGNS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
SIGNS |= {"MatMult": "@", "And": "and", "Or": "or", "Not": "not", "USub": "-", "UAdd": "+"}
SIGNS |= {"Invert": "~", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!="}
SIGNS |= {"In": "in", "NotIn": "not in"}


def python_shape(node: ast.expr) -> object:
    """The same of Python's own tree."""

    def sign(operator: ast.AST) -> str:
        return SIGNS[type(operator).__name__]

    match node:
        case ast.Name():
            return node.id
        case ast.Constant():
            return node.value
        case ast.UnaryOp():
            return (sign(node.op), python_shape(node.operand))
        case ast.BinOp():
            return (python_shape(node.left), sign(node.op), python_shape(node.right))
        case ast.BoolOp():
            first, *rest = map(python_shape, node.values)
            for value in rest:
                first = (first, sign(node.op), value)
            return first
        case ast.Compare():
            rest = zip(node.ops, node.comparators, strict=True)
            return (python_shape(node.left), *((sign(op), python_shape(c)) for op, c in rest))
    raise AssertionError(node)


# The tree.


def test_the_whole_syntax_makes_every_kind_of_node() -> None:
    kinds = {type(node) for node in nodes(read(EVERYTHING).declarations)}
    every = {kind for kind in vars(tree).values() if isinstance(kind, type)}
    every = {kind for kind in every if issubclass(kind, tree.Node) and kind is not tree.Node}
    assert kinds == every


def test_declarations_come_in_order() -> None:
    kinds = [type(declaration).__name__ for declaration in read(EVERYTHING).declarations]
    expected = "Import Param Function Data Block Model Extern Train Predict Expect Sweep"
    assert kinds == expected.split()


SPANS = {
    tree.Import: ['from "blocks.dl" import Residual, Wide'],
    tree.Param: ["param lr = 1e-3"],
    tree.Function: ["function eights(v: float) = max(8, int(v + 4) // 8 * 8)"],
    tree.Block: ["block Pair(out: int, act: op = relu,) = Linear(out) -> act"],
    tree.Parameter: [
        *("v: float", "out: int", "act: op = relu", "depths: list = [2, 2]", "wide=True", "n: int")
    ],
    tree.Field: ["image: f32[1, 28, 28] = image -> scale(1 / 255)", "label: class(10)"],
    tree.Input: [
        *("input  x: f32[N, ..., 2 * K]", "input  bias: f32 = 0.0", "input x: f32[N]"),
    ],
    tree.Output: [
        *("output y: f32[N, 1]", "output z", "output q = x", "output y: f32[N]", "output p = G(z)")
    ],
    tree.Layer: ["layer  proj = Linear(4) -> tanh"],
    tree.Weight: ["weight w: f32[4] = ones(4)"],
    tree.Buffer: ["buffer m: bool[T, T] = ones(T, T) -> tril"],
    tree.Require: ['require D % heads == 0, "heads must divide D"', "require D > 0"],
    tree.For: ["for i, (d, e) in enumerate(depths) { skips.append(h) }"],
    tree.Method: ["skips.append(h)"],
    tree.Pattern: ["i, (d, e)", "(d, e)", "a, (b, _)", "(b, _)"],
    tree.If: [
        "if wide and not a or b { h = x } else if x.shape[1] in [1, 2] { h = y } else {}",
        "if x.shape[1] in [1, 2] { h = y } else {}",
    ],
    tree.Repeat: ["repeat(3) { Linear(4) }"],
    tree.Conditional: [
        "if a < b <= 3 != d { -x ** 2 } else if e { +1 } else { ~x }",
        "if e { +1 } else { ~x }",
    ],
    tree.Slice: [":", "1:2", "::-1"],
    tree.Index: ["x.shape[1]", "x[:, 1:2, ::-1, ..., None, a]"],
    tree.Ellipsis: ["...", "..."],
    tree.TupleOf: ["(1,)", '(1, "two", 3.0,)'],
    tree.ListOf: ["[2, 2]", "[1, 2]", "[]", "[[1]]", "[1]"],
    tree.Attribute: [
        *("x.shape", "y.T", "predict(x=7).y", "train.D.loss", "train.D", "validation.accuracy"),
        "test.loss",
    ],
    tree.Unary: ["not a", "-x ** 2", "+1", "~x", "-1"],
    tree.Compare: ["D % heads == 0", "D > 0", "x.shape[1] in [1, 2]", "a < b <= 3 != d"],
    tree.Chain: [
        "image -> scale(1 / 255)",
        "Linear(out) -> act",
        "Linear(4) -> tanh",
        "ones(T, T) -> tril",
        "x -> LSTM(64)(h0, flag=None) -> repeat(3) { Linear(4) } -> (f)",
    ],
    tree.Extern: [
        'extern Old(n: int) = python("package.module:Old") { input x: f32[N] output y: f32[N] }'
    ],
    tree.ModelUse: ["G = Net(wide=False)", "Net"],
    tree.Step: ["step D updates D, E every 2 { loss = 1 }"],
    tree.Copy: ["copy T = G ema 0.995"],
    tree.Predict: ["predict draw { output p = G(z) }"],
    tree.Within: ["predict(x=7).y within 0.5 of 14"],
    tree.Comparison: ["train.D.loss > 0.2 + 1"],
    tree.Search: ["lr in log(1e-4, 1e-1)"],
    tree.Goal: ["maximize validation.accuracy", "minimize test.loss"],
    tree.Option: [
        *("split = random(train=0.9, seed=0)", "loss = cross_entropy(y, label)", "trials = 30")
    ],
    tree.String: [
        *('"blocks.dl"', '"heads must divide D"', '"two"', '"package.module:Old"'),
    ],
    tree.Constant: ["True", "None", "None", "False"],
}


@pytest.mark.parametrize("kind", SPANS, ids=lambda kind: kind.__name__)
def test_a_span_is_what_the_author_wrote(kind: type[tree.Node]) -> None:
    found = [node.span.text for node in nodes(read(EVERYTHING).declarations) if type(node) is kind]
    assert found == SPANS[kind]


def test_names_and_bodies_and_types_have_exact_spans() -> None:
    for node in nodes(read(EVERYTHING).declarations):
        text = node.span.text
        match node:
            case tree.Name() | tree.Reference():
                assert text == node.name
            case tree.Number():
                assert text == node.text
            case tree.Body():
                assert text[0] == "{" and text[-1] == "}"
            case tree.Type():
                assert text.startswith(node.name) and text.count("[") == text.count("]")
            case tree.Data() | tree.Train() | tree.Model() | tree.Expect() | tree.Sweep():
                assert text.startswith(type(node).__name__.lower()) and text.endswith("}")
            case tree.Argument() if node.name:
                assert text.startswith(f"{node.name}=")


@settings(max_examples=60, deadline=None)
@given(specs(comments=False))
def test_a_part_lies_within_its_whole_and_starts_with_a_word(text: str) -> None:
    spec = read(text)
    whole = spec.source.text
    for node in nodes(spec.declarations):
        assert not whole[node.span.start].isspace() and not whole[node.span.end - 1].isspace()
        for name in type(node).__match_args__[1:]:
            for part in nodes(getattr(node, name)):
                assert node.span.start <= part.span.start <= part.span.end <= node.span.end


def test_comments_stand_apart_in_order_at_their_places() -> None:
    spec = read("# one\nparam a = [ # two  \n 1 # three\n]")
    assert [comment.text for comment in spec.comments] == ["# one", "# two", "# three"]
    for comment in spec.comments:
        assert spec.source.text[comment.start :].startswith(comment.text)


def test_brackets_leave_no_trace() -> None:
    assert expression("((a) + (b))") == expression("a + b")
    assert expression("(a + b)").span.text == "a + b"


def test_line_breaks_and_space_leave_no_trace() -> None:
    assert (
        read("param a=f(1,x->g)").declarations
        == read("param\na\n=\nf\n(\n1\t,\n x\n->\ng\f)\n\n").declarations
    )


def test_no_arguments_and_no_sizes_differ_from_empty_ones() -> None:
    spec = read("data d { a: class b: class() }")
    (data,) = spec.declarations
    assert isinstance(data, tree.Data)
    a, b = (entry.type for entry in data.entries if isinstance(entry, tree.Field))
    assert (a.arguments, a.sizes) == (None, None)
    assert (b.arguments, b.sizes) == ((), None)


@pytest.mark.parametrize(
    "text",
    [
        *("a + b * c", "a * b + c", "a - b - c", "a / b // c % d @ e", "-a ** b", "a ** -b"),
        *(
            "a ** b ** c",
            "(a ** b) ** c",
            "not a == b",
            "not not a",
            "a or b and c",
            "a and b or c",
        ),
        *("a < b < c", "a in b not in c", "a < b + c", "-a * b", "~a + -b", "a + b < c * d"),
        *("(a + b) * c", "a - (b - c)", "(a < b) < c", "a or not b", "- - a", "(-a) ** b"),
        *("a and b and c", "a or b or c", "(a or b) and c", "not (a or b)", "a * -b"),
    ],
)
def test_operators_bind_as_in_python(text: str) -> None:
    assert shape(expression(text)) == python_shape(ast.parse(text, mode="eval").body)


def test_an_arrow_binds_loosest() -> None:
    chain = expression("a or b -> f -> g + 1")
    assert isinstance(chain, tree.Chain)
    assert shape(chain.start) == ("a", "or", "b")
    assert [shape(target) for target in chain.targets if not isinstance(target, tree.Repeat)] == [
        "f",
        ("g", "+", 1),
    ]


def test_braces_behind_a_target_are_a_repeat_and_behind_a_condition_are_not() -> None:
    chain = expression("a -> if b { c } else { d } -> repeat(2) { e -> f }")
    assert isinstance(chain, tree.Chain)
    choice, repeat = chain.targets
    assert isinstance(choice, tree.Conditional) and isinstance(repeat, tree.Repeat)
    assert isinstance(repeat.body, tree.Chain)


def test_one_thing_in_brackets_with_a_comma_is_a_tuple() -> None:
    assert isinstance(expression("(a,)"), tree.TupleOf)
    assert isinstance(expression("(a)"), tree.Reference)


def test_a_trailing_comma_says_nothing() -> None:
    for text in ("f(a, b{})", "[a, b{}]", "(a, b{})"):
        assert expression(text.format(",")) == expression(text.format(""))
    assert read("model M(a, b,) {}").declarations == read("model M(a, b) {}").declarations


@pytest.mark.parametrize(
    "text", ["x[:]", "x[1:]", "x[:2]", "x[1:2]", "x[::3]", "x[1:2:3]", "x[1::3]"]
)
def test_a_slice_has_the_parts_that_are_written(text: str) -> None:
    index = expression(text)
    assert isinstance(index, tree.Index)
    (part,) = index.items
    assert isinstance(part, tree.Slice)
    written = ast.parse(text, mode="eval").body
    assert isinstance(written, ast.Subscript) and isinstance(written.slice, ast.Slice)
    for name, other in (("start", "lower"), ("stop", "upper"), ("step", "step")):
        mine, theirs = getattr(part, name), getattr(written.slice, other)
        assert (mine and mine.value) == (theirs and theirs.value)


# Words.


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


# Faults.


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


# Records.


def span_of(text: str) -> Span:
    return Span(Source("s", text), 0, len(text))


def test_nodes_are_equal_by_value_and_not_by_place_or_spelling() -> None:
    assert expression("1_000") == expression("1000") == expression("\n 1000")
    assert expression("1") != expression("2")
    assert expression("a") != expression('"a"')
    assert hash(expression("f(1)")) == hash(expression("f( 1 )"))
    assert tree.Reference(span_of("a"), "a") == tree.Reference(span_of("b"), "a")


def test_nodes_are_frozen_and_have_no_other_fields() -> None:
    node = expression("a")
    with pytest.raises(AttributeError, match="frozen"):
        node.name = "b"  # type: ignore[misc, union-attr]
    with pytest.raises(AttributeError, match="frozen"):
        del node.span  # type: ignore[misc]
    assert not hasattr(node, "__dict__")


def test_nodes_are_made_by_position_or_by_name_and_completely() -> None:
    span = span_of("a")
    made = tree.Attribute(span, value=tree.Reference(span, name="x"), name="y")
    assert made == expression("x.y")
    assert tree.Spec(span.source, ()).comments == ()
    for wrong in (
        lambda: tree.Reference(span),  # type: ignore[call-arg]
        lambda: tree.Reference(span, "a", "b"),  # type: ignore[call-arg]
        lambda: tree.Reference(span, "a", name="b"),  # type: ignore[misc]
        lambda: tree.Reference(span, label="b"),  # type: ignore[call-arg]
    ):
        with pytest.raises(TypeError, match="Reference takes span, name"):
            wrong()


def test_nodes_match_by_position_and_print_without_places() -> None:
    match expression("x.y"):
        case tree.Attribute(_, tree.Reference(_, name), attribute):
            assert (name, attribute) == ("x", "y")
        case other:
            pytest.fail(repr(other))
    assert repr(expression("x.y")) == "Attribute(value=Reference(name='x'), name='y')"


def test_nodes_survive_copying_and_pickling() -> None:
    spec = read(EVERYTHING)
    assert copy.copy(spec) == copy.deepcopy(spec) == pickle.loads(pickle.dumps(spec)) == spec
