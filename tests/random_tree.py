"""A spec as a small tree: `random_text` writes it for `dlc`, `random_torch` computes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Name:
    """A value, a size, a hyperparameter, a dtype, or a layer as a value."""

    name: str


@dataclass(frozen=True)
class Const:
    """A number, a string, True, False or None."""

    value: int | float | str | bool | None


@dataclass(frozen=True)
class Binary:
    """An operator of two: arithmetic or a comparison."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Unary:
    """`-` or `~` or `not` of something."""

    operator: str
    operand: Expr


@dataclass(frozen=True)
class Items:
    """Several in square or round brackets."""

    items: tuple[Expr, ...]
    is_list: bool = True


@dataclass(frozen=True)
class Apply:
    """A layer, function or block with its arguments, on what flows in.

    `later` are arguments of the call, `arrow` says how it is written.
    """

    name: str
    inputs: tuple[Expr, ...] = ()
    arguments: tuple[Expr, ...] = ()
    keywords: Mapping[str, Expr] = field(default_factory=dict)
    later: Mapping[str, Expr] = field(default_factory=dict)
    arrow: bool = True


@dataclass(frozen=True)
class Repeat:
    """`x -> repeat(n) { a -> b }`; the steps have no input of their own."""

    input: Expr
    count: Expr
    steps: tuple[Apply, ...]


@dataclass(frozen=True)
class Span:
    """A slice."""

    start: Expr | None = None
    stop: Expr | None = None
    step: Expr | None = None


@dataclass(frozen=True)
class Dots:
    """`...` in an index."""


@dataclass(frozen=True)
class Index:
    """`x[0, 1:, None]`."""

    base: Expr
    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Choice:
    """`if c { a } else { b }` as a value."""

    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True)
class SizeOf:
    """`x.shape[1]`."""

    base: Expr
    axis: int


@dataclass(frozen=True)
class Attribute:
    """`x.T`, `x.mT`."""

    base: Expr
    name: str


@dataclass(frozen=True)
class Pop:
    """`skips.pop()`."""

    name: str


Expr: TypeAlias = (
    Name | Const | Binary | Unary | Items | Apply | Repeat | Span | Dots | Index | Choice | SizeOf
    | Attribute | Pop
)  # fmt: skip
Pattern: TypeAlias = "str | tuple[Pattern, ...]"


@dataclass(frozen=True)
class TypeOf:
    """A declared type; `below` makes it a token of so many."""

    dtype: str
    shape: tuple[Expr, ...]
    below: int = 0


@dataclass(frozen=True)
class Bind:
    """`a, (b, c) = …`."""

    pattern: Pattern
    value: Expr


@dataclass(frozen=True)
class Shared:
    """`layer name = a -> b`."""

    name: str
    steps: tuple[Apply, ...]


@dataclass(frozen=True)
class State:
    """A `weight` or a `buffer`."""

    kind: str
    name: str
    type: TypeOf
    value: Expr


@dataclass(frozen=True)
class Output:
    """An output where it is bound, with its type or without."""

    name: str
    type: TypeOf | None
    value: Expr


@dataclass(frozen=True)
class Append:
    """`name.append(x)`."""

    name: str
    value: Expr


@dataclass(frozen=True)
class For:
    """A loop over a list, or over a size."""

    pattern: Pattern
    over: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class If:
    """A choice between statements."""

    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True)
class Require:
    """`require c, "why"`."""

    condition: Expr
    why: str


Statement: TypeAlias = Bind | Shared | State | Output | Append | For | If | Require


@dataclass(frozen=True)
class Input:
    """An input and its type."""

    name: str
    type: TypeOf


@dataclass(frozen=True)
class Parameter:
    """A hyperparameter; `kind` is `int`, `float`, `bool`, `list` or `op`."""

    name: str
    kind: str
    default: Expr | None = None


@dataclass(frozen=True)
class Definition:
    """A block or model with a body; a block of one chain has `chain` and nothing else."""

    kind: str
    name: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[Input, ...] = ()
    body: tuple[Statement, ...] = ()
    chain: tuple[Apply, ...] = ()


@dataclass(frozen=True)
class Spec:
    """Blocks and then the model."""

    definitions: tuple[Definition, ...]

    @property
    def model(self) -> Definition:
        return self.definitions[-1]


def nodes(node: Any) -> Iterator[Any]:
    """The node and all below it, outermost first."""
    if is_dataclass(node):
        yield node
        for each in fields(node):
            yield from nodes(getattr(node, each.name))
    elif isinstance(node, tuple):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, Mapping):
        for item in node.values():
            yield from nodes(item)


def rewritten(node: Any, old: Any, new: Any) -> Any:
    """The tree with one node, found by identity, replaced; a tuple takes several for one."""
    if node is old:
        return new
    if is_dataclass(node) and not isinstance(node, type):
        parts = {each.name: getattr(node, each.name) for each in fields(node)}
        changed = {key: rewritten(part, old, new) for key, part in parts.items()}
        same = all(changed[key] is parts[key] for key in parts)
        return node if same else replace(node, **changed)
    if isinstance(node, tuple):
        items: list[Any] = []
        for item in node:
            found = rewritten(item, old, new)
            spread = item is old and isinstance(new, tuple)
            items.extend(found if spread else (found,))
        same = len(items) == len(node) and all(a is b for a, b in zip(items, node, strict=True))
        return node if same else tuple(items)
    if isinstance(node, Mapping):
        changed = {key: rewritten(item, old, new) for key, item in node.items()}
        return node if all(changed[k] is node[k] for k in node) else changed
    return node
