"""Expressions of models, blocks and losses: names looked up, chains followed."""

from __future__ import annotations

from .. import ir, tree
from ..errors import control as control_errors
from ..errors import names as errors
from ..layers.views import VIEWS
from ..source import Span
from ..tensor import DTYPES
from .application import application, direct, method
from .names import called, too_large
from .scope import NUMBERS, RESERVED, Scope, Word


def expression(node: tree.Expression, scope: Scope) -> ir.Expression:
    """The resolved expression; what is wrong is reported and becomes `Faulty`."""
    match node:
        case tree.Number(value=value):
            if too_large(value):
                scope.report(errors.no_value(node.span, "this number is too large"))
                return ir.Faulty(node.span)
            return ir.Literal(node.span, value)
        case tree.String(value=value) | tree.Constant(value=value):
            return ir.Literal(node.span, value)
        case tree.Reference(name=name):
            return _reference(node, name, scope)
        case tree.ListOf(items=items) | tree.TupleOf(items=items):
            return ir.Several(node.span, tuple(expression(item, scope) for item in items))
        case tree.Unary(operator=operator, operand=operand):
            return ir.Operation(node.span, operator, (expression(operand, scope),))
        case tree.Binary(operator=operator, left=left, right=right):
            operands = expression(left, scope), expression(right, scope)
            return ir.Operation(node.span, operator, operands)
        case tree.Compare(first=first, rest=rest):
            return _compared(node.span, first, rest, scope)
        case tree.Chain(start=start, targets=targets):
            return _chain(start, targets, scope)
        case tree.Call(function=tree.Attribute(value=owner, name=name, span=span)):
            return method(node, owner, name, span, scope)
        case tree.Call():
            return direct(node, scope)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            parts = (expression(each, scope) for each in (condition, then, otherwise))
            return ir.Conditional(node.span, *parts)
        case tree.Index(value=target, items=items):
            found = tuple(_item(each, scope) for each in items)
            return ir.Index(node.span, expression(target, scope), found)
        case tree.Attribute(value=tree.Reference(name=layer), name=name) if layer in scope.layers:
            return ir.Parameter(node.span, layer, name)
        case tree.Attribute(value=value, name="shape"):
            return ir.Sizes(node.span, expression(value, scope))
        case tree.Attribute(value=value, name=name) if name in VIEWS:
            return ir.Apply(node.span, VIEWS[name], {}, (expression(value, scope),))
        case tree.Attribute(value=value, name=name):
            known = scope.is_callable(name)
            scope.report(control_errors.no_attribute(node.span, value.span.text, name, known))
    return ir.Faulty(node.span)


def _compared(
    span: Span,
    first: tree.Expression,
    rest: tuple[tuple[str, tree.Expression], ...],
    scope: Scope,
) -> ir.Expression:
    """`a < b <= c` is `a < b and b <= c`."""
    values = [expression(first, scope), *(expression(each, scope) for _, each in rest)]
    pairs = [
        ir.Operation(span, operator, (values[index], values[index + 1]))
        for index, (operator, _) in enumerate(rest)
    ]
    found = pairs[0]
    for pair in pairs[1:]:
        found = ir.Operation(span, "and", (found, pair))
    return found


def _item(
    node: tree.Expression | tree.Slice | tree.Ellipsis, scope: Scope
) -> ir.Expression | ir.Slice | ir.Dots:
    match node:
        case tree.Slice(start=start, stop=stop, step=step):
            first, last, stride = (
                None if each is None else expression(each, scope) for each in (start, stop, step)
            )
            return ir.Slice(node.span, first, last, stride)
        case tree.Ellipsis():
            return ir.Dots(node.span)
    return expression(node, scope)


def _reference(node: tree.Reference, name: str, scope: Scope) -> ir.Expression:
    if name in scope.values:
        return ir.Local(node.span, name)
    if name in scope.constants:
        value = scope.constants[name]
        if isinstance(value, Word) and value not in DTYPES:
            return ir.Named(node.span, scope.key(value))
        if isinstance(value, tuple):
            return ir.Several(node.span, tuple(ir.Literal(node.span, each) for each in value))
        return ir.Literal(node.span, value)  # type: ignore[arg-type]
    if name in NUMBERS:
        return ir.Literal(node.span, NUMBERS[name])
    if name in RESERVED:
        scope.report(errors.reserved(node.span, name))
    elif name in scope.layers or name in scope.models:
        scope.report(errors.not_applied(node.span, name))
    elif scope.is_callable(name):
        return ir.Named(node.span, scope.key(name))
    elif name in DTYPES:
        return ir.Literal(node.span, name)
    elif name not in scope.failed:
        scope.report(errors.unknown(node.span, name, "a value here", scope.candidates()))
    return ir.Faulty(node.span)


def _chain(
    start: tree.Expression, targets: tuple[tree.Expression | tree.Repeat, ...], scope: Scope
) -> ir.Expression:
    if isinstance(start, tree.TupleOf):
        flowing = tuple(expression(item, scope) for item in start.items)
    else:
        flowing = (expression(start, scope),)
    return flow(flowing, start.span, targets, scope)


def flow(
    flowing: tuple[ir.Expression, ...],
    begin: Span,
    targets: tuple[tree.Expression | tree.Repeat, ...],
    scope: Scope,
) -> ir.Expression:
    """What comes out where `flowing` has passed all targets; one at least."""
    for target in targets:
        flowing = (_target(flowing, begin, target, scope),)
        begin = begin + target.span
    return flowing[0]


def _target(
    flowing: tuple[ir.Expression, ...],
    begin: Span,
    target: tree.Expression | tree.Repeat,
    scope: Scope,
) -> ir.Expression:
    match target:
        case tree.Repeat():
            return _repeat(flowing, target, scope)
        case tree.Conditional(condition=condition, then=then, otherwise=otherwise):
            return _chosen(flowing, target.span, condition, then, otherwise, scope)
        case tree.Binary(left=left):
            start = (begin + left.span).text
            rest = target.span.text[len(left.span.text) :].strip()
            scope.report(errors.operator_after_arrow(target.span, start, rest))
        case tree.Reference() | tree.Call(function=tree.Reference()):
            found = called(target)
            assert found is not None
            arguments = target.arguments if isinstance(target, tree.Call) else ()
            return application(found[0], found[1], arguments, flowing, target.span, scope)
        case tree.Call(function=tree.Call(function=tree.Reference()) as inner, arguments=given):
            found = called(inner)
            assert found is not None
            return application(
                found[0], found[1], inner.arguments, flowing, target.span, scope, given
            )
        case _:
            scope.report(errors.not_callable(target.span, target.span.text))
    return ir.Faulty(target.span)


def targets_of(node: tree.Expression) -> tuple[tree.Expression | tree.Repeat, ...]:
    """A chain that nothing flows into yet, as its targets: `Linear(4) -> relu`."""
    return (node.start, *node.targets) if isinstance(node, tree.Chain) else (node,)


def _repeat(flowing: tuple[ir.Expression, ...], target: tree.Repeat, scope: Scope) -> ir.Expression:
    """`-> repeat(3) { Linear(10) -> relu }`: the body takes what comes and gives the next."""
    head = target.head
    if called(head) is None or called(head)[0] != "repeat":  # type: ignore[index]
        scope.report(control_errors.no_block_form(head.span, head.span.text))
        return ir.Faulty(target.span)
    arguments = head.arguments if isinstance(head, tree.Call) else ()
    if len(arguments) != 1 or arguments[0].name is not None:
        scope.report(control_errors.repeat_count(head.span))
        return ir.Faulty(target.span)
    if len(flowing) != 1:
        scope.report(control_errors.repeat_carries(target.span, len(flowing)))
        return ir.Faulty(target.span)
    count = expression(arguments[0].value, scope)
    scope.turns += 1
    carried = f"repeat {scope.turns}"
    targets = targets_of(target.body)
    first = (ir.Local(target.span, carried),)
    body = flow(first, targets[0].span, targets, scope)
    return ir.Repeat(target.span, count, flowing[0], carried, body)


def _chosen(
    flowing: tuple[ir.Expression, ...],
    span: Span,
    condition: tree.Expression,
    then: tree.Expression,
    otherwise: tree.Expression,
    scope: Scope,
) -> ir.Expression:
    """`-> if norm { BatchNorm2d } else { Identity }`: one of two chains."""
    branches = (
        flow(flowing, targets_of(each)[0].span, targets_of(each), scope)
        for each in (then, otherwise)
    )
    return ir.Conditional(span, expression(condition, scope), *branches)
