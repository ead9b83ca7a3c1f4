"""What each rule of the grammar becomes in the tree; `parse` calls these bottom-up."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import tree
from .source import Span

Children = list[Any]

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
ESCAPES |= {"\\": "\\", '"': '"', "'": "'"}
ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|N\{([^}]*)\}|(.))",
    re.DOTALL,
)


def unescaped(text: str) -> str:
    """The value of a string literal's inside, by Python's rules; what is no escape stays."""
    return ESCAPE.sub(_character, text) if "\\" in text else text


def wrong_escape(literal: str) -> tuple[int, int] | None:
    """Where a string literal has an escape that Python refuses."""
    if "\\" in literal:
        for match in ESCAPE.finditer(literal):
            if match.group()[1] in "xuUN" and _character(match) == match.group():
                return match.span()
    return None


def _character(match: re.Match[str]) -> str:
    two, four, eight, octal, name, other = match.groups()
    if code := two or four or eight:
        point = int(code, 16)
        return chr(point) if point <= 0x10FFFF else match.group()
    if octal:
        return chr(int(octal, 8))
    if other:
        return ESCAPES.get(other, match.group())
    from unicodedata import lookup

    try:
        return lookup(name)
    except KeyError:
        return match.group()


def _number(span: Span, c: Children) -> tree.Number:
    text = c[0].text
    plain = text.replace("_", "")
    whole = plain.isdigit()
    # Python refuses to read integers of more than 4,300 digits; as a float they become infinite.
    value = int(plain) if whole and len(plain) <= 4000 else float(plain)
    return tree.Number(span, value, text)


def _string(span: Span, c: Children) -> tree.String:
    return tree.String(span, unescaped(c[0].text[1:-1]))


def _compare_op(span: Span, c: Children) -> str:
    return " ".join(token.text for token in c)


def _compare(span: Span, c: Children) -> tree.Compare:
    return tree.Compare(span, c[0], tuple(zip(c[1::2], c[2::2], strict=True)))


def _binary(span: Span, c: Children) -> tree.Binary:
    operator = c[1] if isinstance(c[1], str) else c[1].text
    return tree.Binary(span, operator, c[0], c[2])


def _conditional(span: Span, c: Children) -> tree.Conditional:
    return tree.Conditional(span, c[0], c[1], c[2])


def _pattern(span: Span, c: Children) -> tree.Name | tree.Pattern:
    return c[0] if len(c) == 1 else tree.Pattern(span, tuple(c))


def _present(items: Children) -> Children:
    return [item for item in items if item is not None]


def _string_of(token: Any, span: Span) -> tree.String | None:
    if token is None:
        return None
    return tree.String(Span(span.source, token.start, token.end), unescaped(token.text[1:-1]))


def _import(span: Span, c: Children) -> tree.Import:
    path = _string_of(c[0], span)
    assert path is not None
    return tree.Import(span, path, tuple(c[1:]))


def _require(span: Span, c: Children) -> tree.Require:
    return tree.Require(span, c[0], _string_of(c[1], span))


def _step(span: Span, c: Children) -> tree.Step:
    return tree.Step(span, c[0], tuple(_present(c[1:-2])), c[-2], c[-1])


BUILDERS: dict[str, Callable[[Span, Children], Any]] = {
    "spec": lambda span, c: c,
    "import_from": _import,
    "param": lambda span, c: tree.Param(span, c[0], c[1]),
    "function": lambda span, c: tree.Function(span, c[0], c[1] or (), c[2]),
    "data": lambda span, c: tree.Data(span, c[0], c[1], tuple(c[2:])),
    "block": lambda span, c: tree.Block(span, c[0], c[1] or (), c[2]),
    "block_chain": lambda span, c: tree.Block(span, c[0], c[1] or (), c[2]),
    "model": lambda span, c: tree.Model(span, c[0], c[1] or (), c[2]),
    "extern": lambda span, c: tree.Extern(span, c[0], c[1] or (), c[2], c[3]),
    "train": lambda span, c: tree.Train(
        span,
        tuple(use for use in c if isinstance(use, tree.ModelUse)),
        next(part for part in c if isinstance(part, tree.Name)),
        tuple(part for part in c if not isinstance(part, tree.ModelUse | tree.Name)),
    ),
    "named_model": lambda span, c: tree.ModelUse(span, c[0], c[1]),
    "unnamed_model": lambda span, c: tree.ModelUse(span, None, c[0]),
    "predict": lambda span, c: tree.Predict(span, c[0], c[1]),
    "expect": lambda span, c: tree.Expect(span, tuple(c)),
    "expect_compare": lambda span, c: tree.Comparison(span, c[0], c[1], c[2]),
    "expect_within": lambda span, c: tree.Within(span, c[0], c[1], c[2]),
    "sweep": lambda span, c: tree.Sweep(span, tuple(c)),
    "search": lambda span, c: tree.Search(span, c[0], c[1]),
    "maximize": lambda span, c: tree.Goal(span, "maximize", c[0]),
    "minimize": lambda span, c: tree.Goal(span, "minimize", c[0]),
    "parameters": lambda span, c: tuple(_present(c)),
    "parameter": lambda span, c: tree.Parameter(span, c[0], c[1], c[2]),
    "type": lambda span, c: tree.Type(
        span,
        c[0].name,
        _type_arguments(span, c),
        tuple(c[2:]) if c[2] is not None else None,
    ),
    "field": lambda span, c: tree.Field(span, c[0], c[1], c[2]),
    "option": lambda span, c: tree.Option(span, c[0], c[1]),
    "step": _step,
    "copy": lambda span, c: tree.Copy(span, c[1], c[3], c[4].text, c[5]),
    "body": lambda span, c: tree.Body(span, tuple(c)),
    "input": lambda span, c: tree.Input(span, c[0], c[1], c[2]),
    "output": lambda span, c: tree.Output(span, c[0], c[1], c[2]),
    "layer": lambda span, c: tree.Layer(span, c[0], c[1]),
    "weight": lambda span, c: tree.Weight(span, c[0], c[1], c[2]),
    "buffer": lambda span, c: tree.Buffer(span, c[0], c[1], c[2]),
    "require": _require,
    "for_loop": lambda span, c: tree.For(span, c[0], c[1], c[2]),
    "if_statement": lambda span, c: tree.If(span, c[0], c[1], c[2]),
    "bind": lambda span, c: tree.Bind(span, c[0], c[1]),
    "method": lambda span, c: tree.Method(span, c[0], c[1], c[2] or ()),
    "pattern": _pattern,
    "inner_pattern": lambda span, c: tree.Pattern(span, tuple(c)),
    "chain": lambda span, c: tree.Chain(span, c[0], tuple(c[1:])),
    "repeat_block": lambda span, c: tree.Repeat(span, c[0], c[1]),
    "either": lambda span, c: tree.Binary(span, "or", c[0], c[1]),
    "both": lambda span, c: tree.Binary(span, "and", c[0], c[1]),
    "negate": lambda span, c: tree.Unary(span, "not", c[0]),
    "compare": _compare,
    "compare_op": _compare_op,
    "binary": _binary,
    "unary": lambda span, c: tree.Unary(span, c[0], c[1]),
    "sign": lambda span, c: c[0].text,
    "power_op": lambda span, c: c[0].text,
    "conditional": _conditional,
    "reference": lambda span, c: tree.Reference(span, c[0].name),
    "attribute": lambda span, c: tree.Attribute(span, c[0], c[1].name),
    "call": lambda span, c: tree.Call(span, c[0], c[1] or ()),
    "index": lambda span, c: tree.Index(span, c[0], tuple(c[1:])),
    "number": _number,
    "string": _string,
    "tuple": lambda span, c: tree.TupleOf(span, tuple(_present(c))),
    "list": lambda span, c: tree.ListOf(span, tuple(_present(c))),
    "constant": lambda span, c: tree.Constant(
        span, {"True": True, "False": False, "None": None}[c[0].text]
    ),
    "ellipsis": lambda span, c: tree.Ellipsis(span),
    "arguments": lambda span, c: tuple(_present(c)),
    "positional": lambda span, c: tree.Argument(span, None, c[0]),
    "keyword": lambda span, c: tree.Argument(span, c[0].name, c[1]),
    "slice": lambda span, c: tree.Slice(span, c[0], c[1], c[2] and c[2][0]),
    "slice_step": lambda span, c: (c[0],),
    "name": lambda span, c: tree.Name(span, c[0].text),
    "reserved_name": lambda span, c: tree.Name(span, c[0].text),
    "any_name": lambda span, c: c[0] if isinstance(c[0], tree.Name) else tree.Name(span, c[0].text),
}


def _type_arguments(span: Span, c: Children) -> tuple[tree.Argument, ...] | None:
    """`class()` differs from `class`: the brackets stand right behind the name."""
    if c[1] is not None:
        return tuple(c[1])
    return () if span.text[len(c[0].name) :].lstrip().startswith("(") else None
