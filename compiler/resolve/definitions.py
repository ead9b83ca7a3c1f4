"""Models and blocks: their hyperparameters, inputs, outputs and statements."""

from __future__ import annotations

from keyword import iskeyword
from typing import Any

from .. import ir, tree
from ..errors import names as errors
from ..errors import results as result_errors
from ..errors import shapes as shape_errors
from ..layers.initial import INITIALIZERS, KERAS
from ..source import Span
from ..tensor import DTYPES
from .expressions import RESERVED, Scope, expression, flow
from .initial import initializer
from .names import called, is_init

KINDS = ("int", "float", "bool", "str", "list")
PYTHON = {"self", "torch", "nn", "Tensor", "super", "int", "float", "bool", "str", "list", "tuple"}
TYPES = (*DTYPES, "class", "token")
LATER = {
    tree.Method: "`append`",
    tree.Weight: "`weight`",
    tree.Buffer: "`buffer`",
    tree.For: "`for`",
    tree.If: "`if` as a statement",
}


def definition(node: tree.Block | tree.Model, scope: Scope) -> ir.Definition:
    """A model or block with its names resolved; `scope` is fresh."""
    hyperparameters = []
    init = None
    for parameter in node.parameters:
        name = parameter.name
        if is_init(parameter):
            init = parameter
            continue
        _declare(name, scope)
        _usable(name.name, name.span, scope)
        kind = parameter.type.name if parameter.type else "float"
        if kind not in KINDS:
            assert parameter.type is not None
            if kind in ("op", "layer", "block"):
                scope.report(
                    errors.not_yet(parameter.type.span, f"a hyperparameter that is a {kind}")
                )
            else:
                what = "a kind of hyperparameter"
                scope.report(errors.unknown(parameter.type.span, kind, what, KINDS))
        value = expression(parameter.default, scope) if parameter.default else None
        if value is None and isinstance(node, tree.Model):
            scope.report(errors.model_without_default(name.span, name.name))
        hyperparameters.append(ir.Hyperparameter(name.span, name.name, kind, value))

    initial = _initial(init, node, scope)
    if not isinstance(node.body, tree.Body):
        return _chained(node, tuple(hyperparameters), scope)

    inputs: list[ir.Port] = []
    outputs: list[ir.Port] = []
    body: list[ir.Bind | ir.Unpack | ir.Require] = []
    sizes = {}
    for statement in node.body.statements:
        match statement:
            case tree.Input(name=name, type=written, default=default):
                for size in written.sizes or ():
                    if isinstance(size, tree.Reference) and size.name not in scope.values:
                        if size.name in scope.constants:
                            continue
                        scope.values[size.name] = size.span
                        sizes[size.name] = size.span
                        _usable(size.name, size.span, scope)
                _declare(name, scope)
                if default is not None:
                    scope.report(errors.not_yet(default.span, "a default of an input"))
                inputs.append(ir.Port(name.span, name.name, type_spec(written, scope)))
            case tree.Output(name=name, type=stated, value=bound_here):
                spec = type_spec(stated, scope) if stated else None
                outputs.append(ir.Port(name.span, name.name, spec))
                if bound_here is not None:
                    resolved = expression(bound_here, scope)
                    body.append(ir.Bind(name.span, name.name, resolved, spec))
                    _declare(name, scope, again=True)
            case tree.Bind(target=tree.Name() as name, value=right):
                resolved = expression(right, scope)
                _declare(name, scope, again=True)
                body.append(ir.Bind(name.span, name.name, resolved))
            case tree.Layer(name=name, value=right):
                _declare_layer(name, right, scope)
            case tree.Require(condition=condition, message=message):
                text = message.value if message else f"`{condition.span.text}` must hold"
                body.append(ir.Require(statement.span, expression(condition, scope), text))
            case tree.Bind(target=tree.Pattern() as target, value=right):
                resolved = expression(right, scope)
                body.append(ir.Unpack(target.span, pattern(target, scope), resolved))
            case _:
                scope.report(errors.not_yet(statement.span, LATER[type(statement)]))
                _bind_inside(statement, scope)
    if not inputs:
        scope.report(shape_errors.no_port(node.name.span, node.name.name, "input"))
    if not outputs:
        scope.report(shape_errors.no_port(node.name.span, node.name.name, "output"))
    bound = {each.name for each in body if isinstance(each, ir.Bind)}
    for output in outputs:
        if output.name not in bound and output.name not in scope.values:
            scope.report(shape_errors.output_unbound(output.span, output.name))
    return ir.Definition(
        node.name.span,
        node.name.name,
        isinstance(node, tree.Model),
        tuple(hyperparameters),
        tuple(inputs),
        tuple(outputs),
        tuple(body),
        sizes,
        init=initial,
    )


def _initial(
    given: tree.Parameter | None, node: tree.Block | tree.Model, scope: Scope
) -> ir.Initializer | None:
    """How the weights of a whole model are set."""
    if given is None:
        return None
    if isinstance(node, tree.Block):
        scope.report(result_errors.nothing_to_initialize(given.span, node.name.name, True))
    elif given.default is None:
        known = {*INITIALIZERS, KERAS}
        scope.report(result_errors.no_initializer(given.span, given.span.text, known))
    else:
        return initializer(given.default, scope)
    return None


def _chained(
    node: tree.Block | tree.Model, hyperparameters: tuple[ir.Hyperparameter, ...], scope: Scope
) -> ir.Definition:
    assert not isinstance(node.body, tree.Body)
    span = node.name.span
    chain = node.body
    if isinstance(chain, tree.Chain):
        targets: tuple[tree.Expression | tree.Repeat, ...] = (chain.start, *chain.targets)
    else:
        targets = (chain,)
    value = flow((ir.Local(span, "x"),), targets[0].span, targets, scope)
    port = ir.Port(span, "x", None)
    output = ir.Port(span, "y", None)
    body = (ir.Bind(chain.span, "y", value),)
    return ir.Definition(
        span, node.name.name, False, hyperparameters, (port,), (output,), body, {}, chained=True
    )


def _declare(name: tree.Name, scope: Scope, again: bool = False) -> None:
    if name.name in RESERVED or name.name == "repeat":
        scope.report(errors.reserved(name.span, name.name))
    elif name.name in scope.values and not again:
        scope.report(errors.defined_twice(name.span, name.name, scope.values[name.name]))
    scope.values[name.name] = name.span


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
            _declare(part, scope, again=True)
            seen[part.name] = part.span
        found.append(ir.Local(part.span, part.name))
    return tuple(found)


def _usable(name: str, span: Span, scope: Scope) -> None:
    """Hyperparameters and sizes are arguments of emitted classes, under their own names."""
    if iskeyword(name) or name in PYTHON or name.startswith("__"):
        scope.report(errors.no_argument_name(span, name))


def _declare_layer(name: tree.Name, value: tree.Expression, scope: Scope) -> None:
    if isinstance(value, tree.Chain):
        scope.report(errors.not_yet(value.span, "a `layer` of several layers", "declare a `block`"))
    elif called(value) is None or called(value)[0] not in scope.callables():  # type: ignore[index]
        found = called(value)
        if found is None:
            scope.report(errors.not_callable(value.span, value.span.text))
        else:
            what = "a layer, function or block"
            scope.report(errors.unknown(found[1], found[0], what, scope.callables()))
    scope.layers[name.name] = value


def _bind_inside(statement: tree.Statement, scope: Scope) -> None:
    """Names that a statement binds which is refused: later uses of them are no fault."""
    match statement:
        case tree.For(body=body):
            bodies = [body]
        case tree.If(then=then, otherwise=otherwise):
            bodies = [then]
            if isinstance(otherwise, tree.If):
                _bind_inside(otherwise, scope)
            elif otherwise is not None:
                bodies.append(otherwise)
        case tree.Weight(name=name) | tree.Buffer(name=name):
            scope.values[name.name] = name.span
            return
        case _:
            return
    for inner in (each for body in bodies for each in body.statements):
        if isinstance(inner, tree.Bind) and isinstance(inner.target, tree.Name):
            scope.values[inner.target.name] = inner.target.span
        _bind_inside(inner, scope)


def type_spec(written: tree.Type, scope: Scope) -> ir.TypeSpec | None:
    """A type with its sizes resolved; None after a report."""
    if written.name not in TYPES:
        scope.report(errors.unknown(written.span, written.name, "a type", TYPES))
        return None
    sizes = []
    for size in written.sizes or ():
        if isinstance(size, tree.Ellipsis):
            scope.report(errors.not_yet(size.span, "`...` in a type"))
            return None
        sizes.append(expression(size, scope))
    arguments = written.arguments or ()
    values = tuple(argument.value for argument in arguments)
    match written.name:
        case "class" if values and all(isinstance(value, tree.String) for value in values):
            labels = tuple(value.value for value in values if isinstance(value, tree.String))
            if len(labels) < 2 or len(set(labels)) < len(labels):
                scope.report(shape_errors.class_labels(written.span))
                return None
            count = ir.Literal(written.span, len(labels))
            return ir.TypeSpec(written.span, "i64", tuple(sizes), count, labels)
        case "class" | "token":
            if len(values) != 1 or isinstance(values[0], tree.String):
                scope.report(shape_errors.bound_missing(written.span, written.name))
                return None
            bound = expression(values[0], scope)
            if written.name == "class":
                return ir.TypeSpec(written.span, "i64", tuple(sizes), classes=bound)
            return ir.TypeSpec(written.span, "i64", tuple(sizes), tokens=bound)
    if arguments:
        report = errors.too_many_arguments(arguments[0].span, written.name, 0, len(arguments))
        scope.report(report)
        return None
    return ir.TypeSpec(written.span, written.name, tuple(sizes))
