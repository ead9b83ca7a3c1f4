"""Where a size comes from: the axes and the step that made it, and how a shape is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import ir
from ..dims import Dim, text
from ..layers.record import Shape
from ..layers.shape import counted, in_factors, product

if TYPE_CHECKING:
    from .evaluation import Evaluation


def reduced_instead(here: Evaluation, value: ir.Value, size: Dim) -> tuple[int, str] | None:
    """The axis of an open size that a reduction of the last one brought to the end, and of what."""
    step = here.made_by.get(id(value))
    if not isinstance(step, ir.LayerStep) or not step.inputs or "dim" not in step.arguments:
        return None
    before = step.inputs[0].type.shape
    shorter = len(before) == len(value.type.shape) + 1 and before[-1].value is not None
    if not shorter or size not in before[1:-1]:
        return None
    return before.index(size), str(step.inputs[0].type)


def as_made(here: Evaluation, value: ir.Value, size: Dim) -> str:
    """A size with the axes that a flatten or reshape made it of: `5408 = 32*13*13`."""
    step = here.made_by.get(id(value))
    if isinstance(step, ir.LayerStep) and step.layer.name in ("flatten", "Flatten", "reshape"):
        for start in (1, 0):
            axes = step.inputs[0].type.shape[start:]
            if product(axes) == size:
                return counted(axes)
    if isinstance(step, ir.LayerStep) and step.arguments.get("bidirectional") and size % 2 == 0:
        return f"{text(size)} = 2*{text(size // 2)}, both ways"
    return in_factors(size)


def listed(shape: Shape) -> str:
    """A shape in brackets: `[64, 300]`."""
    return f"[{', '.join(map(text, shape))}]"
