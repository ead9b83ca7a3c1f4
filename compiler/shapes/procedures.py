"""Predictions of one's own: networks whose models are called by the names of a training."""

from __future__ import annotations

from collections.abc import Mapping

from .. import ir
from ..diagnostics import Report
from ..dims import name
from ..record import replaced
from ..tensor import UNKNOWN, Type
from .binding import bind, checked
from .control import run
from .evaluation import Evaluation
from .steps import BATCH, called, network_of


def procedure(
    node: ir.Procedure, definitions: Mapping[str, ir.Definition | ir.Function], report: Report
) -> ir.TypedProcedure | None:
    """A predict block as a network of the inputs that have no value; None after a report."""
    here = Evaluation(report, definitions)
    here.names["N"] = BATCH
    here.names |= {size: name(size) for size in node.sizes}
    given = []
    for port in node.inputs:
        if port.name in node.values:
            bind(here, ir.Bind(port.span, port.name, node.values[port.name], port.type))
            continue
        of = here.type_of(port.type) if port.type is not None else UNKNOWN
        value = ir.Value(of, port.span, port.name) if isinstance(of, Type) else UNKNOWN
        if isinstance(value, ir.Value):
            given.append(value)
        here.names[port.name] = value
    run(here, node.body)
    outputs = []
    for port in node.outputs:
        value = here.names.get(port.name, UNKNOWN)
        if port.type is not None and value is not UNKNOWN:
            declared = ir.Bind(port.span, port.name, ir.Faulty(port.span), port.type)
            value = checked(here, declared, port.type, value)
        if isinstance(value, ir.Value):
            outputs.append(value)
    if len(outputs) != len(node.outputs) or UNKNOWN in here.names.values():
        return None
    network = network_of(node.name, node.span, here, given, tuple(outputs), report)
    if network is None:
        return None
    network = replaced(network, inputs=tuple(given))
    return ir.TypedProcedure(node, network, tuple(dict.fromkeys(n for n, _ in called(network))))
