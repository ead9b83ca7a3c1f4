"""Calls whose callee is a value, and functions that are computed when the network is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import compiletime, ir, opened
from ..arithmetic import ArithmeticFault
from ..compiletime import BUILTINS
from ..errors import control as errors
from ..errors import names as name_errors
from ..layers import LAYERS
from ..layers.record import REQUIRED, Layer, Parameter
from ..record import replaced
from ..signature import bind, placed
from ..tensor import UNKNOWN
from .values import NotGeneric, described, holds_tensors

if TYPE_CHECKING:
    from .evaluation import Evaluation

DEEPEST_CALL = 100
# Functions that no size has: in a generic network the constructor computes them.
COMPUTED = ("float", "sqrt", "log", "exp", "sum", "abs", "min", "max")
# What looks at a list and not at what is in it.
OF_LISTS = ("len", "enumerate", "zip", "reversed")


def call(here: Evaluation, node: ir.Call, shared: str = "") -> Any:
    """What a late call gives; UNKNOWN after a report."""

    callee = here.value(node.callee)
    if callee is UNKNOWN:
        return UNKNOWN
    if not isinstance(callee, ir.Op):
        here.report(name_errors.not_callable(node.callee.span, node.callee.span.text))
        return UNKNOWN
    inputs = tuple(here.evaluated(each) for each in node.inputs)
    given = tuple(replaced(each, value=here.evaluated(each.value)) for each in node.arguments)
    values = [each.value for each in (*inputs, *(each.value for each in given))]  # type: ignore[union-attr]
    if UNKNOWN in values:
        return UNKNOWN
    name = callee.name
    found = here.definitions.get(name)
    if isinstance(found, ir.Function):
        return _function(here, node, found, inputs, given)
    if name == "sum" and len(values) == 1 and isinstance(values[0], tuple):
        return _sum(here, node, values[0])
    listed = name in OF_LISTS and not any(isinstance(each, ir.Value) for each in values)
    if name in BUILTINS and (listed or not any(map(holds_tensors, values))):
        if any(each.name for each in given):
            here.report(name_errors.unknown_argument(node.span, given[0].name or "", name, ()))
            return UNKNOWN
        return _builtin(here, node, name, tuple(values))
    if found is not None:
        return here.value(_use(here, node, name, found, inputs, given, shared))
    record = LAYERS.get(name)
    if record is None:
        if name in BUILTINS:
            here.report(errors.not_a_function_of_tensors(node.span, name))
        else:
            here.report(name_errors.not_callable(node.span, described(callee)))
        return UNKNOWN
    return here.value(applied(here, node, record, inputs, given, shared))


def _builtin(here: Evaluation, node: ir.Call, name: str, values: tuple[Any, ...]) -> Any:

    if here.generic and (
        any(isinstance(each, ir.Open | ir.OpenRange) for each in values)
        or (name in COMPUTED and any(map(opened.is_open, values)))
    ):
        return here.computed(opened.call, name, values)
    try:
        return compiletime.call(name, values)
    except ArithmeticFault as why:
        here.report(name_errors.no_value(node.span, str(why)))
        return UNKNOWN


def _sum(here: Evaluation, node: ir.Call, values: tuple[Any, ...]) -> Any:
    """The entries of a list added one after the other, be they numbers or tensors."""
    total: Any = values[0] if values else 0
    for each in values[1:]:
        total = here.operation(node.span, "+", [total, each])
    return total


def _function(
    here: Evaluation,
    node: ir.Call,
    function: ir.Function,
    inputs: tuple[ir.Expression, ...],
    given: tuple[ir.Given, ...],
) -> Any:
    """The value of a `function` of the spec, in names of its own."""
    from .entering import is_kind
    from .evaluation import Evaluation

    flowing = tuple(ir.Given(each.span, None, each) for each in inputs)
    bound = bind(
        function.name, parameters(function.parameters), (*flowing, *given), node.span, here.report
    )
    if bound is None:
        return UNKNOWN
    if here.calls >= DEEPEST_CALL:
        here.report(errors.function_depth(node.span, function.name))
        return UNKNOWN
    inner = Evaluation(here.report, here.definitions, generic=here.generic, budget=here.budget)
    inner.calls, inner.atoms, inner.reserved = here.calls + 1, here.atoms, here.reserved
    inner.generics = here.generics
    for each in function.parameters:
        given_value = bound.get(each.name, each.default)
        assert given_value is not None
        value = inner.value(given_value)
        if value is UNKNOWN:
            return UNKNOWN
        if not is_kind(each.kind, value, here.generic):
            if here.generic:
                raise NotGeneric
            span = bound[each.name].span if each.name in bound else each.span
            here.report(
                name_errors.wrong_argument(
                    span, each.name, function.name, kind_words(each.kind), described(value)
                )
            )
            return UNKNOWN
        inner.names[each.name] = value
    result = inner.static(function.value)
    if not here.generic or not opened.is_open(result):
        return result
    if here.generics is None or not here.generics.callable(function.name):
        return result
    # The constructor calls it by its name.
    given_values = tuple(inner.names[each.name] for each in function.parameters)
    words = here.generics.called(function.name)
    words = f"{words}({', '.join(map(opened.written, given_values))})"
    called = ir.Open(words, opened.kind(result), f"{function.name}()", given_values)
    return here.computed(lambda: called)


def kind_words(kind: str) -> str:
    """The kind of a hyperparameter in words."""
    from ..layers.arguments import words

    if kind == "op":
        return "a layer, function or block by its name"
    if kind == "value":
        return "a value known when the network is built"
    return "a list" if kind == "list" else words({"str": "string"}.get(kind, kind))


def parameters(declared: tuple[ir.Hyperparameter, ...]) -> tuple[Parameter, ...]:
    """Hyperparameters as the catalogue writes arguments."""
    return tuple(
        Parameter(each.name, "", REQUIRED if each.default is None else each.default)
        for each in declared
    )


def _use(
    here: Evaluation,
    node: ir.Call,
    name: str,
    block: ir.Definition,
    inputs: tuple[ir.Expression, ...],
    given: tuple[ir.Given, ...],
    shared: str,
) -> ir.Expression:
    """A block that came as a value; tensors among its arguments flow in."""
    flowing, rest = _parted(inputs, given)
    bound = bind(block.name, parameters(block.hyperparameters), rest, node.span, here.report)
    if bound is None:
        return ir.Faulty(node.span)
    return ir.Use(node.span, name, bound, flowing, shared)


def _parted(
    inputs: tuple[ir.Expression, ...], given: tuple[ir.Given, ...]
) -> tuple[tuple[ir.Expression, ...], tuple[ir.Given, ...]]:

    tensors = [
        each
        for each in given
        if each.name is None and holds_tensors(each.value.value)  # type: ignore[union-attr]
    ]
    rest = tuple(each for each in given if each not in tensors)
    return (*inputs, *(each.value for each in tensors)), rest


def applied(
    here: Evaluation,
    node: ir.Call | ir.Shared,
    record: Layer,
    inputs: tuple[ir.Expression, ...],
    given: tuple[ir.Given, ...],
    shared: str = "",
) -> ir.Expression:
    """A record of the catalogue that came as a value, applied."""
    if record.is_layer:
        flowing, rest = _parted(inputs, given)
    else:
        found = placed(record, given, len(inputs))
        if found is None:
            here.report(
                name_errors.wrong_inputs(node.span, record.name, record.inputs, len(inputs))
            )
            return ir.Faulty(node.span)
        flowing, rest = (*inputs, *found[0]), found[1]  # type: ignore[assignment]
    if not flowing and record.inputs:
        here.report(name_errors.not_applied(node.span, record.name))
        return ir.Faulty(node.span)
    also = tuple(record.infers)
    bound = bind(record.name, record.parameters, rest, node.span, here.report, record.example, also)
    if bound is None:
        return ir.Faulty(node.span)
    arguments = {
        name: ir.Several(node.span, value) if isinstance(value, tuple) else value
        for name, value in bound.items()
    }
    return ir.Apply(node.span, record, arguments, flowing, shared=shared)


def shared(here: Evaluation, node: ir.Shared) -> Any:
    """A declared layer, applied: the same weights each time."""
    template = here.layers.get(node.name)
    if template is None:
        here.report(errors.unbound(node.span, node.name, here.passed_over(node.name)))
        return UNKNOWN
    inputs = tuple(here.evaluated(each) for each in node.inputs)
    given = tuple(replaced(each, value=here.evaluated(each.value)) for each in node.arguments)
    if any(each.value is UNKNOWN for each in (*inputs, *(g.value for g in given))):  # type: ignore[union-attr]
        return UNKNOWN
    match template:
        case ir.Call(callee=callee, arguments=arguments):
            flowing, rest = _parted(inputs, given)
            return call(here, ir.Call(node.span, callee, flowing, (*arguments, *rest)), node.name)
        case ir.Use(block=block):
            flowing, rest = _parted(inputs, given)
            if rest:
                many = len(rest)
                here.report(name_errors.too_many_arguments(rest[0].span, node.name, 0, many))
                return UNKNOWN
            ports = here.definitions[block].inputs  # type: ignore[union-attr]
            needed = [each for each in ports if each.default is None]
            if not len(needed) <= len(flowing) <= len(ports):
                wanted = tuple(each.name for each in ports)
                here.report(name_errors.wrong_inputs(node.span, node.name, wanted, len(flowing)))
                return UNKNOWN
            return here.value(replaced(template, span=node.span, inputs=flowing, shared=node.name))
        case ir.Apply(layer=layer):
            found = placed(layer, given, len(inputs))
            if found is None:
                here.report(
                    name_errors.wrong_inputs(node.span, node.name, layer.inputs, len(inputs))
                )
                return UNKNOWN
            bound = bind(node.name, layer.called_with, found[1], node.span, here.report)
            if bound is None:
                return UNKNOWN
            whole = replaced(
                template,
                span=node.span,
                inputs=(*inputs, *found[0]),
                arguments={**template.arguments, **bound},
                shared=node.name,
            )
            return here.value(whole)
    raise AssertionError(template)
