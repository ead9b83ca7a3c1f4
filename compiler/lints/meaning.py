"""What numbers mean: shares along another axis than that of the classes."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import effects
from .flow import flow, results


def other_axis(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """Shares along another axis than that of the classes."""
    here, inside, outputs = flow(training.loss), flow(training.network), results(training)
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name != "nll_loss":
            continue
        value = step.inputs[0]
        made = here.layer(value)
        if made is None and value.name in outputs:
            made = inside.layer(outputs[value.name])
        if made is None or made.layer.name not in ("log_softmax", "LogSoftmax"):
            continue
        rank = len(made.inputs[0].type.shape)
        axis = int(made.arguments["dim"]) % rank
        if axis != 1:
            yield effects.other_axis(made.span, made.layer.name, axis, step.span, "nll_loss")
