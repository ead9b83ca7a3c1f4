"""Expectations: whether what is expected can be measured, and what is known already."""

from __future__ import annotations

from collections.abc import Mapping

from .. import ir
from ..arithmetic import apply
from ..catalog.training import METRICS
from ..cost import parameters, uncounted
from ..diagnostics import Report
from ..errors import imports as import_errors
from ..errors import names as name_errors
from ..errors import targets as target_errors
from ..errors import training as errors
from ..errors import trainings as trainings_errors
from .measures import Trainings, measured, plain, stepped


def expectations(
    program: ir.Program,
    models: Mapping[str, ir.TypedModel],
    trainings: Trainings,
    procedures: Mapping[str, ir.TypedProcedure],
    report: Report,
) -> None:
    """Report expectations of what is not measured; those of parameter counts are decided here."""
    for entry in program.expectations:
        if entry.subject == "parameters":
            _parameters(entry, program, models, trainings, report)
        elif not program.trainings:
            report(errors.without_training(entry.span))
        elif entry.subject == "procedure":
            _procedure(entry, program, report)
        elif entry.subject == "predict" and plain(trainings):
            _predict(entry, program, trainings, report)
        elif trainings and measured(entry, trainings, report) and entry.subject == "metric":
            _metric(entry, report)


def _metric(entry: ir.Expectation, report: Report) -> None:
    """Expectations of a metric that is measured: its bound is a number within its reach."""
    if _is_number(entry, entry.name, report) and _beyond_one(entry):
        report(target_errors.bound_unreachable(entry.span, entry.name, entry.target))


def _beyond_one(entry: ir.Expectation) -> bool:
    """Whether more is expected of a share or a correlation than it can be."""
    metric = METRICS.get(entry.name)
    if metric is None or metric.better != "higher":
        return False
    if entry.operator == "within":
        return bool(entry.target - entry.tolerance > 1)
    above = entry.operator == ">" and entry.target == 1
    return above or (entry.operator in (">", ">=", "==") and bool(entry.target > 1))


def _is_number(entry: ir.Expectation, name: str, report: Report) -> bool:
    good = isinstance(entry.target, int | float) and not isinstance(entry.target, bool)
    if not good:
        report(errors.expected_kind(entry.span, name, "a number"))
    return good


def _parameters(
    entry: ir.Expectation,
    program: ir.Program,
    models: Mapping[str, ir.TypedModel],
    trainings: Trainings,
    report: Report,
) -> None:
    networks = {name: model.network for name, model in models.items()}
    # A model under another name has hyperparameters of its own.
    for training in plain(trainings):
        networks.setdefault(training.training.name, training.network)
    for each in stepped(trainings):
        networks = {**each.models, **networks}
    if entry.name not in networks:
        known = [name for name, each in program.definitions.items() if each.is_model]
        if entry.name not in known:
            report(name_errors.unknown(entry.arguments["span"], entry.name, "a model", known))
        return
    outside = next(uncounted(networks[entry.name]), None)
    if outside is not None:
        report(import_errors.extern_uncounted(entry.span, entry.name, outside))
        return
    count = parameters(networks[entry.name])
    if not _is_number(entry, "parameters", report):
        return
    if entry.operator == "within":
        if abs(count - entry.target) > entry.tolerance:
            how = f"within {entry.tolerance} of"
            report(errors.expected_parameters(entry.span, entry.name, count, how, entry.target))
    elif not apply(entry.operator, count, entry.target):
        report(
            errors.expected_parameters(entry.span, entry.name, count, entry.operator, entry.target)
        )


def _procedure(entry: ir.Expectation, program: ir.Program, report: Report) -> None:
    """Expectations of a predict block: it is declared, and asks for a number of records alone."""
    from ..errors import steps as step_errors

    known = list(program.procedures)
    if entry.name not in known:
        report(step_errors.no_procedure(entry.span, entry.name, known))
        return
    procedure = program.procedures[entry.name]
    outputs = [port.name for port in procedure.outputs]
    if entry.arguments["of"] not in outputs:
        what = f"an output of `{entry.name}`"
        report(name_errors.unknown(entry.span, entry.arguments["of"], what, outputs))
    for port in procedure.inputs:
        if port.name not in procedure.values:
            without = trainings_errors.input_without_value
            sizes = port.type.span.text.partition("[")[2].rstrip("]") if port.type else "N"
            report(without(entry.span, entry.name, port.name, port.span, sizes))
            return


def _predict(
    entry: ir.Expectation, program: ir.Program, trainings: Trainings, report: Report
) -> None:
    """Expectations of a model's output: one model has it, and its inputs are fed."""
    outputs: dict[str, list[str]] = {}
    for training in plain(trainings):
        definition = program.definitions[training.training.model]
        outputs[training.training.name] = [port.name for port in definition.outputs]
    having = [name for name, each in outputs.items() if entry.name in each]
    if not having:
        known = [name for each in outputs.values() for name in each]
        report(name_errors.unknown(entry.span, entry.name, "an output of the model", known))
        return
    if len(having) > 1:
        why = f"`{entry.name}` is an output of several models"
        example = f"predict ask {{ output answer = {having[0]}(…) }}"
        report(trainings_errors.which_model(entry.span, why, having, example))
        return
    training = [each for each in plain(trainings) if each.training.name == having[0]][-1]
    fields = set(training.inputs.values())
    literal = training.data.data.source is None
    for name in entry.arguments if literal else ():
        if name not in fields:
            report(name_errors.unknown(entry.span, name, "an input of the model", sorted(fields)))
