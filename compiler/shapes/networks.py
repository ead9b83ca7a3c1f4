"""Models and blocks as networks: once with the values at hand, once for all hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .. import ir
from ..diagnostics import Diagnostic, Label, Report
from ..dims import Dim, decide, dim, name
from ..errors import names as name_errors
from ..errors import shapes as errors
from ..layers.arguments import fits, words
from ..source import Span
from ..tensor import UNKNOWN, Type
from .binding import bind, checked
from .evaluation import Evaluation, NotGeneric
from .initial import initial, suits_model

AXES = {1: "N", 2: "N C", 3: "N C L", 4: "N C H W", 5: "N C D H W"}
KINDS = {"int": "int", "float": "float", "bool": "bool", "str": "string", "list": "list"}


def model(
    definition: ir.Definition, definitions: Mapping[str, ir.Definition], report: Report
) -> ir.Network | None:
    """A model with its defaults and its sizes as declared; None after a report."""
    here = Evaluation(report, definitions)
    if not _hyperparameters(here, definition, {}, definition.span):
        return None
    _declare_sizes(here, definition)
    return _body(here, definition, _declared(here, definition))


def bound_model(
    definition: ir.Definition,
    definitions: Mapping[str, ir.Definition],
    arguments: Mapping[str, ir.Expression],
    sizes: Mapping[str, Dim],
    span: Span,
    report: Report,
) -> ir.Network | None:
    """A model with given hyperparameters and given sizes of its inputs."""
    here = Evaluation(report, definitions)
    values = {each: here.static(value) for each, value in arguments.items()}
    if not _hyperparameters(here, definition, values, span):
        return None
    _declare_sizes(here, definition)
    here.names |= sizes
    return _body(here, definition, _declared(here, definition))


def generic(
    definition: ir.Definition,
    definitions: Mapping[str, ir.Definition],
    types: tuple[Type, ...] | None = None,
) -> ir.Network | None:
    """A network whose hyperparameters are names, where its types depend on their sizes alone.

    `types` are those of one use; a block that is one chain takes its rank and dtype from them.
    """

    def fail(diagnostic: Diagnostic) -> None:
        raise NotGeneric

    here = Evaluation(fail, definitions, generic=True)
    try:
        for each in definition.hyperparameters:
            if each.kind == "list":
                raise NotGeneric
            here.names[each.name] = name(each.name) if each.kind == "int" else ir.Open(each.name)
        _declare_sizes(here, definition)
        if definition.chained:
            if types is None or len(types[0].shape) not in AXES:
                raise NotGeneric
            shape = tuple(map(name, AXES[len(types[0].shape)].split()))
            inputs = [ir.Value(types[0].shaped(*shape), definition.span, "x")]
            here.names |= {str(each): each for each in shape}
        else:
            inputs = _declared(here, definition)
        return _body(here, definition, inputs)
    except (NotGeneric, OverflowError):
        return None


def use_block(here: Evaluation, node: ir.Use) -> Any:
    """A block in use: what its first output is; UNKNOWN after a report."""
    definition = here.definitions[node.block]
    inputs = [here.tensor(each) for each in node.inputs]
    values = {each: here.static(value) for each, value in node.arguments.items()}
    if UNKNOWN in inputs or UNKNOWN in values.values():
        return UNKNOWN
    tensors = tuple(each for each in inputs if isinstance(each, ir.Value))

    def report(diagnostic: Diagnostic) -> None:
        places = (diagnostic.span, *(label.span for label in diagnostic.others))
        if node.span not in places:
            use = Label(node.span, f"{node.block} is used here")
            diagnostic = replace(diagnostic, others=(*diagnostic.others, use))
        here.report(diagnostic)

    inner = Evaluation(report, here.definitions, generic=here.generic, used=here.used)
    inner.at = node.span
    if not _hyperparameters(inner, definition, values, node.span):
        return UNKNOWN
    entering = _entering(here, inner, definition, tensors, node.span)
    if entering is None:
        return UNKNOWN
    network = _body(inner, definition, entering)
    if network is None:
        return UNKNOWN
    here.used.setdefault(node.block, tuple(each.type for each in tensors))
    outputs = tuple(ir.Value(each.type, node.span) for each in network.outputs)
    attribute = here.attribute(_snake(node.block), node.shared)
    step = ir.BlockStep(node.span, node.block, values, tensors, outputs, attribute, network)
    here.did(step, *outputs)
    if not here.generic:
        here.guards += network.guards
    if len(outputs) == 1:
        return outputs[0]
    return ir.Results(outputs, node.block, ", ".join(port.name for port in definition.outputs))


def _snake(text: str) -> str:
    parts = []
    for index, letter in enumerate(text):
        if letter.isupper() and index and not text[index - 1].isupper():
            parts.append("_")
        parts.append(letter.lower())
    return "".join(parts)


def _hyperparameters(
    here: Evaluation, definition: ir.Definition, given: Mapping[str, Any], span: Span
) -> bool:
    good = True
    for each in definition.hyperparameters:
        if each.name in given:
            value = given[each.name]
        elif each.default is not None:
            value = here.static(each.default)
        else:
            value = UNKNOWN
        if value is UNKNOWN:
            good = False
        elif not _is_kind(each.kind, value, here.generic):
            where = span if each.name in given else each.span
            wanted = "a list" if each.kind == "list" else words(KINDS[each.kind])
            here.report(
                name_errors.wrong_argument(where, each.name, definition.name, wanted, _shown(value))
            )
            good = False
        here.names[each.name] = value
    return good


def _shown(value: Any) -> str:
    from ..arithmetic import described

    return described(value)


def _is_kind(kind: str, value: Any, is_generic: bool) -> bool:
    if is_generic and isinstance(value, ir.Open):
        return kind != "int"
    if kind == "list":
        return isinstance(value, tuple)
    return fits(KINDS[kind], value)


def _declare_sizes(here: Evaluation, definition: ir.Definition) -> None:
    here.names |= {size: name(size) for size in definition.sizes}


def _declared(here: Evaluation, definition: ir.Definition) -> list[ir.Value]:
    """The inputs with their declared types; a faulty one stays unknown."""
    values = []
    for port in definition.inputs:
        given = here.type_of(port.type) if port.type else UNKNOWN
        if isinstance(given, Type):
            values.append(ir.Value(given, port.span, port.name))
        else:
            here.names[port.name] = UNKNOWN
    return values


def _entering(
    outside: Evaluation,
    here: Evaluation,
    definition: ir.Definition,
    tensors: tuple[ir.Value, ...],
    span: Span,
) -> list[ir.Value] | None:
    """What flows in, under the block's own names; its sizes are bound by the caller's shapes."""
    if definition.chained:
        # What the numbers mean is kept; the place is the caller's, so that trails lead there.
        return [ir.Value(tensors[0].type, tensors[0].span, "x")]
    values = []
    for port, value in zip(definition.inputs, tensors, strict=True):
        if port.type is None:
            return None
        if not bind_sizes(here, port.type, value.type):
            wanted = port.span.source.text[port.type.span.start : port.type.span.end]
            trail = outside.trail(value)
            outside.report(
                errors.block_input(
                    span, definition.name, port.name, wanted, str(value.type), port.span, trail
                )
            )
            return None
        values.append(ir.Value(value.type, value.span, port.name))
    return values


def bind_sizes(here: Evaluation, spec: ir.TypeSpec, given: Type) -> bool:
    """Whether a value is of a declared type; names met for the first time are bound."""
    if given.dtype != spec.dtype or len(given.shape) != len(spec.sizes):
        return False
    for size, there in zip(spec.sizes, given.shape, strict=True):
        if isinstance(size, ir.Local) and size.name not in here.names:
            here.names[size.name] = there
    for size, there in zip(spec.sizes, given.shape, strict=True):
        wanted = here.static(size)
        if wanted is UNKNOWN or not isinstance(wanted, int | Dim):
            return False
        if decide(there, "==", dim(wanted)) is not True:
            return False
    if spec.classes is not None and given.classes is not None:
        return bool(here.static(spec.classes) == given.classes)
    if spec.tokens is not None:
        limit = here.static(spec.tokens)
        return given.tokens is not None and isinstance(limit, int) and given.tokens <= limit
    return True


def _body(here: Evaluation, definition: ir.Definition, inputs: list[ir.Value]) -> ir.Network | None:
    """The statements in order; None where an output has no type."""
    init = None if definition.init is None else initial(here, definition.init)
    here.names |= {value.name: value for value in inputs}
    for statement in definition.body:
        if isinstance(statement, ir.Require):
            if not here.generic and here.static(statement.condition) is False:
                report = errors.requirement(
                    statement.span, statement.message, here.at or definition.span
                )
                here.report(report)
            continue
        bind(here, statement)
    outputs = []
    for port in definition.outputs:
        value = here.names.get(port.name, UNKNOWN)
        stated = any(bind.name == port.name and bind.type for bind in _binds(definition))
        if port.type is not None and not stated and value is not UNKNOWN:
            declared = ir.Bind(port.span, port.name, ir.Faulty(port.span), port.type)
            value = checked(here, declared, port.type, value)
        if isinstance(value, ir.Value):
            outputs.append(value)
    if len(outputs) != len(definition.outputs) or len(inputs) != len(definition.inputs):
        return None
    if definition.init is not None and (
        init is None or not suits_model(here, definition.init, here.steps)
    ):
        return None
    sizes = {size: here.names[size] for size in definition.sizes}
    if definition.chained:
        names = AXES.get(len(inputs[0].type.shape), "").split()
        sizes = dict(zip(names, inputs[0].type.shape, strict=False))
    values = {each.name: here.names[each.name] for each in definition.hyperparameters}
    return ir.Network(
        definition.name,
        definition.span,
        values,
        tuple(inputs),
        tuple(outputs),
        tuple(here.steps),
        tuple(here.guards),
        sizes,
        init,
    )


def _binds(definition: ir.Definition) -> list[ir.Bind]:
    return [each for each in definition.body if isinstance(each, ir.Bind)]
