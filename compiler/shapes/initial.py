"""`init=…`: the values of its arguments, and whether the weights can be set so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .. import arithmetic, ir
from ..dims import Dim, text
from ..errors import names as name_errors
from ..errors import results as errors
from ..layers.arguments import fits, words
from ..layers.initial import INITIALIZERS, KERAS, kernels
from ..layers.record import Shape
from ..source import Span
from ..tensor import UNKNOWN
from .values import NotGeneric

if TYPE_CHECKING:
    from .evaluation import Evaluation


def initial(here: Evaluation, node: ir.Initializer) -> ir.Initial | None:
    """The initializer with its arguments; None after a report."""

    if node.name == KERAS:
        return ir.Initial(KERAS, {})
    record = INITIALIZERS[node.name]
    values: dict[str, Any] = {each.name: each.default for each in record.parameters}
    good = True
    for each in record.parameters:
        if each.name not in node.arguments:
            continue
        expression = node.arguments[each.name]
        value = values[each.name] = here.static(expression)
        if value is UNKNOWN:
            good = False
        elif here.generic and isinstance(value, ir.Open | Dim):
            if "|" in each.kind or isinstance(value, Dim):
                raise NotGeneric
        elif not fits(each.kind, value):
            wanted, shown = words(each.kind), arithmetic.described(value)
            here.report(
                name_errors.wrong_argument(expression.span, each.name, node.name, wanted, shown)
            )
            good = False
    if good and (wrong := record.unfit(values)):
        here.report(errors.unfit_initializer(node.span, wrong.why, help=f"write `{wrong.write}`"))
        good = False
    return ir.Initial(node.name, values) if good else None


def suits(
    here: Evaluation,
    init: ir.Initializer,
    span: Span,
    layer: str,
    weights: Mapping[str, Shape],
) -> bool:
    """Whether an initializer can set the weights of a layer; reported where it cannot."""
    found = kernels(weights)
    if not found or (init.name == KERAS and not any(each.startswith("weight") for each in found)):
        here.report(errors.nothing_to_initialize(span, layer))
        return False
    return init.name == KERAS or all(
        _fits(here, init, init.span, layer, shape) for shape in found.values()
    )


def fits_shape(here: Evaluation, init: ir.Initializer, name: str, shape: Shape) -> bool:
    """Whether an initializer can set a weight of one's own; reported where it cannot."""
    return init.name != KERAS and _fits(here, init, init.span, f"`{name}`", shape)


def _fits(here: Evaluation, init: ir.Initializer, span: Span, layer: str, shape: Shape) -> bool:
    record = INITIALIZERS[init.name]
    if record.least <= len(shape) <= record.most:
        return True
    shown = f"[{', '.join(map(text, shape))}]"
    help = "" if len(shape) > 1 else "leave `init` out: torch starts with a scale of 1"
    why = f"{init.name} cannot set the weight {shown} of {layer}"
    here.report(errors.unfit_initializer(span, why, f"it takes {record.wants}", help))
    return False


def suits_model(here: Evaluation, init: ir.Initializer, steps: Iterable[ir.TypedStep]) -> bool:
    """Whether an initializer can set the weights of every layer of a model.

    Scales and shifts of normalisations stay: they are no weights between units.
    """
    for step in steps:
        if isinstance(step, ir.BlockStep) and not suits_model(here, init, step.body.steps):
            return False
        if not isinstance(step, ir.LayerStep) or not step.attribute or init.name == KERAS:
            continue
        for shape in initialized(step).values():
            if not _fits(here, init, init.span, step.layer.name, shape):
                return False
    return True


def initialized(step: ir.LayerStep) -> dict[str, Shape]:
    """The weights of a layer that a model's `init` sets: those of two axes and more."""
    weights = step.layer.weights(step.types, step.output.type, step.known)
    return {name: shape for name, shape in kernels(weights).items() if len(shape) > 1}
