"""Predictions of one's own: networks whose models are called by the names of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .. import ir
from ..diagnostics import Diagnostic, Report
from ..dims import dim, name
from ..errors import control as control_errors
from ..record import replaced
from ..tensor import UNKNOWN, Type
from .binding import bind, checked
from .budget import MOST_LAYERS, Exceeded
from .control import run
from .evaluation import Evaluation
from .loops import open_loop
from .steps import BATCH, called, network_of

Definitions = Mapping[str, ir.Definition | ir.Function]
Run = Callable[[Evaluation, Sequence[ir.Statement]], None]


def procedure(
    node: ir.Procedure, definitions: Definitions, report: Report
) -> ir.TypedProcedure | None:
    """A predict block as a network of the inputs that have no value; None after a report.

    It has no layers of its own, so a loop over a `range` may stay one: a thousand turns of
    sampling are a thousand turns at run time. Where what is carried changes, turns are told apart
    by their number, or names that a turn binds are read later, they are gone through one by one.
    """
    silent: list[Diagnostic] = []
    try:
        kept = _evaluated(node, definitions, silent.append, _kept)
        if kept is not None and not silent:
            return kept
        return _evaluated(node, definitions, report, run)
    except Exceeded as why:
        report(control_errors.too_many(why.span, MOST_LAYERS))
        return None


def _kept(here: Evaluation, statements: Sequence[ir.Statement]) -> None:
    """The statements in order; those loops that only count are kept."""
    for each in statements:
        match each:
            case ir.For(over=ir.Call(callee=ir.Named(name="range"))):
                over = here.value(each.over)
                if isinstance(over, tuple) and len(over) > 1 and over[1] == over[0] + 1:
                    turns = ir.OpenRange(dim(over[0]), dim(over[-1] + 1))
                    open_loop(here, each, turns, run)
                    continue
        run(here, [each])


def _evaluated(
    node: ir.Procedure, definitions: Definitions, report: Report, run: Run
) -> ir.TypedProcedure | None:
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
