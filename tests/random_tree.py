"""A spec as a small tree of our own: written as text for `dlc`, computed by `random_torch`."""

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


def text(node: Any) -> str:
    """A node as the language writes it."""
    match node:
        case Name(name):
            return name
        case Const(str() as value):
            return f'"{value}"'
        case Const(value):
            return repr(value)
        case Binary(operator, left, right):
            return f"{tight(left)} {operator} {tight(right)}"
        case Unary(operator, operand):
            return f"{operator}{' ' if operator == 'not' else ''}{tight(operand)}"
        case Items(items, is_list):
            inner = ", ".join(map(text, items))
            return f"[{inner}]" if is_list else f"({inner}{',' * (len(items) == 1)})"
        case Apply():
            return applied(node)
        case Repeat(inner, count, steps):
            return f"{text(inner)} -> repeat({text(count)}) {{ {chained(steps)} }}"
        case Span(start, stop, step):
            ends = [text(each) if each is not None else "" for each in (start, stop)]
            return ":".join(ends) + (f":{text(step)}" if step is not None else "")
        case Dots():
            return "..."
        case Index(base, items):
            return f"{tight(base)}[{', '.join(map(text, items))}]"
        case Choice(condition, then, otherwise):
            return f"if {text(condition)} {{ {text(then)} }} else {{ {text(otherwise)} }}"
        case SizeOf(base, axis):
            return f"{tight(base)}.shape[{axis}]"
        case Attribute(base, name):
            return f"{tight(base)}.{name}"
        case Pop(name):
            return f"{name}.pop()"
        case TypeOf(dtype, shape, below):
            base = f"token({below})" if below else dtype
            return base + (f"[{', '.join(map(text, shape))}]" if shape else "")
    raise AssertionError(node)


def tight(node: Expr) -> str:
    """An operand, in brackets where it needs them."""
    bare = isinstance(node, Name | Index | SizeOf | Attribute | Items | Pop)
    bare |= isinstance(node, Apply) and not node.arrow
    bare |= isinstance(node, Const) and not str(node.value).startswith("-")
    return text(node) if bare else f"({text(node)})"


def chained(steps: tuple[Apply, ...]) -> str:
    return " -> ".join(text(step) for step in steps)


def bracketed(arguments: tuple[Expr, ...], keywords: Mapping[str, Expr]) -> str:
    return ", ".join([*map(text, arguments), *(f"{k}={text(v)}" for k, v in keywords.items())])


def applied(node: Apply) -> str:
    """`x -> f(a)`, `(x, y) -> f(a)`, `f(x, a)`, `Layer(a)(x)`, or `f(a)` where nothing flows in."""
    inner = bracketed(node.arguments, node.keywords)
    call = f"{node.name}({inner})" if inner or node.name[0].isupper() else node.name
    if node.name == "einsum":
        return f"einsum({', '.join(map(text, (*node.arguments, *node.inputs)))})"
    if not node.inputs:
        return call if not node.later else f"{call}({bracketed((), node.later)})"
    if node.arrow and not node.later:
        several = len(node.inputs) > 1
        into = f"({', '.join(map(text, node.inputs))})" if several else text(node.inputs[0])
        return f"{into} -> {call}"
    if node.name[0].isupper():
        return f"{node.name}({inner})({bracketed(node.inputs, node.later)})"
    return f"{node.name}({bracketed((*node.inputs, *node.arguments), node.keywords)})"


def pattern(names: Pattern) -> str:
    if isinstance(names, str):
        return names
    return ", ".join(each if isinstance(each, str) else f"({pattern(each)})" for each in names)


def lines(statement: Statement, indent: str = "  ") -> Iterator[str]:
    """The lines of a statement."""
    match statement:
        case Bind(names, value):
            yield f"{indent}{pattern(names)} = {text(value)}"
        case Shared(name, steps):
            yield f"{indent}layer {name} = {chained(steps)}"
        case State(kind, name, type, value):
            yield f"{indent}{kind} {name}: {text(type)} = {text(value)}"
        case Output(name, type, value):
            stated = f": {text(type)}" if type else ""
            yield f"{indent}output {name}{stated} = {text(value)}"
        case Append(name, value):
            yield f"{indent}{name}.append({text(value)})"
        case For(names, over, body):
            yield f"{indent}for {pattern(names)} in {text(over)} {{"
            yield from (line for each in body for line in lines(each, indent + "  "))
            yield f"{indent}}}"
        case If(condition, then, otherwise):
            yield f"{indent}if {text(condition)} {{"
            yield from (line for each in then for line in lines(each, indent + "  "))
            if otherwise:
                yield f"{indent}}} else {{"
                yield from (line for each in otherwise for line in lines(each, indent + "  "))
            yield f"{indent}}}"
        case Require(condition, why):
            yield f'{indent}require {text(condition)}, "{why}"'


def written(spec: Spec) -> str:
    """The whole text."""
    out: list[str] = []
    for each in spec.definitions:
        given = [
            f"{p.name}: {p.kind}" + (f" = {text(p.default)}" if p.default is not None else "")
            for p in each.parameters
        ]
        head = f"{each.kind} {each.name}" + (f"({', '.join(given)})" if given else "")
        if each.chain:
            out += [f"{head} = {chained(each.chain)}", ""]
            continue
        inputs = [f"  input {one.name}: {text(one.type)}" for one in each.inputs]
        body = [line for statement in each.body for line in lines(statement)]
        out += [f"{head} {{", *inputs, *body, "}", ""]
    return "\n".join(out)


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
