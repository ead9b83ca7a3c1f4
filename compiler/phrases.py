"""Expressions and types → documents; parentheses only where precedence needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from . import tree
from .layout import SOFT, SPACE, Broken, Document, Fill, Group, Nest
from .remarks import Remarks

ANY, VALUE, SUM, OPERAND, NAMED = 0, 1, 5, 9, 10
BINARY = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "@": 6, "**": 8}
NOT, COMPARE, SIGN, POWER = 3, 4, 7, 8
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

Phrase: TypeAlias = (
    tree.Expression | tree.Repeat | tree.Slice | tree.Ellipsis | tree.Argument | tree.Parameter
)


def quoted(value: str) -> str:
    """A string literal, by Python's escapes; printable text stays as it is."""
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def phrase(node: Phrase, remarks: Remarks, least: int = ANY) -> Document:
    """An expression where only those that bind at least that tightly may stand bare."""
    if _binding(node) < least:
        return Group("(", Nest(SOFT, phrase(node, remarks)), SOFT, ")")
    match node:
        case tree.Reference():
            return node.name
        case tree.Number():
            return node.text
        case tree.String():
            return quoted(node.value)
        case tree.Constant():
            return str(node.value)
        case tree.Ellipsis():
            return "..."
        case tree.ListOf():
            return _list(node, remarks)
        case tree.TupleOf():
            one = "," if len(node.items) == 1 else ""
            start, end = node.span.start, node.span.end
            return sequence("(", node.items, ")", start, end, remarks, flat_end=one)
        case tree.Unary():
            return _unary(node, remarks)
        case tree.Binary(operator="**"):
            left = phrase(node.left, remarks, OPERAND)
            return [left, " ** ", phrase(node.right, remarks, SIGN)]
        case tree.Binary() | tree.Compare():
            return _operators(node, remarks)
        case tree.Argument():
            return _argument(node, remarks)
        case tree.Call():
            function = phrase(node.function, remarks, NAMED)
            start, end = node.function.span.end, node.span.end
            return [function, sequence("(", node.arguments, ")", start, end, remarks)]
        case tree.Attribute():
            # `1.x` would read as the number `1.` and a name.
            number = isinstance(node.value, tree.Number)
            value = phrase(node.value, remarks, NAMED + number)
            return [value, f".{node.name}"]
        case tree.Index():
            value = phrase(node.value, remarks, NAMED)
            start, end = node.value.span.end, node.span.end
            items = sequence("[", node.items, "]", start, end, remarks, least=VALUE, comma=False)
            return [value, items]
        case tree.Slice():
            return _slice(node, remarks)
        case tree.Chain():
            return _chain(node, remarks)
        case tree.Repeat():
            head = phrase(node.head, remarks, VALUE)
            start, end = node.head.span.end, node.span.end
            return [head, " ", Group(_braces(node.body, start, end, remarks))]
        case tree.Conditional():
            return _conditional(node, remarks)
        case tree.Parameter():
            return parameter(node, remarks)


def _binding(node: Phrase) -> int:
    match node:
        case tree.Chain():
            return ANY
        case tree.Binary():
            return BINARY[node.operator]
        case tree.Unary():
            return NOT if node.operator == "not" else SIGN
        case tree.Compare():
            return COMPARE
        case tree.Conditional():
            return OPERAND
    return NAMED


def sequence(
    opening: str,
    items: Sequence[Phrase],
    closing: str,
    start: int,
    end: int,
    remarks: Remarks,
    *,
    least: int = ANY,
    comma: bool = True,
    flat_end: str = "",
) -> Document:
    """Items in brackets: on one line, or one a line with a comma behind the last."""
    marked = remarks.within(start, end)
    if not items and not marked:
        return opening + closing
    inside: list[Document] = []
    for number, item in enumerate(items):
        if number:
            inside.append(",")
        inside += remarks.here(item.span.start) if marked else []
        inside += [SPACE if number else SOFT, phrase(item, remarks, least)]
    if items and (comma or flat_end):
        inside.append(flat_end or Broken(","))
    inside += remarks.here(end) if marked else []
    return Group(opening, Nest(*inside), SOFT, closing)


def _list(node: tree.ListOf, remarks: Remarks) -> Document:
    start, end = node.span.start, node.span.end
    numbers = [text for item in node.items if (text := _number(item))]
    if len(numbers) < max(2, len(node.items)) or remarks.within(start, end):
        return sequence("[", node.items, "]", start, end, remarks)
    return Group("[", Nest(SOFT, Fill(numbers), Broken(",")), SOFT, "]")


def _number(node: tree.Expression) -> str | None:
    match node:
        case tree.Number():
            return node.text
        case tree.Unary(operator="-", operand=tree.Number(text=text)):
            return f"-{text}"
    return None


def _unary(node: tree.Unary, remarks: Remarks) -> Document:
    if node.operator == "not":
        return ["not ", phrase(node.operand, remarks, NOT)]
    return [node.operator, phrase(node.operand, remarks, SIGN)]


def _operators(node: tree.Binary | tree.Compare, remarks: Remarks) -> Document:
    """Operators that bind equally, side by side: too long, each starts a line."""
    if isinstance(node, tree.Compare):
        first, rest, least, right = node.first, list(node.rest), SUM, SUM
    else:
        least = BINARY[node.operator]
        right = least + 1
        rest = []
        first = node
        while isinstance(first, tree.Binary) and BINARY[first.operator] == least:
            rest.insert(0, (first.operator, first.right))
            first = first.left
    marked = remarks.within(node.span.start, node.span.end)
    inside: list[Document] = []
    out: list[Document] = [phrase(first, remarks, least)]
    for operator, operand in rest:
        inside += remarks.here(operand.span.start) if marked else []
        inside += [SPACE, f"{operator} ", phrase(operand, remarks, right)]
    return Group(*out, Nest(*inside))


def _argument(node: tree.Argument, remarks: Remarks) -> Document:
    if node.name is None:
        return phrase(node.value, remarks)
    equals = " = " if isinstance(node.value, tree.Conditional) else "="
    return [node.name + equals, phrase(node.value, remarks)]


def _slice(node: tree.Slice, remarks: Remarks) -> Document:
    parts = (node.start, node.stop, node.step)
    space = " " if any(part and _binding(part) < SIGN for part in parts) else ""
    out: list[Document] = [phrase(node.start, remarks, VALUE)] if node.start else []
    before = space if node.start else ""
    for part in parts[1 : 3 if node.step else 2]:
        out.append(f"{before}:")
        if part:
            out += [space, phrase(part, remarks, VALUE)]
        before = space if part else ""
    return out


def _chain(node: tree.Chain, remarks: Remarks) -> Document:
    marked = remarks.within(node.span.start, node.span.end)
    start = phrase(node.start, remarks, VALUE)
    inside: list[Document] = []
    for target in node.targets:
        inside += remarks.here(target.span.start) if marked else []
        inside += [SPACE, "-> ", phrase(target, remarks, VALUE)]
    if isinstance(node.start, tree.ListOf | tree.TupleOf):
        # A long list breaks by itself, and the arrows follow its closing bracket.
        return [start, Group(Nest(*inside))]
    return Group(start, Nest(*inside))


def _conditional(node: tree.Conditional, remarks: Remarks) -> Document:
    out: list[Document] = []
    here: tree.Expression = node
    start = node.span.start
    while isinstance(here, tree.Conditional):
        out += ["if ", phrase(here.condition, remarks, VALUE), " "]
        start, end = here.condition.span.end, remarks.closing("}", here.then.span.end)
        out += [_braces(here.then, start, end, remarks), " else "]
        start = end
        here = here.otherwise
    return Group(*out, _braces(here, start, node.span.end, remarks))


def _braces(node: tree.Expression, start: int, end: int, remarks: Remarks) -> Document:
    marked = remarks.within(start, end)
    before = remarks.here(node.span.start) if marked else []
    value = phrase(node, remarks)
    after = remarks.here(end) if marked else []
    return ["{", Nest(*before, SPACE, value, *after), SPACE, "}"]


def parameter(node: tree.Parameter, remarks: Remarks) -> Document:
    """One hyperparameter: `out: int = 8`."""
    return [node.name.name, *typed(node.type, remarks), *given(node.default, remarks)]


def typed(type: tree.Type | None, remarks: Remarks) -> list[Document]:
    """`: f32[N, 4]`, or nothing."""
    if type is None:
        return []
    out: list[Document] = [f": {type.name}"]
    start, end = type.span.start, type.span.end
    if type.arguments is not None:
        # The sizes are the last thing; where there are any, the arguments end before the first.
        last = type.sizes[0].span.start if type.sizes else end
        out.append(sequence("(", type.arguments, ")", start, last, remarks))
    if type.sizes is not None:
        sizes = sequence("[", type.sizes, "]", start, end, remarks, least=VALUE, comma=False)
        out.append(sizes)
    return out


def given(value: tree.Expression | None, remarks: Remarks) -> list[Document]:
    """` = value`, or nothing."""
    return [] if value is None else [" = ", phrase(value, remarks)]
