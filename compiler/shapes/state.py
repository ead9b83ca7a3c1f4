"""Tensors of a model's own: `weight`, `buffer`, and the parameters of declared layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ir
from ..diagnostics import Label
from ..dims import decide, text
from ..errors import weights as errors
from ..tensor import UNKNOWN, Type
from .initial import fits_shape, initial
from .values import NotGeneric, described

if TYPE_CHECKING:
    from .evaluation import Evaluation


def state(here: Evaluation, node: ir.State) -> None:
    """Bind a `weight` or `buffer`; a buffer of open sizes is computed where it stands."""
    here.names[node.name] = _state(here, node)


def _state(here: Evaluation, node: ir.State) -> Any:
    declared = here.type_of(node.type)
    if not isinstance(declared, Type):
        return UNKNOWN
    if node.kind == "weight" and not here.generic:
        for size, written in zip(declared.shape, node.type.sizes, strict=True):
            if size.value is None:
                shown, places = text(size), here.opened(size)
                here.report(errors.open_weight(written.span, node.name, shown, places))
                return UNKNOWN
    if node.kind == "weight" and not declared.floating:
        here.report(errors.weight_dtype(node.type.span, node.name, str(declared)))
        return UNKNOWN
    if isinstance(node.value, ir.Initializer):
        start = initial(here, node.value)
        if start is None or not fits_shape(here, node.value, node.name, declared.shape):
            return UNKNOWN
        return _made(here, node, start, declared)
    before = len(here.steps)
    value = here.value(node.value)
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, ir.Open):
        return _made(here, node, value, declared)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _made(here, node, value, declared)
    if not isinstance(value, ir.Value):
        shown = described(value)
        here.report(errors.state_value(node.value.span, node.kind, node.name, shown))
        return UNKNOWN
    return _computed(here, node, value, declared, before)


def _computed(
    here: Evaluation, node: ir.State, value: ir.Value, declared: Type, before: int
) -> Any:
    """A tensor expression as the start: of sizes and constants alone, of the declared type."""
    from .binding import named

    steps = here.steps[before:]
    made = {id(each) for step in steps for each in step.outputs}
    for step in steps:
        outside = [each for each in step.reads if id(each) not in made]
        if outside:
            span = outside[0].span
            here.report(errors.state_depends(node.value.span, node.kind, node.name, span))
            return UNKNOWN
    if id(value) not in made:
        here.report(errors.state_depends(node.value.span, node.kind, node.name, value.span))
        return UNKNOWN
    given = value.type
    sizes = zip(given.shape, declared.shape, strict=False)
    alike = given.dtype == declared.dtype and len(given.shape) == len(declared.shape)
    if not alike or not all(decide(a, "==", b) for a, b in sizes):
        if here.generic:
            raise NotGeneric
        trail = (Label(node.type.span, "declared here"),)
        here.report(
            errors.state_type(
                node.value.span, node.kind, node.name, str(declared), str(given), trail
            )
        )
        return UNKNOWN
    names = {each for size in declared.shape for each in size.names}
    if node.kind == "buffer" and names - here.hyperparameters:
        if here.generic and not here.is_model:
            raise NotGeneric
        return named(here, value, node.name)
    del here.steps[before:]
    network = ir.Network(node.name, node.span, {}, (), (value,), tuple(steps), (), {})
    return _made(here, node, network, declared)


def _made(here: Evaluation, node: ir.State, start: Any, declared: Type) -> ir.Value:
    output = ir.Value(declared, node.span, node.name)
    # In a loop that is written out each turn has its own.
    here.shared.pop(node.name, None)
    attribute = here.attribute("", node.name)
    here.did(ir.StateStep(node.span, node.kind, attribute, start, output), output)
    return output


def parameter(here: Evaluation, node: ir.Parameter) -> Any:
    """`words.weight`: a parameter of a declared layer that something has flowed into."""
    weights = here.weights.get(here.shared.get(node.layer, ""))
    if weights is None:
        here.report(errors.unused_yet(node.span, node.layer))
        return UNKNOWN
    if node.name not in weights:
        here.report(errors.no_parameter(node.span, node.layer, node.name, tuple(weights)))
        return UNKNOWN
    output = ir.Value(Type("f32", weights[node.name]), node.span)
    step = ir.ReadStep(node.span, here.shared[node.layer], node.name, output)
    here.did(step, output)
    return output
