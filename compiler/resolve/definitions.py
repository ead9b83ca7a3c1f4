"""Models, blocks and what Python brings: their hyperparameters, inputs, outputs and statements."""

from __future__ import annotations

from keyword import iskeyword

from .. import ir, tree
from ..errors import control as control_errors
from ..errors import imports as import_errors
from ..errors import names as errors
from ..errors import results as result_errors
from ..errors import shapes as shape_errors
from ..layers.initial import INITIALIZERS, KERAS
from ..source import Span
from .expressions import expression, flow, targets_of
from .initial import initializer
from .names import is_init, is_place
from .scope import Scope
from .statements import declare, statement
from .types import type_spec

KINDS = ("int", "float", "bool", "str", "list", "op")
PYTHON = {"self", "torch", "nn", "Tensor", "super", "int", "float", "bool", "str", "list", "tuple"}


def definition(node: tree.Block | tree.Model, scope: Scope) -> ir.Definition:
    """A model or block with its names resolved; `scope` is fresh."""
    scope.owner = node.name.name
    hyperparameters, init = _hyperparameters(node, scope)
    initial = _initial(init, node, scope)
    if not isinstance(node.body, tree.Body):
        return _chained(node, hyperparameters, scope)

    inputs: list[ir.Port] = []
    outputs: list[ir.Port] = []
    body: list[ir.Statement] = []
    sizes: dict[str, Span] = {}
    for each in node.body.statements:
        match each:
            case tree.Input():
                inputs.append(_input(each, sizes, scope))
            case tree.Output(name=name, type=stated, value=bound_here):
                spec = type_spec(stated, scope) if stated else None
                outputs.append(ir.Port(name.span, name.name, spec))
                if bound_here is not None:
                    resolved = expression(bound_here, scope)
                    body.append(ir.Bind(name.span, name.name, resolved, spec))
                    declare(name, scope, again=True)
            case _:
                found = statement(each, scope)
                if found is not None:
                    body.append(found)
    if not inputs and "input" not in scope.misplaced:
        scope.report(shape_errors.no_port(node.name.span, node.name.name, "input"))
    if not outputs and "output" not in scope.misplaced:
        scope.report(shape_errors.no_port(node.name.span, node.name.name, "output"))
    for output in outputs:
        if output.name not in scope.values:
            scope.report(shape_errors.output_unbound(output.span, output.name))
    return ir.Definition(
        node.name.span,
        node.name.name,
        isinstance(node, tree.Model),
        hyperparameters,
        tuple(inputs),
        tuple(outputs),
        tuple(body),
        sizes,
        init=initial,
    )


def extern(node: tree.Extern, scope: Scope) -> ir.Definition | None:
    """A module of Python's with its types as declared; nothing is imported here."""
    target = node.target
    match target:
        case tree.Call(
            function=tree.Reference(name="python"),
            arguments=(tree.Argument(name=None, value=tree.String(value=text)),),
        ) if is_place(text):
            pass
        case _:
            scope.report(import_errors.extern_target(target.span))
            return None
    scope.owner = node.name.name
    hyperparameters, init = _hyperparameters(node, scope)
    if init is not None:
        scope.report(result_errors.nothing_to_initialize(init.span, node.name.name, True))
    for parameter in hyperparameters:
        if parameter.kind == "op":
            scope.report(import_errors.extern_operation(parameter.span, parameter.name))
    inputs: list[ir.Port] = []
    outputs: list[ir.Port] = []
    sizes: dict[str, Span] = {}
    for each in node.body.statements:
        match each:
            case tree.Input():
                inputs.append(_input(each, sizes, scope))
            case tree.Output(name=name, type=tree.Type() as stated, value=None):
                outputs.append(ir.Port(name.span, name.name, type_spec(stated, scope)))
            case _:
                scope.report(import_errors.extern_body(each.span))
    for what, ports in (("input", inputs), ("output", outputs)):
        if not ports:
            scope.report(shape_errors.no_port(node.name.span, node.name.name, what))
            return None
    return ir.Definition(
        node.name.span,
        node.name.name,
        False,
        hyperparameters,
        tuple(inputs),
        tuple(outputs),
        (),
        sizes,
        extern=text,
    )


def function(node: tree.Function, scope: Scope) -> ir.Function:
    """A compile-time function with its names resolved; `scope` is fresh."""
    parameters = []
    for each in node.parameters:
        default = expression(each.default, scope) if each.default else None
        declare(each.name, scope)
        kind = each.type.name if each.type else "value"
        if kind not in (*KINDS, "value"):
            assert each.type is not None
            scope.report(errors.unknown(each.type.span, kind, "a kind of argument", KINDS))
            kind = "value"
        parameters.append(ir.Hyperparameter(each.name.span, each.name.name, kind, default))
    value = expression(node.value, scope)
    return ir.Function(node.name.span, node.name.name, tuple(parameters), value)


def _hyperparameters(
    node: tree.Block | tree.Model | tree.Extern, scope: Scope
) -> tuple[tuple[ir.Hyperparameter, ...], tree.Parameter | None]:
    """The hyperparameters, and the `init` that stands among them."""
    found = []
    init = None
    for parameter in node.parameters:
        name = parameter.name
        if is_init(parameter):
            init = parameter
            continue
        value = expression(parameter.default, scope) if parameter.default else None
        declare(name, scope)
        _usable(name.name, name.span, scope)
        kind = parameter.type.name if parameter.type else "float"
        if kind not in KINDS:
            assert parameter.type is not None
            what = "a kind of hyperparameter"
            scope.report(errors.unknown(parameter.type.span, kind, what, KINDS))
            kind = "value"
        if value is None and isinstance(node, tree.Model):
            scope.report(errors.model_without_default(name.span, name.name))
        found.append(ir.Hyperparameter(name.span, name.name, kind, value))
    return tuple(found), init


def _input(node: tree.Input, sizes: dict[str, Span], scope: Scope) -> ir.Port:
    """One input; the names of its sizes that are met first become sizes of the body."""
    name, written = node.name, node.type
    for size in written.sizes or ():
        if isinstance(size, tree.Reference) and size.name not in scope.values:
            if size.name in scope.constants:
                continue
            scope.values[size.name] = size.span
            sizes[size.name] = size.span
            _usable(size.name, size.span, scope)
    default = None if node.default is None else expression(node.default, scope)
    if default is None and scope.defaulted:
        scope.report(control_errors.default_before(name.span, name.name, scope.defaulted))
    elif default is not None:
        scope.defaulted = name.name
    declare(name, scope)
    return ir.Port(name.span, name.name, type_spec(written, scope), default)


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
    targets = targets_of(node.body)
    value = flow((ir.Local(span, "x"),), targets[0].span, targets, scope)
    port = ir.Port(span, "x", None)
    output = ir.Port(span, "y", None)
    body = (ir.Bind(node.body.span, "y", value),)
    return ir.Definition(
        span, node.name.name, False, hyperparameters, (port,), (output,), body, {}, chained=True
    )


def _usable(name: str, span: Span, scope: Scope) -> None:
    """Hyperparameters and sizes are arguments of emitted classes, under their own names."""
    if iskeyword(name) or name in PYTHON or name.startswith("__"):
        scope.report(errors.no_argument_name(span, name))
