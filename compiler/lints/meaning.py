"""What numbers mean: pixels that nobody scaled, shares along another axis than the classes."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import advice, effects
from .flow import flow, origin, results


def pixels(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """Pictures whose bytes go into weights as they are."""
    read = training.data.data.source
    if read is None:
        return
    columns = {name: dtype for name, dtype, _, _ in getattr(read.record, "columns", ())}
    folder = getattr(read.record, "folders", False)
    here = flow(training.network)
    for value in training.network.inputs:
        name = training.inputs.get(value.name, "")
        if name not in training.data.fields:
            continue
        field = training.data.fields[name].field
        names = [step.record.name for step in field.steps]
        raw = field.raw.name if isinstance(field.raw, ir.Column) else ""
        bytes_come = columns.get(raw) == "u8" or (folder and raw == "image")
        if not bytes_come or {"scale", "standardize", "normalize"} & {*names}:
            continue
        for step in here.steps:
            if (
                isinstance(step, ir.LayerStep)
                and step.layer.name in ("Linear", "Conv2d")
                and origin(here, step.inputs[0]) is value
            ):
                after = field.steps[-1].span if field.steps else field.raw.span
                text = after.source.text[field.raw.span.start : after.end]
                yield advice.pixels_unscaled(after, text, field.name)
                break


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
