"""Models and blocks as networks: once with the values at hand, once for all hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from .. import ir, opened
from ..diagnostics import Diagnostic, Label, Report
from ..dims import Dim, name
from ..errors import control as control_errors
from ..errors import shapes as errors
from ..source import Span
from ..tensor import UNKNOWN, Type, Unknown
from .binding import checked, named
from .budget import DEEPEST, MOST_LAYERS, Exceeded
from .control import run
from .entering import declared, default_values, entering, filled, hyperparameters
from .evaluation import Evaluation
from .initial import initial, suits_model
from .opaque import has_axes, leaves
from .outside import called
from .parts import weights
from .turns import fresh
from .values import NotGeneric, described

AXES = {1: "N", 2: "N C", 3: "N C L", 4: "N C H W", 5: "N C D H W"}
Definitions = Mapping[str, ir.Definition | ir.Function]


def model(definition: ir.Definition, definitions: Definitions, report: Report) -> ir.Network | None:
    """A model with its defaults and its sizes as declared; None after a report."""
    here = Evaluation(report, definitions, is_model=True)
    return _within_limits(here, definition, {}, {}, definition.span)


def _within_limits(
    here: Evaluation,
    definition: ir.Definition,
    values: Mapping[str, Any],
    sizes: Mapping[str, Dim],
    span: Span,
) -> ir.Network | None:
    """A model of these hyperparameters and sizes; None after a report."""
    try:
        if not hyperparameters(here, definition, values, span):
            return None
        declare_sizes(here, definition)
        here.names |= sizes
        return body(here, definition, declared(here, definition))
    except Exceeded as why:
        here.report(control_errors.too_many(why.span, MOST_LAYERS))
        return None


def bound_model(
    definition: ir.Definition,
    definitions: Definitions,
    arguments: Mapping[str, ir.Expression],
    sizes: Mapping[str, Dim],
    span: Span,
    report: Report,
) -> ir.Network | None:
    """A model with given hyperparameters and given sizes of its inputs."""
    here = Evaluation(report, definitions, is_model=True)
    values = {each: here.static(value) for each, value in arguments.items()}
    return _within_limits(here, definition, values, sizes, span)


def use_block(here: Evaluation, node: ir.Use) -> Any:
    """A block in use: what its first output is; UNKNOWN after a report."""
    definition = here.definitions[node.block]
    assert isinstance(definition, ir.Definition)
    inputs = [here.tensor(each) for each in node.inputs]
    values = {each: here.static(value) for each, value in node.arguments.items()}
    if UNKNOWN in inputs or UNKNOWN in values.values():
        return UNKNOWN
    tensors = tuple(each for each in inputs if isinstance(each, ir.Value))
    if not all(has_axes(here, node.span, definition.name, each) for each in tensors):
        return UNKNOWN
    if here.budget.deep:
        return UNKNOWN
    if here.depth >= DEEPEST:
        here.budget.deep = True
        here.report(control_errors.too_deep(node.span, definition.name, DEEPEST))
        return UNKNOWN
    if here.in_loop and not node.shared:
        here.report(control_errors.layer_in_loop(node.span, definition.name))
        return UNKNOWN

    def report(diagnostic: Diagnostic) -> None:
        places = (diagnostic.span, *(label.span for label in diagnostic.others))
        if node.span not in places:
            use = Label(node.span, f"{definition.name} is used here")
            diagnostic = replace(diagnostic, others=(*diagnostic.others, use))
        here.report(diagnostic)

    inner = Evaluation(
        report,
        here.definitions,
        generic=here.generic,
        budget=here.budget,
        generics=here.generics,
        open_names=here.open_names,
        cache=here.cache,
        depth=here.depth + 1,
        born=here.born,
        atoms=here.atoms,
        reserved=here.reserved,
    )
    inner.at = node.span
    places = {each: value.span for each, value in node.arguments.items()}
    if not hyperparameters(inner, definition, values, node.span, places):
        return UNKNOWN
    # What is computed as a default stands in the emitted code where the block is used.
    computed = (e for e in definition.hyperparameters if not isinstance(e.default, ir.Literal))
    values = {**{each.name: inner.names[each.name] for each in computed}, **values}
    flowing = entering(here, inner, definition, tensors, node.span)
    if flowing is None:
        return UNKNOWN
    tensors = (*tensors, *filled(here, inner, definition, flowing, node.span))
    if here.generics is not None:
        told = {each.name: inner.names[each.name] for each in definition.hyperparameters}
        _known_now(here, node.block, told, tensors)
    if len(flowing) < len(definition.inputs):
        return UNKNOWN
    if here.generics is not None and here.generics.recursive(node.block):
        network: ir.Network | None = _as_declared(inner, definition, flowing)
    else:
        network = _known_body(here, inner, node, definition, values, flowing)
    if network is None or not network.outputs:
        return UNKNOWN
    outputs = tuple(ir.Value(_seen(here, each.type), node.span) for each in network.outputs)
    attribute = here.attribute(_snake(definition.name), node.shared)
    if node.shared:
        from .apply import same_weights

        needed = {each.name: each.shape for each in weights(network)}
        if not same_weights(here, node, attribute, needed, partial(here.trail, *tensors)):
            return UNKNOWN
    step = ir.BlockStep(
        node.span, node.block, values, tensors, outputs, attribute, network, node.shared
    )
    here.did(step, *outputs)
    here.guards += network.guards
    if len(outputs) == 1:
        return outputs[0]
    return ir.Results(outputs, definition.name, ", ".join(port.name for port in definition.outputs))


def _seen(here: Evaluation, given: Type) -> Type:
    """A type without the names that loops within a block have for sizes."""
    inside = {each for size in given.shape for each in size.names if "@" in each}
    if not inside:
        return given
    renamed = {each: name(fresh(here, each.partition("@")[0])) for each in sorted(inside)}
    return given.shaped(*(size.substitute(renamed) for size in given.shape))


def _known_now(
    here: Evaluation, block: str, values: Mapping[str, Any], tensors: tuple[ir.Value, ...]
) -> None:
    """What a class is made for, of each of its uses, must not be what a constructor is told."""
    assert here.generics is not None
    fixed = here.generics.fixed(block)
    if fixed is None:
        sizes = tuple(size for value in tensors for size in value.type.shape)
        known: tuple[Any, ...] = (*values.values(), *sizes)
    else:
        known = tuple(values[each] for each in fixed)
    names = opened.names(known, here.atoms) - here.open_names
    if names:
        raise NotGeneric(names)
    if fixed is None or here.generics.recursive(block):
        return
    if here.generics.of(block, values) is None:
        raise NotGeneric


def _as_declared(here: Evaluation, definition: ir.Definition, inputs: list[ir.Value]) -> ir.Network:
    """A block within itself: its outputs have the types that it declares."""
    outputs = []
    for port in definition.outputs:
        given = UNKNOWN if port.type is None else here.type_of(port.type)
        if not isinstance(given, Type):
            raise NotGeneric
        outputs.append(ir.Value(given, port.span, port.name))
    values = {each.name: here.names[each.name] for each in definition.hyperparameters}
    sizes = {size: here.names[size] for size in definition.sizes if size in here.names}
    made = (tuple(inputs), tuple(outputs), (), ())
    return ir.Network(definition.name, definition.span, values, *made, sizes)


def _known_body(
    here: Evaluation,
    inner: Evaluation,
    node: ir.Use,
    definition: ir.Definition,
    values: Mapping[str, Any],
    entering: list[ir.Value],
) -> ir.Network | None:
    """The body for these hyperparameters and types: the same ones are gone through once."""
    types = tuple(value.type for value in entering)
    key = (node.block, tuple(values.items()), types, here.generic)
    if key in here.cache:
        network, layers = here.cache[key]
        here.budget.spend(node.span, layers)
        return network
    before = here.budget.layers
    found = body(inner, definition, entering)
    if found is not None:
        here.cache[key] = found, before - here.budget.layers
    return found


def _snake(text: str) -> str:
    parts = []
    for index, letter in enumerate(text):
        if letter.isupper() and index and not text[index - 1].isupper():
            parts.append("_")
        parts.append(letter.lower())
    return "".join(parts)


def declare_sizes(here: Evaluation, definition: ir.Definition) -> None:
    here.names |= {size: name(size) for size in definition.sizes}
    here.born |= definition.sizes


def body(here: Evaluation, definition: ir.Definition, inputs: list[ir.Value]) -> ir.Network | None:
    """The statements in order; None where an output has no type."""
    # As they come: the body may give their names to something else.
    values = {each.name: opened.given(here.names[each.name]) for each in definition.hyperparameters}
    init = None if definition.init is None else initial(here, definition.init)
    here.names |= {value.name: value for value in inputs}
    if definition.extern:
        called(here, definition, inputs)
    if definition.chained:
        # Of several results the first flows on, behind the block as behind any arrow.
        (only,) = definition.body
        assert isinstance(only, ir.Bind)
        value = here.tensor(only.value)
        if isinstance(value, ir.Value):
            value = named(here, value, only.name)
        here.names[only.name] = value
    else:
        run(here, definition.body)
    outputs = []
    for port in definition.outputs:
        value = here.names.get(port.name, UNKNOWN)
        stated = any(bind.name == port.name and bind.type for bind in _binds(definition))
        if port.type is not None and not stated and value is not UNKNOWN:
            declared = ir.Bind(port.span, port.name, ir.Faulty(port.span), port.type)
            value = checked(here, declared, port.type, value)
        if isinstance(value, ir.Value):
            outputs += [value] if leaves(here, port, value) else []
        elif not isinstance(value, Unknown):
            here.report(errors.not_a_tensor(port.span, described(value)))
    if len(outputs) != len(definition.outputs) or len(inputs) != len(definition.inputs):
        return None
    if definition.init is not None and (
        init is None or not suits_model(here, definition.init, here.steps)
    ):
        return None
    defaults = default_values(here, definition)
    if defaults is None:
        return None
    sizes = {size: here.names[size] for size in definition.sizes if size in here.names}
    if definition.chained:
        names = AXES.get(len(inputs[0].type.shape), "").split()
        sizes = dict(zip(names, inputs[0].type.shape, strict=False))
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
        defaults,
        here.atoms,
        here.lets,
        tuple(here.requires),
    )


def _binds(definition: ir.Definition) -> list[ir.Bind]:
    return [each for each in definition.body if isinstance(each, ir.Bind)]
