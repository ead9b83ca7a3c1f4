"""The tree's expressions and types; `tree` has them all together with the rest."""

from __future__ import annotations

from typing import TypeAlias

from .record import Record, unseen
from .source import Span


class Node(Record):
    """Anything with a place."""

    span: Span = unseen()


class Reference(Node):
    """A name that stands for a value."""

    name: str


class Number(Node):
    """`3`, `1e-3`; `text` is the author's spelling."""

    value: int | float
    text: str = unseen()


class String(Node):
    """A string; `value` has its escapes resolved."""

    value: str


class Constant(Node):
    """`True`, `False` or `None`."""

    value: bool | None


class Ellipsis(Node):
    """`...` in a type or an index."""


class ListOf(Node):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class TupleOf(Node):
    """`(a, b)`."""

    items: tuple[Expression, ...]


class Unary(Node):
    """`-a`, `+a`, `~a` or `not a`."""

    operator: str
    operand: Expression


class Binary(Node):
    """`+ - * / // % @ ** and or`."""

    operator: str
    left: Expression
    right: Expression


class Compare(Node):
    """`a < b <= c`: the first operand, then operators with the operands on their right."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


class Argument(Node):
    """One argument of a call; without a name it is positional."""

    name: str | None
    value: Expression


class Call(Node):
    """`function(arguments)`."""

    function: Expression
    arguments: tuple[Argument, ...]


class Attribute(Node):
    """`value.name`."""

    value: Expression
    name: str


class Slice(Node):
    """`start:stop:step` in an index."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


class Index(Node):
    """`value[items]`."""

    value: Expression
    items: tuple[Expression | Slice | Ellipsis, ...]


class Repeat(Node):
    """`repeat(count) { body }` after an arrow."""

    head: Expression
    body: Expression


class Chain(Node):
    """`start -> target -> target`."""

    start: Expression
    targets: tuple[Expression | Repeat, ...]


class Conditional(Node):
    """`if condition { then } else { otherwise }` as a value."""

    condition: Expression
    then: Expression
    otherwise: Expression


Expression: TypeAlias = (
    Reference
    | Number
    | String
    | Constant
    | ListOf
    | TupleOf
    | Unary
    | Binary
    | Compare
    | Call
    | Attribute
    | Index
    | Chain
    | Conditional
)


class Type(Node):
    """`f32[N, 10]`, `class("cat", "dog")`; without brackets `sizes` is None."""

    name: str
    arguments: tuple[Argument, ...] | None
    sizes: tuple[Expression | Ellipsis, ...] | None
