"""Pass 2: tree → IR. Names are looked up and arguments bound; what this version has not yet is
refused here, by name, and never ignored."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from .. import ir, tree
from ..diagnostics import Report
from ..errors import names as errors
from ..source import Span
from .data import data
from .definitions import definition
from .expectations import expectations
from .expressions import Scope
from .names import FAILED, Constants
from .steps import procedure, stepped
from .training import training

LATER = {
    tree.Import: "`from … import …`",
    tree.Function: "a compile-time `function`",
    tree.Extern: "`extern`",
    tree.Sweep: "`sweep`",
}


def resolve(spec: tree.Spec, report: Report) -> ir.Program:
    """The program that a tree means; what is wrong is reported and left out."""
    constants = Constants(_params(spec, report), report)
    named: dict[str, Span] = {}
    blocks: dict[str, tree.Block | tree.Model] = {}
    data_blocks: dict[str, tree.Data] = {}
    for node in spec.declarations:
        match node:
            case tree.Block() | tree.Model():
                blocks[node.name.name] = node
            case tree.Data():
                data_blocks[node.name.name] = node
        if isinstance(node, tree.Block | tree.Model | tree.Data | tree.Param | tree.Predict):
            name = node.name
            if name.name in named:
                report(errors.defined_twice(name.span, name.name, named[name.name]))
            named[name.name] = name.span
    models = {name: node for name, node in blocks.items() if isinstance(node, tree.Model)}

    definitions: dict[str, ir.Definition] = {}
    found_data: dict[str, ir.Data] = {}
    trainings: list[ir.Training | ir.Stepped] = []
    procedures: dict[str, ir.Procedure] = {}
    expected: list[ir.Expectation] = []
    for node in spec.declarations:
        match node:
            case tree.Block() | tree.Model():
                scope = Scope(report, blocks, constants.names)
                definitions[node.name.name] = definition(node, scope)
            case tree.Data():
                found_data[node.name.name] = data(node, constants)
            case tree.Train():
                in_steps = len(node.models) > 1 or any(
                    isinstance(entry, tree.Step) for entry in node.entries
                )
                resolved = stepped if in_steps else training
                found = resolved(node, models, data_blocks, constants)
                if trainings and found is not None:
                    report(errors.not_yet(node.span, "a second `train` block"))
                elif found is not None:
                    trainings.append(found)
            case tree.Expect():
                expected += expectations(node, constants)
            case tree.Predict():
                before = trainings[-1] if trainings else None
                own = procedure(node, before, models, constants)
                if own is not None:
                    procedures[own.name] = own
            case tree.Param():
                pass
            case _:
                report(errors.not_yet(node.span, LATER[type(node)]))
    stem = PurePath(spec.source.path).stem or "spec"
    return ir.Program(stem, definitions, found_data, tuple(trainings), tuple(expected), procedures)


def _params(spec: tree.Spec, report: Report) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for node in spec.declarations:
        if isinstance(node, tree.Param):
            name = node.name.name
            value = Constants(values, report).value(node.value, f"the param `{name}`")
            values[name] = 1 if value is FAILED else value
    return values
