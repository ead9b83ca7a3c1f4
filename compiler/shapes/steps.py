"""Trainings in steps and predictions of one's own: networks whose models are called by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .. import ir
from ..arithmetic import described
from ..diagnostics import Report
from ..dims import name
from ..errors import shapes as shape_errors
from ..errors import steps as errors
from ..errors import training as training_errors
from ..source import Span
from ..tensor import UNKNOWN
from .control import run
from .evaluation import Evaluation
from .parts import frozen, learns, weights

BATCH = name("N")


def stepped(
    node: ir.Stepped,
    definitions: Mapping[str, ir.Definition | ir.Function],
    data: ir.TypedData,
    report: Report,
) -> ir.TypedStepped | None:
    """A training in steps with types; None after a report."""
    fields = [
        ir.Value(typed.type.shaped(BATCH, *typed.type.shape), typed.field.span, field)
        for field, typed in data.fields.items()
    ]
    lost = [field.name for field in data.data.fields if field.name not in data.fields]
    models: dict[str, ir.Network] = {}
    copies = frozenset(each.name for each in node.copies)
    steps = []
    for step in node.steps:
        found = _step(step, definitions, fields, lost, models, copies, report)
        if found is not None:
            steps.append(found)
    sample = None
    if node.sample is not None:
        sample = _sample(node.sample, definitions, models, report)
        if sample is None:
            return None
    if len(steps) < len(node.steps):
        return None
    copied = {name: models.pop(name) for name in copies & models.keys()}
    for each in node.models:
        if node.whole and each.name not in models:
            report(errors.model_unused(each.span, each.name))
    if len(models) < len(node.models):
        return None
    held = frozen(node.options.get("freeze", ()), models, "this training", report)
    updated = dict.fromkeys(name for step in node.steps for name in step.updates)
    if held is None or not all(learns(models[n], f"{n}.", held, report) for n in updated):
        return None
    shapes = {
        name: tuple(each.shape for each in weights(network) if f"{name}.{each.name}" in held)
        for name, network in models.items()
    }
    return ir.TypedStepped(node, data, models, tuple(steps), sample, copied, shapes)


def _step(
    step: ir.TrainStep,
    definitions: Mapping[str, ir.Definition | ir.Function],
    fields: Sequence[ir.Value],
    lost: Sequence[str],
    models: dict[str, ir.Network],
    copies: frozenset[str],
    report: Report,
) -> ir.TypedTrainStep | None:
    here = Evaluation(report, definitions)
    here.names |= dict.fromkeys(lost, UNKNOWN) | {field.name: field for field in fields}
    here.names["N"] = BATCH
    run(here, step.body)
    value = here.value(step.loss)
    if not isinstance(value, ir.Value):
        if value is not UNKNOWN:
            report(shape_errors.not_a_tensor(step.loss.span, described(value)))
        return None
    if value.type.shape or not value.type.floating:
        report(training_errors.loss_no_scalar(step.loss.span, str(value.type)))
        return None
    network = network_of("loss", step.loss.span, here, fields, (value,), report)
    if network is None:
        return None
    models |= {each: found for each, found in called(network) if each not in models}
    if not _gradients(step, network, value, copies, report):
        return None
    used = tuple(dict.fromkeys(each for each, _ in called(network)))
    return ir.TypedTrainStep(step, network, used)


def network_of(
    what: str,
    span: Span,
    here: Evaluation,
    fields: Sequence[ir.Value],
    outputs: tuple[ir.Value, ...],
    report: Report,
) -> ir.Network | None:
    """The steps so far as a network; None after a report of a layer that has weights."""
    for step in here.steps:
        if isinstance(step, ir.LayerStep) and step.attribute:
            report(errors.layer_in_step(step.span, step.layer.name))
            return None
    read = {id(value) for step in here.steps for value in step.reads}
    inputs = tuple(field for field in fields if id(field) in read)
    return ir.Network(what, span, {}, inputs, outputs, tuple(here.steps), tuple(here.guards), {})


def called(network: ir.Network) -> Iterator[tuple[str, ir.Network]]:
    """The models that a network calls, by the names that the training gives them."""
    for step in _calls(network.steps):
        yield step.attribute, step.body


def _calls(steps: Sequence[ir.TypedStep]) -> Iterator[ir.BlockStep]:
    """The calls of models among these steps, in loops too."""
    for step in steps:
        if isinstance(step, ir.LoopStep):
            yield from _calls(step.steps)
        elif isinstance(step, ir.BlockStep):
            yield step


def _gradients(
    step: ir.TrainStep,
    network: ir.Network,
    loss: ir.Value,
    copies: frozenset[str],
    report: Report,
) -> bool:
    """Whether the loss reaches every model that is updated; gradients in vain are warned of.

    A gradient passes through a copy, and stops at none of its weights.
    """
    reached: dict[int, frozenset[str]] = {}
    cuts: dict[str, Span] = {}
    calls: dict[int, tuple[str, ir.BlockStep]] = {}
    detached: set[int] = set()
    for each in network.steps:
        through = frozenset[str]().union(*(reached.get(id(v), frozenset()) for v in each.reads))
        if isinstance(each, ir.LayerStep) and each.layer.name == "detach":
            if not through:
                report(errors.detach_useless(each.span))
            cuts |= dict.fromkeys(through, each.span)
            detached |= {id(value) for value in each.reads}
            through = frozenset()
        if isinstance(each, ir.LoopStep):
            through |= {call.attribute for call in _calls(each.steps)} - copies
        if isinstance(each, ir.BlockStep) and each.attribute not in copies:
            if each.attribute not in step.updates and not through & set(step.updates):
                calls |= {id(value): (each.attribute, each) for value in each.outputs}
            through |= {each.attribute}
        for made in each.outputs:
            reached[id(made)] = through
    good = True
    for model in step.updates:
        if model not in reached.get(id(loss), frozenset()):
            span = step.loss.span
            report(errors.loss_misses(span, step.name, model, cuts.get(model)))
            good = False
    for value, (model, call) in calls.items():
        if value not in detached and good:
            report(errors.detach_missing(call.span, step.name, model))
    return good


def _sample(
    node: ir.Expression,
    definitions: Mapping[str, ir.Definition | ir.Function],
    models: dict[str, ir.Network],
    report: Report,
) -> ir.Network | None:
    here = Evaluation(report, definitions)
    value = here.value(node)
    if not isinstance(value, ir.Value):
        if value is not UNKNOWN:
            report(shape_errors.not_a_tensor(node.span, described(value)))
        return None
    shape = value.type.shape
    if not value.type.floating or len(shape) != 3 or shape[0].value not in (1, 3):
        report(errors.no_picture(node.span, str(value.type)))
        return None
    network = network_of("sample", node.span, here, (), (value,), report)
    if network is not None:
        models |= {each: found for each, found in called(network) if each not in models}
    return network
