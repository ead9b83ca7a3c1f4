"""What numbers mean: shares along another axis than that of the classes."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import effects
from .flow import Flow, flow, results


def other_axis(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """Shares along another axis than that of the classes."""
    here, inside, outputs = flow(training.loss), flow(training.network), results(training)
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name != "nll_loss":
            continue
        made, axis = _made(here, step.inputs[0], 1)
        if made is None and step.inputs[0].name in outputs:
            made, axis = _made(inside, outputs[step.inputs[0].name], 1)
        if made is None or made.layer.name not in ("log_softmax", "LogSoftmax"):
            continue
        shares = int(made.arguments["dim"]) % len(made.inputs[0].type.shape)
        if shares != axis:
            yield effects.other_axis(made.span, made.layer.name, shares, axis, step.span)


def _made(here: Flow, value: ir.Value, axis: int) -> tuple[ir.LayerStep | None, int]:
    """What made a value before its axes were permuted, and which axis `axis` was then."""
    step = here.layer(value)
    while step is not None and step.layer.name == "permute":
        order = [int(each) for each in step.arguments["dims"]]
        axis = order[axis] % len(order)
        step = here.layer(step.inputs[0])
    return step, axis
