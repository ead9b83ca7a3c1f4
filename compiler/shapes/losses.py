"""What messages about losses say: a target that is one number, and where scores were spoilt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import ir
from ..dims import text
from ..layers.record import Shape
from ..source import Span


def filled(shape: Shape, value: float) -> str:
    """How a target that is one number everywhere is written."""
    sizes = ", ".join(map(text, shape))
    if value in (0, 1):
        return f"write `{'ones' if value else 'zeros'}({sizes})`"
    return f"write `full([{sizes}], {value})`"


def born_in_model(made_by: Mapping[int, ir.TypedStep], values: Sequence[ir.Value]) -> Span | None:
    """The layer of a model that made the first value, where a model that is called gives it."""
    value, found = values[0], None
    while isinstance(step := made_by.get(id(value)), ir.BlockStep):
        place = next(i for i, each in enumerate(step.outputs) if each is value)
        value = step.body.outputs[place]
        made_by = {id(made): each for each in step.body.steps for made in each.outputs}
        found = made_by[id(value)].span if id(value) in made_by else None
    return found
