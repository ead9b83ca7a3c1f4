"""What checks and cannot be emitted yet: it is refused by name where a package is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from . import ir
from .diagnostics import Diagnostic
from .errors.names import not_yet

KEYS = (
    "steps precision compile clip_norm accumulate ema freeze groups deterministic checkpoint "
    "pretrained"
).split()


def unemitted(program: ir.TypedProgram) -> Iterator[Diagnostic]:
    """An error for each place whose meaning no emitted code would have."""
    for definition in program.program.definitions.values():
        if definition.extern:
            yield not_yet(definition.span, "`extern`")
    for data in program.program.data.values():
        yield from _data(data)
    for training in program.trainings:
        yield from _training(training.training)
    for second in program.trainings[1:]:
        yield not_yet(second.training.span, "a second `train` block")
    for procedure in program.program.procedures.values():
        for port in procedure.inputs:
            if port.name not in procedure.values:
                yield not_yet(port.span, "an input of `predict` without a value")
    for sweep in program.program.sweeps:
        yield not_yet(sweep.span, "`sweep`")


def _data(data: ir.Data) -> Iterator[Diagnostic]:
    """Sources, steps and splits that nothing in the runtime carries out."""
    steps = (step for field in data.fields for step in field.steps)
    for each in (data.source, *steps, data.split):
        if each is not None and not each.record.module:
            yield not_yet(each.span, f"`{each.record.name}`")


def _training(node: ir.Training | ir.Stepped) -> Iterator[Diagnostic]:
    for key, span in node.places.items():
        if key in KEYS:
            yield not_yet(span, f"`{key}`")
    match node:
        case ir.Training(name=name, model=model):
            if name != model:
                yield not_yet(node.model_span, "a model under another name", f"write `{model}`")
        case ir.Stepped(copies=copies):
            for each in copies:
                yield not_yet(each.span, "`copy`")
