"""Modules of Python: one step from the declared inputs to the declared outputs."""

from __future__ import annotations

from functools import cache

from .. import ir
from ..layers.outside import outside
from ..layers.record import Layer
from ..tensor import Type
from .evaluation import Evaluation


def called(here: Evaluation, definition: ir.Definition, inputs: list[ir.Value]) -> None:
    """Bind the outputs of an `extern` to what its module gives; nothing is imported."""
    outputs = {}
    for port in definition.outputs:
        given = here.type_of(port.type) if port.type is not None else None
        if not isinstance(given, Type):
            return
        outputs[port.name] = ir.Value(given, port.span, port.name)
    values = {each.name: here.names[each.name] for each in definition.hyperparameters}
    made = tuple(outputs.values())
    step = ir.LayerStep(
        definition.span,
        _layer(definition.extern, tuple(values), tuple(each.name for each in inputs)),
        values,
        {},
        tuple(inputs),
        made,
        here.attribute("module", "module"),
        tuple(range(len(made))) if len(made) > 1 else 0,
    )
    here.did(step, *made)
    here.names |= outputs


@cache
def _layer(place: str, hyperparameters: tuple[str, ...], inputs: tuple[str, ...]) -> Layer:
    return outside(place, hyperparameters, inputs)
