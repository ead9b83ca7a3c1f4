"""Pass 4: typed IR → warnings."""

from __future__ import annotations

from . import ir
from .diagnostics import Report
from .errors import lint as errors


def lint(program: ir.TypedProgram, report: Report) -> None:
    """What is legal and probably not meant."""
    for model in program.models.values():
        _dropout_last(model.network, report)
        _unused_inputs(model.network, report)


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
