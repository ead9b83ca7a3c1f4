"""Expectations: whether what is expected can be measured, and what is known already."""

from __future__ import annotations

from collections.abc import Mapping

from .. import ir
from ..arithmetic import apply
from ..cost import parameters
from ..diagnostics import Report
from ..errors import names as name_errors
from ..errors import steps as step_errors
from ..errors import training as errors
from ..splits import splits
from .steps import expected, expected_step


def expectations(
    program: ir.Program,
    models: Mapping[str, ir.TypedModel],
    trainings: list[ir.TypedTraining | ir.TypedStepped],
    report: Report,
) -> None:
    """Report expectations of what is not measured; those of parameter counts are decided here."""
    for entry in program.expectations:
        if entry.subject == "parameters":
            _parameters(entry, program, models, report)
        elif not program.trainings:
            report(errors.without_training(entry.span))
        elif entry.subject == "procedure":
            expected(entry, program, report)
        elif trainings:
            _trained(entry, program, trainings[0], report)


def _trained(
    entry: ir.Expectation,
    program: ir.Program,
    training: ir.TypedTraining | ir.TypedStepped,
    report: Report,
) -> None:
    match training, entry.subject:
        case ir.TypedTraining(), "metric":
            _metric(entry, training, report)
        case ir.TypedTraining(), "predict":
            _predict(entry, program, training, report)
        case ir.TypedStepped(training=node), "step":
            expected_step(entry, node, report)
        case ir.TypedStepped(training=node), _:
            report(step_errors.of_steps(entry.span, node.steps[0].name))
        case _:
            known = [f"{entry.split}.loss"]
            name = f"{entry.split}.{entry.name}.{entry.arguments['of']}"
            report(step_errors.step_unknown(entry.span, name, known))


def _parameters(
    entry: ir.Expectation,
    program: ir.Program,
    models: Mapping[str, ir.TypedModel],
    report: Report,
) -> None:
    if entry.name not in models:
        known = [name for name, each in program.definitions.items() if each.is_model]
        if entry.name not in known:
            report(name_errors.unknown(entry.arguments["span"], entry.name, "a model", known))
        return
    count = parameters(models[entry.name].network)
    if isinstance(entry.target, bool) or not isinstance(entry.target, int | float):
        report(errors.expected_kind(entry.span, "parameters", "a number"))
    elif entry.operator == "within":
        if abs(count - entry.target) > entry.tolerance:
            how = f"within {entry.tolerance} of"
            report(errors.expected_parameters(entry.span, entry.name, count, how, entry.target))
    elif not apply(entry.operator, count, entry.target):
        report(
            errors.expected_parameters(entry.span, entry.name, count, entry.operator, entry.target)
        )


def _metric(entry: ir.Expectation, training: ir.TypedTraining, report: Report) -> None:
    from ..catalog.training import METRICS

    has = splits(training.data.data)
    if entry.split not in has:
        report(errors.split_missing(entry.span, entry.split, training.data.data.name, has))
    known = ["loss", *(metric.record.name for metric in training.training.metrics)]
    if entry.name not in known:
        report(errors.metric_missing(entry.span, entry.name, known, entry.name in METRICS))
    elif isinstance(entry.target, bool) or not isinstance(entry.target, int | float):
        report(errors.expected_kind(entry.span, entry.name, "a number"))


def _predict(
    entry: ir.Expectation, program: ir.Program, training: ir.TypedTraining, report: Report
) -> None:
    definition = program.definitions[training.training.model]
    outputs = [port.name for port in definition.outputs]
    if entry.name not in outputs:
        report(name_errors.unknown(entry.span, entry.name, "an output of the model", outputs))
    fields = set(training.inputs.values())
    literal = training.data.data.source is None
    for name in entry.arguments if literal else ():
        if name not in fields:
            report(name_errors.unknown(entry.span, name, "an input of the model", sorted(fields)))
