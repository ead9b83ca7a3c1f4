"""Trainings: the model bound to the data, the loss as a network of its own, and what pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir
from ..catalog.losses import LOSSES
from ..catalog.record import Metric
from ..diagnostics import Report
from ..dims import Dim, name
from ..errors import shapes as shape_errors
from ..errors import training as errors
from ..source import Span
from ..tensor import Type
from .evaluation import Evaluation
from .networks import bind_sizes, bound_model

BATCH = name("N")


def training(
    node: ir.Training,
    definitions: Mapping[str, ir.Definition],
    data: ir.TypedData,
    report: Report,
) -> ir.TypedTraining | None:
    """A training with types; None after a report."""
    definition = definitions[node.model]
    fields = {
        field: ir.Value(typed.type.shaped(BATCH, *typed.type.shape), typed.field.span, field)
        for field, typed in data.fields.items()
    }
    sizes, inputs = _bound(node, definition, fields, data, report)
    if sizes is None:
        return None
    network = bound_model(definition, definitions, node.arguments, sizes, node.model_span, report)
    if network is None or node.loss is None:
        return None
    here = Evaluation(report, definitions)
    outputs = [
        ir.Value(value.type, value.span, port.name)
        for value, port in zip(network.outputs, definition.outputs, strict=True)
    ]
    here.names |= fields
    here.names["N"] = BATCH
    here.names |= {value.name: value for value in outputs}
    value = here.value(node.loss)
    if not isinstance(value, ir.Value):
        if isinstance(value, int | float):
            report(shape_errors.not_a_tensor(node.loss.span, f"the number {value}"))
        return None
    if value.type.shape or not value.type.floating:
        report(errors.loss_no_scalar(node.loss.span, str(value.type)))
        return None
    used = [each for each in (*outputs, *fields.values()) if _uses(here.steps, each)]
    loss = ir.Network(
        "loss", node.loss.span, {}, tuple(used), (value,), tuple(here.steps), tuple(here.guards), {}
    )
    pairings = _pairings(here.steps, outputs, fields, node.loss.span, report)
    for metric in node.metrics:
        _metric_fits(metric, pairings, fields, report)
    return ir.TypedTraining(
        node, definition.outputs, network, data, inputs, loss, pairings, node.options
    )


def _bound(
    node: ir.Training,
    definition: ir.Definition,
    fields: Mapping[str, ir.Value],
    data: ir.TypedData,
    report: Report,
) -> tuple[dict[str, Dim] | None, dict[str, str]]:
    """The sizes that the data gives the model's names, and which field feeds which input."""
    here = Evaluation(report, {})
    for each in definition.hyperparameters:
        if each.name in node.arguments:
            here.names[each.name] = here.static(node.arguments[each.name])
        elif each.default is not None:
            here.names[each.name] = here.static(each.default)
    inputs: dict[str, str] = {}
    good = True
    declared = [field.name for field in data.data.fields]
    for port in definition.inputs:
        field, span = node.bound.get(port.name, (port.name, node.model_span))
        if field not in fields:
            if field and field not in declared:
                report(
                    errors.input_without_field(
                        span, node.model, port.name, data.data.name, list(fields)
                    )
                )
            good = False
            continue
        value = fields[field]
        inputs[port.name] = field
        if port.type is not None and not bind_sizes(here, port.type, value.type):
            wanted = port.type.span.text
            report(errors.input_type(span, port.name, wanted, field, str(value.type), value.span))
            good = False
    known = {size: here.names[size] for size in definition.sizes if size in here.names}
    return (known if good else None), inputs


def _uses(steps: list[ir.TypedStep], value: ir.Value) -> bool:
    for step in steps:
        inputs: tuple[Any, ...]
        inputs = step.operands if isinstance(step, ir.ArithmeticStep) else step.inputs
        if any(each is value for each in inputs):
            return True
    return False


def _pairings(
    steps: list[ir.TypedStep],
    outputs: list[ir.Value],
    fields: Mapping[str, ir.Value],
    span: Span,
    report: Report,
) -> tuple[ir.Pairing, ...]:
    """Which output predicts which field: a loss compares them directly."""
    found: dict[str, ir.Pairing] = {}
    for step in steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in LOSSES:
            continue
        prediction, target = step.inputs
        for output in outputs:
            for field, value in fields.items():
                if prediction is not output or target is not value:
                    continue
                other = found.get(output.name)
                if other is not None and other.field != field:
                    report(errors.ambiguous_pair(span, output.name, other.field, field))
                found[output.name] = ir.Pairing(output.name, field, _decoding(step, value.type))
    return tuple(found.values())


def _decoding(step: ir.LayerStep, target: Type) -> str:
    """How an output becomes what a person reads, by the loss that compares it."""
    match step.layer.name:
        case "cross_entropy" | "nll_loss" if not target.floating:
            return "classes"
        case "binary_cross_entropy_with_logits":
            return "logit"
        case "binary_cross_entropy":
            return "probability"
    return "number"


def _metric_fits(
    setting: ir.Setting,
    pairings: tuple[ir.Pairing, ...],
    fields: Mapping[str, ir.Value],
    report: Report,
) -> None:
    metric = setting.record
    assert isinstance(metric, Metric)
    if not pairings:
        report(errors.metric_without_pair(setting.span, metric.name))
        return
    pairing = pairings[0]
    binary = pairing.meaning in ("logit", "probability")
    fits = {
        "labels": pairing.meaning == "classes" or binary,
        "scores": binary or (pairing.meaning == "classes" and _classes(fields, pairing) == 2),
        "numbers": pairing.meaning == "number",
    }[metric.compares]
    if not fits:
        given = str(fields[pairing.field].type)
        report(errors.metric_unfit(setting.span, metric.name, metric.compares, given))


def _classes(fields: Mapping[str, ir.Value], pairing: ir.Pairing) -> int | None:
    return fields[pairing.field].type.classes
