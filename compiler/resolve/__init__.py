"""Pass 2: tree → IR. Names are looked up and arguments bound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from .. import ir, tree
from ..diagnostics import Report
from ..errors import names as errors
from ..errors import sweeps as sweep_errors
from ..source import Span
from .data import data
from .expectations import expectations
from .names import Constants
from .namespace import Namespaces
from .procedures import procedure
from .steps import stepped
from .sweeps import sweep
from .training import training


def resolve(
    spec: tree.Spec, report: Report, imported: Mapping[str, tree.Spec] | None = None
) -> ir.Program:
    """The program that a tree means; what is wrong is reported and left out.

    `imported` are the files that it imports, also by way of others, by their paths.
    """
    spaces = Namespaces(imported or {}, report)
    space = spaces.of(spec)
    constants = space.constants
    models = {name: node for name, node in space.blocks.items() if isinstance(node, tree.Model)}

    found_data: dict[str, ir.Data] = {}
    trainings: list[ir.Training | ir.Stepped] = []
    procedures: dict[str, ir.Procedure] = {}
    expected: list[ir.Expectation] = []
    sweeps: list[ir.Sweep] = []
    whole = True
    for node in spec.declarations:
        match node:
            case tree.Data():
                found_data[node.name.name] = data(node, constants)
            case tree.Train():
                in_steps = len(node.models) > 1 or any(
                    isinstance(entry, tree.Step) for entry in node.entries
                )
                resolved = stepped if in_steps else training
                found = resolved(node, models, space.data, constants)
                if found is not None:
                    trainings.append(found)
                whole = whole and found is not None
            case tree.Expect():
                found_here = expectations(node, constants)
                # What a faulty training would have measured is not known.
                expected += [each for each in found_here if whole or each.subject == "parameters"]
            case tree.Predict():
                own = procedure(node, trainings, models, constants) if whole else None
                if own is not None:
                    places = {name: node.name.span for name, node in models.items()}
                    places |= {name: each.span for name, each in procedures.items()}
                    if own.name in places:
                        report(errors.defined_twice(own.span, own.name, places[own.name]))
                    procedures[own.name] = own
            case tree.Sweep():
                sweeps += _sweep(node, sweeps, spec, constants)
    stem = PurePath(spec.source.path).stem or "spec"
    return ir.Program(
        stem,
        spaces.definitions,
        found_data,
        tuple(trainings),
        tuple(expected),
        procedures,
        spaces.functions,
        tuple(sweeps),
    )


def _sweep(
    node: tree.Sweep, before: list[ir.Sweep], spec: tree.Spec, constants: Constants
) -> list[ir.Sweep]:
    """The sweep of a file, which has one."""
    if before:
        head = Span(node.span.source, node.span.start, node.span.start + len("sweep"))
        help = "put all searches into one"
        constants.report(sweep_errors.sweep_idle(head, "a spec has one sweep", help))
        return []
    params = [each.name.name for each in spec.declarations if isinstance(each, tree.Param)]
    trained = any(isinstance(each, tree.Train) for each in spec.declarations)
    found = sweep(node, params, trained, constants)
    return [] if found is None else [found]
