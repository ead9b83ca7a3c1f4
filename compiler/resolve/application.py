"""Calls: a layer, function, block, declared layer or value applied to what flows in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir, tree
from ..compiletime import BUILTINS
from ..errors import control as control_errors
from ..errors import names as errors
from ..layers.record import Layer, nothing
from ..signature import bind, placed
from ..source import Span
from .names import called, input_names, signature
from .scope import Scope

Arguments = tuple[tree.Argument, ...]


def application(
    name: str,
    name_span: Span,
    arguments: Arguments,
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
    later: Arguments = (),
) -> ir.Expression:
    """A layer, function, block or named layer, applied; `later` are arguments of its call."""
    name = scope.meant(name)
    if name in scope.layers:
        return ir.Shared(span, name, flowing, _given((*arguments, *later), scope))
    if name in scope.models:
        return _trained(name, arguments, flowing, span, scope)
    if name in scope.values:
        callee = ir.Local(name_span, name)
        return ir.Call(span, callee, flowing, _given((*arguments, *later), scope))
    if name in scope.computed or (name in BUILTINS and not _of_tensors(name, arguments, scope)):
        given = _given(arguments, scope)
        return ir.Call(span, ir.Named(name_span, scope.key(name)), flowing, given)
    if name in scope.blocks:
        return _block(scope.blocks[name], arguments, flowing, span, scope)
    record = scope.functions.get(name)
    if name in scope.failed:
        return ir.Faulty(span)
    if record is None:
        what = "a layer, function or block"
        scope.report(errors.unknown(name_span, name, what, scope.callables()))
        return ir.Faulty(span)
    return _record(record, arguments, flowing, span, scope, later)


def _of_tensors(name: str, arguments: Arguments, scope: Scope) -> bool:
    """Whether `sum`, `max` and so on can only be torch's: they have keywords of theirs."""
    return name in scope.functions and any(each.name for each in arguments)


def _given(arguments: Arguments, scope: Scope) -> tuple[ir.Given, ...]:
    from .expressions import expression

    return tuple(ir.Given(a.span, a.name, expression(a.value, scope)) for a in arguments)


def _record(
    record: Layer,
    arguments: Arguments,
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
    later: Arguments = (),
) -> ir.Expression:
    from .expressions import expression

    init, arguments = _init(record, arguments, scope)
    flowing, filled = _filled(record, flowing)
    if record.is_layer:
        inputs = placed(record, later, len(flowing))
    else:
        inputs = placed(record, (*arguments, *later), len(flowing))
    if inputs is None:
        if not flowing and not later and record.is_layer:
            scope.report(errors.not_applied(span, record.name, span.text.endswith("()")))
        else:
            scope.report(errors.wrong_inputs(span, record.name, record.inputs, len(flowing)))
        return ir.Faulty(span)
    entering, rest = inputs
    left = tuple(each for each in record.parameters if each.name not in filled)
    parts = [(left, arguments, tuple(record.infers), record.example)]
    if record.is_layer:
        parts.append((record.called_with, rest, (), ""))  # type: ignore[arg-type]
    else:
        parts = [(left, rest, tuple(record.infers), record.example)]  # type: ignore[list-item]
    values: dict[str, ir.Expression] = {**filled}
    for parameters, given, also, example in parts:
        bound = bind(record.name, parameters, given, span, scope.report, example, also)
        if bound is None:
            return ir.Faulty(span)
        values |= _resolved(bound, span, scope)
    tensors = (*flowing, *(expression(each, scope) for each in entering))
    return ir.Apply(span, record, values, tensors, init=init)


def _filled(
    record: Layer, flowing: tuple[ir.Expression, ...]
) -> tuple[tuple[ir.Expression, ...], dict[str, ir.Expression]]:
    """What flows into a function beyond its inputs are its first arguments: `(x, y) -> lt`."""
    taken = len(record.inputs) + len(record.optional)
    first = record.parameters[: max(0, len(flowing) - taken)]
    tensors = all(each.kind.rstrip("?") in ("tensor", "operand") for each in first)
    if record.is_layer or record.variadic or record.listed or not tensors:
        return flowing, {}
    if len(first) < len(flowing) - taken:
        return flowing, {}
    return flowing[:taken], {e.name: f for e, f in zip(first, flowing[taken:], strict=True)}


def _init(
    record: Layer, arguments: Arguments, scope: Scope
) -> tuple[ir.Initializer | None, Arguments]:
    """How the weights are set, and the other arguments."""
    from .initial import initializer

    given = [each for each in arguments if each.name == "init"]
    own = any(each.name == "init" for each in record.parameters)
    if not given or own or record.weights is nothing:
        return None, arguments
    rest = tuple(each for each in arguments if each is not given[0])
    return initializer(given[0].value, scope), rest


def _resolved(bound: Mapping[str, Any], span: Span, scope: Scope) -> dict[str, ir.Expression]:
    from .expressions import expression

    return {
        name: ir.Several(span, tuple(expression(item, scope) for item in node))
        if isinstance(node, tuple)
        else expression(node, scope)
        for name, node in bound.items()
    }


def _trained(
    name: str,
    arguments: Arguments,
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
) -> ir.Expression:
    """A model that is being trained, called by its name: `D(fake)`."""
    if arguments:
        extra = arguments[0].span
        scope.report(errors.too_many_arguments(extra, name, 0, len(arguments)))
        return ir.Faulty(span)
    definition, hyperparameters = scope.models[name]
    wanted = input_names(scope.blocks[definition])
    if len(flowing) != len(wanted):
        scope.report(errors.wrong_inputs(span, name, wanted, len(flowing)))
        return ir.Faulty(span)
    return ir.Use(span, definition, hyperparameters, flowing, shared=name)


def _block(
    block: tree.Block | tree.Model | tree.Extern,
    arguments: Arguments,
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
) -> ir.Expression:
    name = block.name.name
    bound = bind(name, signature(block), arguments, span, scope.report)
    if bound is None:
        return ir.Faulty(span)
    wanted = input_names(block)
    needed = input_names(block, with_default=False)
    if not len(needed) <= len(flowing) <= len(wanted):
        scope.report(errors.wrong_inputs(span, name, wanted, len(flowing)))
        return ir.Faulty(span)
    return ir.Use(span, scope.key(name), _resolved(bound, span, scope), flowing)


def direct(node: tree.Call, scope: Scope) -> ir.Expression:
    """`f(x, a)`, `Linear(10)(x)`, `critic(x)`, `G(z)`."""
    from .expressions import expression

    match node.function:
        case tree.Call(function=tree.Reference()) as inner:
            found = called(inner)
            assert found is not None
            name, span = found
            record = scope.functions.get(name)
            if name not in scope.values and name not in scope.blocks and record is not None:
                return application(
                    name, span, inner.arguments, (), node.span, scope, node.arguments
                )
            flowing = tuple(expression(each.value, scope) for each in node.arguments)
            return application(name, span, inner.arguments, flowing, node.span, scope)
        case tree.Reference(name=name, span=span):
            record = scope.functions.get(name)
            if name in scope.models:
                flowing = tuple(expression(each.value, scope) for each in node.arguments)
                return application(name, span, (), flowing, node.span, scope)
            if name in scope.blocks or (record is not None and record.is_layer):
                hidden = name in scope.values or name in scope.layers
                if not hidden:
                    return _unapplied(node, name, scope)
            return application(name, span, node.arguments, (), node.span, scope)
    scope.report(errors.not_callable(node.function.span, node.function.span.text))
    return ir.Faulty(node.span)


def _unapplied(node: tree.Call, name: str, scope: Scope) -> ir.Expression:
    """`Linear(10)` where a value is wanted."""
    scope.report(errors.not_applied(node.span, name, not node.arguments))
    return ir.Faulty(node.span)


def method(
    node: tree.Call, owner: tree.Expression, name: str, span: Span, scope: Scope
) -> ir.Expression:
    """`skips.pop()`; of a tensor's methods it is said how they are written here."""
    from .expressions import expression

    if name == "pop" and isinstance(owner, tree.Reference):
        index = node.arguments[0].value if node.arguments else None
        if owner.name not in scope.values:
            what = "a value here"
            scope.report(errors.unknown(owner.span, owner.name, what, scope.candidates()))
            return ir.Faulty(node.span)
        place = None if index is None else expression(index, scope)
        return ir.Pop(node.span, owner.name, place)
    arguments = ", ".join(each.span.text for each in node.arguments)
    if owner.span.text.split(".")[0] in ("nn", "F", "torch", "tf") and not _is_value(owner, scope):
        scope.report(errors.not_callable(node.span, node.span.text))
        return ir.Faulty(node.span)
    scope.report(
        control_errors.no_method(
            node.span, owner.span.text, name, arguments, scope.is_callable(name)
        )
    )
    return ir.Faulty(node.span)


def _is_value(node: tree.Expression, scope: Scope) -> bool:
    return isinstance(node, tree.Reference) and node.name in scope.values


def declared(node: tree.Expression, scope: Scope) -> ir.Expression:
    """What a `layer` statement declares: one layer or block that nothing flows into yet."""
    found = called(node)
    if found is None:
        scope.report(errors.not_callable(node.span, node.span.text))
        return ir.Faulty(node.span)
    name, span = found
    arguments = node.arguments if isinstance(node, tree.Call) else ()
    if name in scope.values:
        return ir.Call(node.span, ir.Local(span, name), (), _given(arguments, scope))
    if name in scope.blocks:
        block = scope.blocks[name]
        bound = bind(name, signature(block), arguments, node.span, scope.report)
        if bound is None:
            return ir.Faulty(node.span)
        return ir.Use(node.span, scope.key(name), _resolved(bound, node.span, scope), ())
    record = scope.functions.get(name)
    if name in scope.failed:
        return ir.Faulty(node.span)
    if record is None:
        what = "a layer, function or block"
        scope.report(errors.unknown(span, name, what, scope.callables()))
        return ir.Faulty(node.span)
    init, arguments = _init(record, arguments, scope)
    also = tuple(record.infers)
    parameters = record.parameters
    bound = bind(record.name, parameters, arguments, node.span, scope.report, record.example, also)
    if bound is None:
        return ir.Faulty(node.span)
    return ir.Apply(node.span, record, _resolved(bound, node.span, scope), (), init=init)
