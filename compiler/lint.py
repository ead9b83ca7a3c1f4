"""Pass 4: typed IR → warnings."""

from __future__ import annotations

import os

from . import ir
from .diagnostics import Report
from .errors import data as data_errors
from .errors import lint as errors


def lint(program: ir.TypedProgram, report: Report) -> None:
    """What is legal and probably not meant."""
    for model in program.models.values():
        _dropout_last(model.network, report)
        _unused_inputs(model.network, report)
    for data in program.data.values():
        _missing_file(data.data, report)


def _missing_file(data: ir.Data, report: Report) -> None:
    """A file that is not at hand now: a note, since `--data` may name its folder at run time."""
    path = data.source.arguments.get("path") if data.source else None
    if data.source is None or path is None or data.source.record.name == "mnist":
        return
    spec = data.span.source.path
    folders = [os.path.dirname(spec), "", os.environ.get("DLC_DATA_DIR", "")]
    if not any(os.path.isfile(os.path.join(folder, path)) for folder in folders):
        report(data_errors.missing_file(data.source.span, path))


def _dropout_last(network: ir.Network, report: Report) -> None:
    """Dropout on an output only adds noise to what is compared."""
    outputs = {id(value) for value in network.outputs}
    for step in network.steps:
        match step:
            case ir.LayerStep(layer=layer, output=output) if layer.name == "Dropout":
                if id(output) in outputs:
                    report(errors.dropout_last(step.span))


def _unused_inputs(network: ir.Network, report: Report) -> None:
    """An input that nothing reads."""
    read = set(map(id, network.outputs))
    for step in network.steps:
        inputs = step.operands if isinstance(step, ir.ArithmeticStep) else step.inputs
        read |= set(map(id, inputs))
    for value in network.inputs:
        if id(value) not in read:
            report(errors.unused_input(value.span, value.name))
