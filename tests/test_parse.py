"""Text becomes exactly this tree, at exactly these places."""

from __future__ import annotations

import ast

import pytest
from dlc.compiler import tree
from hypothesis import given, settings
from reading import EVERYTHING, expression, nodes, read
from spec_strategies import specs


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
