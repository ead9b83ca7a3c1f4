"""The statements of a body, in order; loops and branches are resolved where they stand."""

from __future__ import annotations

from typing import Any

from .. import ir, tree
from ..errors import control as control_errors
from ..errors import names as errors
from ..layers.initial import INITIALIZERS
from ..source import Span
from ..tree import Body
from .application import declared
from .expressions import expression, flow, targets_of
from .initial import initializer
from .names import called
from .scope import RESERVED, Scope
from .types import type_spec

WORDS = ("state", "weight", "buffer")


def statements(body: Body, scope: Scope) -> tuple[ir.Statement, ...]:
    """The statements of a branch or a loop, resolved; inputs and outputs stand outside of these."""
    found = (statement(each, scope) for each in body.statements)
    return tuple(each for each in found if each is not None)


def statement(node: tree.Statement, scope: Scope) -> ir.Statement | None:
    """One statement; None where there is nothing to do after a report."""
    match node:
        case tree.Bind(target=tree.Name() as name, value=right):
            resolved = expression(right, scope)
            declare(name, scope, again=True)
            return ir.Bind(name.span, name.name, resolved)
        case tree.Bind(target=tree.Pattern() as target, value=right):
            resolved = expression(right, scope)
            return ir.Unpack(target.span, pattern(target, scope), resolved)
        case tree.Layer(name=name, value=right):
            return _layer(name, right, scope)
        case tree.Require(condition=condition, message=message):
            text = message.value if message else f"`{condition.span.text}` must hold"
            return ir.Require(node.span, expression(condition, scope), text)
        case tree.Weight(name=name, type=written, value=right):
            return _state("weight", name, written, right, scope)
        case tree.Buffer(name=name, type=written, value=right):
            return _state("buffer", name, written, right, scope)
        case tree.Method():
            return _method(node, scope)
        case tree.If(condition=condition, then=then, otherwise=otherwise):
            decided = expression(condition, scope)
            first = statements(then, scope)
            return ir.If(node.span, decided, first, _otherwise(otherwise, scope))
        case tree.For(target=target, iterable=iterable, body=body):
            over = expression(iterable, scope)
            names: ir.Local | tuple[Any, ...]
            if isinstance(target, tree.Name):
                declare(target, scope, again=True)
                names = ir.Local(target.span, target.name)
            else:
                names = pattern(target, scope)
            return ir.For(node.span, names, over, statements(body, scope))
        case tree.Input(name=name) | tree.Output(name=name):
            what = "input" if isinstance(node, tree.Input) else "output"
            scope.report(control_errors.port_inside(node.span, what, name.name))
            scope.values.setdefault(name.name, name.span)
            scope.misplaced.add(what)
            if isinstance(node, tree.Output) and node.value is not None:
                return ir.Bind(name.span, name.name, expression(node.value, scope))
    return None


def _otherwise(node: tree.Body | tree.If | None, scope: Scope) -> tuple[ir.Statement, ...]:
    if isinstance(node, tree.If):
        inner = statement(node, scope)
        return () if inner is None else (inner,)
    return () if node is None else statements(node, scope)


def _method(node: tree.Method, scope: Scope) -> ir.Statement | None:
    name, method = node.target, node.method
    if name.name not in scope.values:
        what = "a list here"
        scope.report(errors.unknown(name.span, name.name, what, scope.candidates()))
        return None
    # What a list with a fault holds is not known.
    unknown = ir.Bind(name.span, name.name, ir.Faulty(node.span))
    if method.name != "append":
        given = ", ".join(each.span.text for each in node.arguments)
        scope.report(control_errors.method_unknown(method.span, name.name, method.name, given))
        return unknown
    if len(node.arguments) != 1 or node.arguments[0].name is not None:
        scope.report(control_errors.append_one(node.span, name.name))
        return unknown
    return ir.Append(node.span, name.name, expression(node.arguments[0].value, scope))


def _state(
    kind: str, name: tree.Name, written: tree.Type, right: tree.Expression, scope: Scope
) -> ir.Statement | None:
    """`weight` and `buffer`: the right side of a weight may be an initializer of torch."""
    spec = type_spec(written, scope)
    found = called(right)
    value: ir.Expression | ir.Initializer | None
    if kind == "weight" and found is not None and found[0] in INITIALIZERS:
        value = initializer(right, scope)
    else:
        value = expression(right, scope)
    declare(name, scope)
    if spec is None or value is None:
        return None
    return ir.State(name.span, kind, name.name, spec, value)


def _layer(name: tree.Name, value: tree.Expression, scope: Scope) -> ir.Statement | None:
    """`layer proj = Linear(64)`; several layers become a block of their own."""
    if name.name in RESERVED:
        scope.report(errors.reserved(name.span, name.name))
    match value:
        case tree.Chain():
            found = _chain(name, value, scope)
        case _:
            found = declared(value, scope)
    scope.layers[name.name] = name.span
    if isinstance(found, ir.Apply | ir.Use | ir.Call):
        return ir.Declare(name.span, name.name, found)
    return None


def _chain(name: tree.Name, value: tree.Chain, scope: Scope) -> ir.Expression:
    """A block without a name of its own; what it reads of its surroundings are hyperparameters."""
    span = name.span
    targets = targets_of(value)
    inner = Scope(
        scope.report,
        scope.blocks,
        scope.constants,
        scope.functions,
        scope.computed,
        {**scope.values, "x": span},
        chains=scope.chains,
        keys=scope.keys,
        known=scope.known,
        owner=scope.owner,
    )
    resolved = flow((ir.Local(span, "x"),), targets[0].span, targets, inner)
    captured = sorted({each.name for each in _locals(resolved)} - {"x"})
    title = "".join(part.capitalize() for part in name.name.split("_"))
    block = title
    taken = {*scope.blocks, *scope.chains, *scope.functions, *scope.known}
    while block in taken:
        block = f"{scope.owner}{title}" if block == title else f"{block}_"
    kinds = tuple(ir.Hyperparameter(span, each, "value", None) for each in captured)
    port, output = ir.Port(span, "x", None), ir.Port(span, "y", None)
    body = (ir.Bind(value.span, "y", resolved),)
    scope.chains[block] = ir.Definition(
        span, block, False, kinds, (port,), (output,), body, {}, chained=True
    )
    arguments = {each: ir.Local(span, each) for each in captured}
    return ir.Use(value.span, block, arguments, ())


def _locals(node: Any) -> list[ir.Local]:
    """The names that an expression reads, but for what its own `repeat` blocks carry."""
    found: list[ir.Local] = []
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ir.Local) and " " not in each.name:
            found.append(each)
        elif isinstance(each, tuple):
            pending += each
        elif isinstance(each, dict):
            pending += each.values()
        elif isinstance(each, ir.Node):
            pending += [getattr(each, field) for field in type(each)._fields if field != "span"]
    return found


def pattern(target: tree.Pattern, scope: Scope) -> tuple[Any, ...]:
    """The names of a pattern in nested tuples, declared; `_` drops a result."""
    found: list[Any] = []
    seen: dict[str, Span] = {}
    for part in target.parts:
        if isinstance(part, tree.Pattern):
            found.append(pattern(part, scope))
            continue
        if part.name in seen:
            scope.report(errors.defined_twice(part.span, part.name, seen[part.name]))
        if part.name != "_":
            declare(part, scope, again=True)
            seen[part.name] = part.span
        found.append(ir.Local(part.span, part.name))
    return tuple(found)


def declare(name: tree.Name, scope: Scope, again: bool = False) -> None:
    """Give a name a meaning in this body; a second one is a fault unless it is bound `again`."""
    if name.name in RESERVED or name.name == "repeat":
        scope.report(errors.reserved(name.span, name.name))
    elif name.name in scope.values and not again:
        scope.report(errors.defined_twice(name.span, name.name, scope.values[name.name]))
    scope.values[name.name] = name.span
