"""Expressions of models, blocks and losses: names looked up, arguments bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .. import ir, tree
from ..diagnostics import Report
from ..errors import names as errors
from ..layers import LAYERS
from ..layers.record import Layer, nothing
from ..source import Span
from ..tensor import DTYPES
from .names import bind, called, input_names, signature, too_large

RESERVED = {"input", "output", "layer", "weight", "buffer", "require"}
NUMBERS = {"pi": 3.141592653589793, "inf": float("inf")}


@dataclass(slots=True)
class Scope:
    """What names stand for inside one body."""

    report: Report
    blocks: Mapping[str, tree.Block | tree.Model]
    constants: Mapping[str, object]
    functions: Mapping[str, Layer] = field(default_factory=lambda: LAYERS)
    values: dict[str, Span] = field(default_factory=dict)
    layers: dict[str, tree.Expression] = field(default_factory=dict)
    models: dict[str, tuple[str, Mapping[str, ir.Expression]]] = field(default_factory=dict)

    def candidates(self) -> set[str]:
        """Every name that could have been meant as a value."""
        return {*self.values, *self.constants, *self.layers}

    def callables(self) -> set[str]:
        """Every name that could have been meant as a layer, function or block."""
        return {*self.functions, *self.blocks, *self.layers, *self.models}


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
        case tree.Compare(first=first, rest=((operator, second),)):
            operands = expression(first, scope), expression(second, scope)
            return ir.Operation(node.span, operator, operands)
        case tree.Chain(start=start, targets=targets):
            return _chain(start, targets, scope)
        case tree.Call():
            return _direct(node, scope)
        case tree.Compare():
            what = "a chain of comparisons"
        case tree.Conditional():
            what = "`if` as a value"
        case tree.Index(value=target, items=items):
            return ir.Index(
                node.span, expression(target, scope), tuple(_item(each, scope) for each in items)
            )
        case tree.Attribute(value=value, name="shape"):
            return ir.Sizes(node.span, expression(value, scope))
        case tree.Attribute(name=name):
            what = f"`.{name}`"
    scope.report(errors.not_yet(node.span, what))
    return ir.Faulty(node.span)


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
        if isinstance(value, tuple):
            return ir.Several(node.span, tuple(ir.Literal(node.span, each) for each in value))
        return ir.Literal(node.span, value)  # type: ignore[arg-type]
    if name in NUMBERS:
        return ir.Literal(node.span, NUMBERS[name])
    if name in DTYPES:
        return ir.Literal(node.span, name)
    if name in RESERVED:
        scope.report(errors.reserved(node.span, name))
    elif name in scope.callables():
        scope.report(errors.not_applied(node.span, name))
    else:
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
            scope.report(errors.not_yet(target.span, "`repeat`", "write the layers one by one"))
        case tree.Conditional():
            scope.report(errors.not_yet(target.span, "`if` as a value"))
        case tree.Binary(left=left):
            start = (begin + left.span).text
            rest = target.span.text[len(left.span.text) :].strip()
            scope.report(errors.operator_after_arrow(target.span, start, rest))
        case tree.Reference() | tree.Call(function=tree.Reference()):
            found = called(target)
            assert found is not None
            arguments = target.arguments if isinstance(target, tree.Call) else ()
            return application(found[0], found[1], arguments, flowing, target.span, scope)
        case _:
            scope.report(errors.not_callable(target.span, target.span.text))
    return ir.Faulty(target.span)


def application(
    name: str,
    name_span: Span,
    arguments: tuple[tree.Argument, ...],
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
) -> ir.Expression:
    """A layer, function, block or named layer, applied to what flows in."""
    if name in scope.layers:
        return _shared(name, arguments, flowing, span, scope)
    if name in scope.models:
        return _trained(name, arguments, flowing, span, scope)
    if name in scope.values:
        scope.report(errors.not_callable(name_span, name))
        return ir.Faulty(span)
    if name in scope.blocks:
        return _block(scope.blocks[name], arguments, flowing, span, scope)
    record = scope.functions.get(name)
    if record is None:
        what = "a layer, function or block"
        scope.report(errors.unknown(name_span, name, what, scope.callables()))
        return ir.Faulty(span)
    return _record(record, arguments, flowing, span, scope)


def _record(
    record: Layer,
    arguments: tuple[tree.Argument, ...],
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
) -> ir.Expression:
    init, arguments = _init(record, arguments, scope)
    inputs = _inputs(record, arguments, flowing)
    if inputs is None:
        given = len(flowing)
        scope.report(errors.wrong_inputs(span, record.name, record.inputs, given))
        return ir.Faulty(span)
    entering, arguments = inputs
    bound = bind(
        record.name,
        record.parameters,
        arguments,
        span,
        scope.report,
        record.example,
        also=tuple(record.infers),
    )
    tensors = (*flowing, *(expression(each, scope) for each in entering))
    if bound is None:
        return ir.Faulty(span)
    return ir.Apply(span, record, _resolved(bound, span, scope), tensors, init=init)


def _init(
    record: Layer, arguments: tuple[tree.Argument, ...], scope: Scope
) -> tuple[ir.Initializer | None, tuple[tree.Argument, ...]]:
    """How the weights are set, and the other arguments."""
    from .initial import initializer

    given = [each for each in arguments if each.name == "init"]
    if not given or record.weights is nothing:
        return None, arguments
    rest = tuple(each for each in arguments if each is not given[0])
    return initializer(given[0].value, scope), rest


def _inputs(
    record: Layer,
    arguments: tuple[tree.Argument, ...],
    flowing: tuple[ir.Expression, ...],
) -> tuple[tuple[tree.Expression, ...], tuple[tree.Argument, ...]] | None:
    """The first arguments, until every input has a value, and the other arguments."""
    values: list[tree.Expression] = []
    rest = list(arguments)
    for name in record.inputs[len(flowing) :]:
        index = next((i for i, argument in enumerate(rest) if argument.name in (None, name)), None)
        if index is None:
            return None
        values.append(rest.pop(index).value)
    most = len(record.inputs) + len(record.optional)
    return (tuple(values), tuple(rest)) if len(flowing) <= most else None


def _resolved(
    bound: Mapping[str, tree.Expression | tuple[tree.Expression, ...]], span: Span, scope: Scope
) -> dict[str, ir.Expression]:
    return {
        name: ir.Several(span, tuple(expression(item, scope) for item in node))
        if isinstance(node, tuple)
        else expression(node, scope)
        for name, node in bound.items()
    }


def _shared(
    name: str,
    arguments: tuple[tree.Argument, ...],
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
) -> ir.Expression:
    if arguments:
        extra = arguments[0].span
        scope.report(errors.too_many_arguments(extra, name, 0, len(arguments)))
        return ir.Faulty(span)
    declared = scope.layers[name]
    found = called(declared)
    if found is None:
        return ir.Faulty(span)
    given = declared.arguments if isinstance(declared, tree.Call) else ()
    match application(found[0], found[1], given, flowing, declared.span, scope):
        case ir.Apply(layer=layer, arguments=bound, inputs=inputs, init=init):
            return ir.Apply(span, layer, bound, inputs, shared=name, init=init)
        case ir.Use(block=block, arguments=bound, inputs=inputs):
            return ir.Use(span, block, bound, inputs, shared=name)
    return ir.Faulty(span)


def _trained(
    name: str,
    arguments: tuple[tree.Argument, ...],
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
    block: tree.Block | tree.Model,
    arguments: tuple[tree.Argument, ...],
    flowing: tuple[ir.Expression, ...],
    span: Span,
    scope: Scope,
) -> ir.Expression:
    name = block.name.name
    bound = bind(name, signature(block), arguments, span, scope.report)
    if bound is None:
        return ir.Faulty(span)
    wanted = input_names(block)
    if len(flowing) != len(wanted):
        scope.report(errors.wrong_inputs(span, name, wanted, len(flowing)))
        return ir.Faulty(span)
    return ir.Use(span, name, _resolved(bound, span, scope), flowing)


def _direct(node: tree.Call, scope: Scope) -> ir.Expression:
    """`f(x, a)`, `Linear(10)(x)`, `critic(x)`, `G(z)`."""
    match node.function:
        case tree.Call(function=tree.Reference()) as inner:
            found = called(inner)
            assert found is not None
            flowing = tuple(expression(each.value, scope) for each in node.arguments)
            return application(found[0], found[1], inner.arguments, flowing, node.span, scope)
        case tree.Reference(name=name, span=span):
            record = scope.functions.get(name)
            if name in scope.layers or name in scope.models:
                flowing = tuple(expression(each.value, scope) for each in node.arguments)
                return application(name, span, (), flowing, node.span, scope)
            if name in scope.blocks or (record is not None and record.is_layer):
                scope.report(errors.not_applied(node.span, name))
                return ir.Faulty(node.span)
            return application(name, span, node.arguments, (), node.span, scope)
    scope.report(errors.not_callable(node.function.span, node.function.span.text))
    return ir.Faulty(node.span)
