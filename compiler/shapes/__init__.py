"""Pass 3: IR → typed IR. Every value gets its type; what is open becomes a condition."""

from __future__ import annotations

from collections.abc import Iterable

from .. import ir
from ..diagnostics import Report
from .data import data
from .expectations import expectations
from .extent import computable, sound
from .generic import Generics
from .legal import possible
from .networks import model
from .procedures import procedure
from .sequence import copies_called, in_order
from .steps import stepped
from .sweeps import goal
from .training import training


def shapes(program: ir.Program, report: Report) -> ir.TypedProgram:
    """The program with types; what is wrong is reported and left out."""
    limited = sound(program.definitions, report)
    definitions: dict[str, ir.Definition | ir.Function]
    definitions = {**program.definitions, **program.functions}
    networks: dict[str, ir.Network] = {}
    uses: dict[str, list[ir.BlockStep]] = {}
    for name, definition in program.definitions.items():
        if definition.is_model and name in limited:
            network = model(definition, definitions, report)
            if network and computable(network, report) and possible(network, report):
                _note_uses(network, uses)
                networks[name] = network
    models = {
        name: ir.TypedModel(program.definitions[name], network)
        for name, network in networks.items()
    }
    whole = Generics(definitions, uses, networks)
    typed_data = {name: data(block, report) for name, block in program.data.items()}
    trainings: list[ir.TypedTraining | ir.TypedStepped] = []
    for node in program.trainings:
        found: ir.TypedTraining | ir.TypedStepped | None = None
        if node.data in typed_data:
            block = typed_data[node.data]
            match node:
                case ir.Training() if node.model in models:
                    found = training(node, definitions, block, report)
                case ir.Stepped() if all(each.definition in models for each in node.models):
                    found = stepped(node, definitions, block, report)
        if found is not None:
            trainings.append(found)
            for network in _networks(found):
                _note_uses(network, uses)
    procedures = {}
    for name, each in program.procedures.items():
        all_typed = len(trainings) == len(program.trainings)
        typed = procedure(each, definitions, report) if all_typed else None
        if typed is not None:
            procedures[name] = typed
    in_order(trainings, report)
    if len(trainings) == len(program.trainings):
        copies_called(trainings, procedures, report)
    expectations(program, models, trainings, procedures, report)
    for sweep in program.sweeps:
        goal(sweep, trainings, report)
    return ir.TypedProgram(
        program, models, whole, typed_data, tuple(trainings), program.expectations, procedures
    )


def _networks(training: ir.TypedTraining | ir.TypedStepped) -> Iterable[ir.Network]:
    """The models of a training with the hyperparameters that they have there."""
    if isinstance(training, ir.TypedTraining):
        return (training.network,)
    return training.models.values()


def _note_uses(network: ir.Network, uses: dict[str, list[ir.BlockStep]]) -> None:
    """The uses of each block, those inside blocks too; equal ones once."""
    for step in ir.every(network.steps):
        if isinstance(step, ir.BlockStep):
            known = uses.setdefault(step.block, [])
            if not any(step.body is each.body for each in known):
                known.append(step)
                _note_uses(step.body, uses)
