"""Python text: the one function that quotes values, calls, and lines with their notes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import ir
from ..characters import literal, on_one_line
from ..dims import Dim, text
from ..lines import STRING, WIDTH, marked


def quote(value: Any) -> str:
    """A value of the spec as a Python literal; nothing from a spec enters code another way."""
    match value:
        case bool() | None:
            return repr(value)
        case str():
            return literal(value)
        case float():
            return _float(value)
        case int():
            return repr(value)
        case Dim():
            return text(value, times=" * ")
        case tuple() | list():
            inner = ", ".join(map(quote, value))
            comma = "," if len(value) == 1 else ""
            return f"({inner}{comma})"
        case range():
            bounds = (
                [value.stop] if value.start == 0 and value.step == 1 else [value.start, value.stop]
            )
            bounds += [value.step] if value.step != 1 else []
            return f"range({', '.join(map(str, bounds))})"
        case ir.Open(text=code):
            return code[1:-1] if _is_in_brackets(code) else code
    raise AssertionError(value)


def _is_in_brackets(code: str) -> bool:
    """Whether the first bracket of all closes with the last: `(a) / (b)` is not in brackets."""
    depth = 0
    for place, each in enumerate(code):
        depth += (each == "(") - (each == ")")
        if depth == 0:
            return code.startswith("(") and place == len(code) - 1
    return False


def _float(value: float) -> str:
    """A float; the inverse of a whole number is written as such."""
    if value != value or abs(value) == float("inf"):
        return f'float("{value}")'
    short = re.sub(r"e([+-])0+", r"e\1", repr(value)).replace("e+", "e")
    if 0 < value < 0.5 and len(short) > 8 and 1 / round(1 / value) == value:
        return f"1 / {round(1 / value)}"
    return short


def comment(value: str) -> str:
    """Text of the spec inside a comment or docstring: one line, nothing that ends either."""
    return on_one_line(value)


@dataclass(frozen=True, slots=True)
class Line:
    """One statement; `note` becomes its comment, `level` says how many loops it stands in.

    `place` says where in the spec it comes from, for errors at run time: `mnist.dl:21: relu`;
    `mark` is a place for the comment, beside the code where tracebacks show it.
    """

    code: str
    note: str = ""
    level: int = 0
    place: str = ""
    mark: str = ""

    def at(self, indent: int) -> str:
        """The statement at an indentation; a comment that does not fit stands above."""
        return marked(self._at(indent), self.place)

    def _at(self, indent: int) -> str:
        pad = " " * (indent + 4 * self.level)
        code = "\n".join(pad + part if part else part for part in self.code.split("\n"))
        for above, beside in (
            ("", "  ".join(filter(None, (self.note, self.mark)))),
            (self.note, self.mark),
            ("", self.note),
        ):
            whole = f"{code}  # {beside}" if beside else code
            if not beside or ("\n" not in code and len(whole) <= WIDTH):
                return f"{pad}# {above}\n{whole}" if above else whole
        return f"{pad}# {self.note}\n{code}" if self.note else code


def call(
    function: str,
    positional: Sequence[str] = (),
    named: Mapping[str, str] | None = None,
    before: str = "",
    after: str = "",
) -> str:
    """`before function(arguments) after` on one line; `lines.fitted` breaks it if need be."""
    parts = [*positional, *(f"{name}={value}" for name, value in (named or {}).items())]
    return f"{before}{function}({', '.join(parts)}){after}"


def named(code: str) -> list[str]:
    """The names in an expression, as often as they stand there."""
    tree = ast.walk(ast.parse(code, mode="eval"))
    return [node.id for node in tree if isinstance(node, ast.Name)]


def exchanged(word: str, by: str, code: str) -> str:
    """Code with an expression for a name, but not in strings, attributes and keywords."""
    found = re.compile(rf"{STRING.pattern}|(?<![.\w]){word}(?!\w|=[^=])")
    return found.sub(lambda match: by if match[0] == word else match[0], code)
