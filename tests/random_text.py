"""A tree as the language writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from random_tree import (
    Append,
    Apply,
    Attribute,
    Binary,
    Bind,
    Choice,
    Const,
    Dots,
    Expr,
    For,
    If,
    Index,
    Items,
    Name,
    Output,
    Pattern,
    Pop,
    Repeat,
    Require,
    Shared,
    SizeOf,
    Span,
    Spec,
    State,
    Statement,
    TypeOf,
    Unary,
)


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
