"""Trainings: the model bound to the data, the loss as a network of its own, and what pairs."""

from __future__ import annotations

from collections.abc import Mapping

from .. import ir
from ..catalog.record import Metric
from ..catalog.training import METRICS
from ..diagnostics import Report
from ..dims import Dim, name
from ..errors import steps as step_errors
from ..errors import targets as target_errors
from ..errors import training as errors
from ..source import Span
from ..splits import splits
from ..tensor import UNKNOWN
from .entering import bind_sizes
from .evaluation import Evaluation
from .legal import fed
from .pairing import paired
from .parts import frozen, grouped, learns, weights
from .values import described

BATCH = name("N")
WEIGHTED = (
    "cross_entropy",
    "nll_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
)


def training(
    node: ir.Training,
    definitions: Mapping[str, ir.Definition | ir.Function],
    data: ir.TypedData,
    report: Report,
) -> ir.TypedTraining | None:
    """A training with types; None after a report."""
    definition = definitions[node.model]
    assert isinstance(definition, ir.Definition)
    fields = {
        field: ir.Value(typed.type.shaped(BATCH, *typed.type.shape), typed.field.span, field)
        for field, typed in data.fields.items()
    }
    sizes, inputs = _bound(node, definition, fields, data, report)
    if sizes is None:
        return None
    network = fed(definition, definitions, node.arguments, sizes, node.model_span, report)
    if network is None or node.loss is None:
        return None
    here = Evaluation(report, definitions)
    outputs = [
        ir.Value(value.type, value.span, port.name)
        for value, port in zip(network.outputs, definition.outputs, strict=True)
    ]
    here.names |= dict.fromkeys((field.name for field in data.data.fields), UNKNOWN) | fields
    here.names["N"] = BATCH
    here.names |= {value.name: value for value in outputs}
    value = here.value(node.loss)
    if not isinstance(value, ir.Value):
        if value is not UNKNOWN:
            example = _example(outputs, fields, inputs)
            report(target_errors.loss_not_computed(node.loss.span, described(value), example))
        return None
    if value.type.shape or not value.type.floating:
        report(errors.loss_no_scalar(node.loss.span, str(value.type)))
        return None
    used = [each for each in (*outputs, *fields.values()) if _uses(here.steps, each)]
    loss = ir.Network(
        "loss", node.loss.span, {}, tuple(used), (value,), tuple(here.steps), tuple(here.guards), {}
    )
    pairings = paired(here.steps, outputs, fields, node.loss.span, report)
    for metric in node.metrics:
        _metric_fits(metric, pairings, fields, node.loss.span, report)
    _watched(node, data, report)
    _weights_fit(node, here.steps, report)
    _matrices(node, network, report)
    held = _parts(node, network, report)
    if held is None:
        return None
    return ir.TypedTraining(
        node, definition.outputs, network, data, inputs, loss, pairings, node.options, held
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
        if field not in fields and field not in declared and port.default is not None:
            break
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
            given, at = str(value.type), value.span
            report(errors.input_type(span, port.name, port.type.span, field, given, at))
            good = False
    known = {size: here.names[size] for size in definition.sizes if size in here.names}
    return (known if good else None), inputs


def _example(
    outputs: list[ir.Value], fields: Mapping[str, ir.Value], inputs: Mapping[str, str]
) -> str:
    """A loss that this training may have."""
    targets = [name for name in fields if name not in inputs.values()] or list(fields)
    if not targets or not outputs:
        return "mse_loss(y_hat, y)"
    classes = fields[targets[0]].type.classes
    loss = "mse_loss" if classes is None else "cross_entropy"
    if classes == 2 and outputs[0].type.shape[-1].value == 1:
        loss = "binary_cross_entropy_with_logits"
    return f"{loss}({outputs[0].name}, {targets[0]})"


def _uses(steps: list[ir.TypedStep], value: ir.Value) -> bool:
    return any(each is value for step in steps for each in step.reads)


def _metric_fits(
    setting: ir.Setting,
    pairings: tuple[ir.Pairing, ...],
    fields: Mapping[str, ir.Value],
    loss: Span,
    report: Report,
) -> None:
    metric = setting.record
    assert isinstance(metric, Metric)
    if not pairings:
        report(errors.metric_without_pair(setting.span, metric.name, loss))
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
        return
    classes = _classes(fields, pairing)
    if setting.arguments.get("average") == "binary" and classes is not None and classes > 2:
        report(target_errors.average_of_two(setting.span, metric.name, classes))


def _classes(fields: Mapping[str, ir.Value], pairing: ir.Pairing) -> int | None:
    return fields[pairing.field].type.classes


def _watched(node: ir.Training, data: ir.TypedData, report: Report) -> None:
    """Early stopping and schedules watch what is measured after each epoch."""
    known = ["train.loss"]
    if "validation" in splits(data.data):
        metrics = [each.record.name for each in node.metrics if _is_scalar(each)]
        known = ["validation.loss", *(f"validation.{each}" for each in metrics), *known]
    stopping = node.options["early_stopping"]
    watching = [stopping] if stopping is not None else []
    watching += [phase for phase in node.options["schedule"] if "on" in phase.arguments]
    for setting in watching:
        name = setting.arguments["on"]
        if name in known:
            continue
        split = data.data.split
        at = split.span if split is not None else data.data.span
        why = "leave some records for it: `split = random(train=0.85, validation=0.15, seed=0)`"
        if "validation" in splits(data.data):
            metric = name.partition(".")[2]
            if metric in METRICS:
                known = []
            why = f"write `metrics = [{metric}]`" if metric in METRICS else "watch one of these"
        absent = name.startswith("validation.") and "validation" not in splits(data.data)
        report(step_errors.watched_unknown(setting.span, name, known, why, at if absent else None))


def _is_scalar(setting: ir.Setting) -> bool:
    return setting.record.name != "confusion_matrix"


def _weights_fit(node: ir.Training, steps: list[ir.TypedStep], report: Report) -> None:
    """Class weights go with one loss of classes, a weight for each."""
    weights = node.options["class_weights"]
    if weights is None or node.loss is None:
        return
    targets = [
        step.inputs[1].type
        for step in steps
        if isinstance(step, ir.LayerStep) and step.layer.name in WEIGHTED
    ]
    span = node.places.get("class_weights", node.loss.span)
    if len(targets) != 1 or targets[0].classes is None:
        why = "`class_weights` weigh a loss that compares with one field of classes"
        report(step_errors.weights_unfit(span, why, "leave `class_weights` out"))
    elif weights != "balanced" and len(weights) != targets[0].classes:
        why = f"there are {len(weights)} class weights, and the target is {targets[0]}"
        help = "write `class_weights = balanced`, or a number for each class"
        report(step_errors.weights_unfit(span, why, help))


def _parts(
    node: ir.Training, network: ir.Network, report: Report
) -> tuple[tuple[Dim, ...], ...] | None:
    """The shapes of what is frozen, and a look at the groups; None after a report."""
    held = frozen(node.options.get("freeze", ()), {"": network}, node.name, report)
    if held is None or not learns(network, "", held, report):
        return None
    groups = node.options.get("groups")
    if groups:
        grouped(groups, network, held, report)
    return tuple(each.shape for each in weights(network) if each.name in held)


def _matrices(node: ir.Training, network: ir.Network, report: Report) -> None:
    """Muon takes weights of two axes alone."""
    if node.optimizer is None or node.optimizer.record.name != "Muon":
        return
    for step in network.steps:
        if isinstance(step, ir.BlockStep):
            _matrices(node, step.body, report)
            continue
        if not isinstance(step, ir.LayerStep):
            continue
        for shape in step.layer.weights(step.types, step.output.type, step.known).values():
            if len(shape) != 2:
                shown = f"[{', '.join(map(str, shape))}]"
                span = node.optimizer.span
                report(errors.matrices_only(span, "Muon", step.span, shown))
                return
