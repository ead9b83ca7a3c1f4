"""Pass 4: typed IR → warnings."""

from __future__ import annotations

from . import ir, tree
from .catalog.schedules import fault, unreached
from .curvature import curvature, stable_below
from .diagnostics import Report
from .errors import lint as errors
from .errors import results as results_errors
from .layers.recurrent import GATES
from .lints.every import advise, certain
from .padding import padding_taken

# Steps whose inverse gives a prediction the units of the raw column again.
SCALES = ("standardize", "normalize", "scale")
# Keys of a training under which a step is no longer the rate times the gradient.
CHANGES_STEPS = ("schedule", "clip_norm", "accumulate", "ema", "freeze", "groups")

# By chance of the batches a rate barely above the bound may still hold. In the tests' trainings,
# on four distributions with batches of 1 to 32, none does at 1.5 times the bound.
BATCHED = 1.5


def lint(
    program: ir.TypedProgram, spec: tree.Spec, report: Report, sound: bool, overridden: bool
) -> None:
    """What is legal and probably not meant.

    `sound` says that no fault was found so far, without which much seems unused; `overridden`
    that keys are not as in the file.
    """
    for model in program.models.values():
        _dropout_last(model.network, report)
        _dropout_between_layers(model.network, report)
        _unused_inputs(model.network, report)
    for training in program.trainings:
        if isinstance(training, ir.TypedTraining):
            _diverging_rate(training, report)
            _unreached_phase(training, report)
            for span, pad in padding_taken(training):
                report(errors.padding_taken(span, pad.span, pad.arguments["length"]))
            _unpaired_target(training, report)
    certain(program, spec, report)
    if sound:
        advise(program, spec, report, overridden)


def _diverging_rate(training: ir.TypedTraining, report: Report) -> None:
    """Gradient descent on a parabola that is too steep for its rate."""
    optimizer, options = training.training.optimizer, training.options
    if optimizer is None or optimizer.record.name != "SGD":
        return
    given = optimizer.arguments
    if given["dampening"] or given["maximize"] or not 0 <= given["momentum"] < 1:
        return
    if any(options.get(key) for key in CHANGES_STEPS):
        return
    steep = curvature(training)
    if steep is None or steep.largest <= 0:
        return
    bound = stable_below(steep.largest, given["momentum"], given["nesterov"])
    if given["lr"] > bound * (1 if steep.whole else BATCHED):
        scaled = curvature(training, scaled=True)
        after = bound * steep.largest / scaled.largest if scaled and scaled.largest else 0.0
        report(errors.diverging_rate(optimizer.span, given["lr"], bound, after, steep))


def _unreached_phase(training: ir.TypedTraining, report: Report) -> None:
    """A phase that begins after the training has ended."""
    phases = training.options["schedule"]
    named = [(phase.record.name, phase.arguments) for phase in phases]
    epochs = training.options.get("epochs", 0)
    index = unreached(named, epochs) if epochs and fault(named) is None else None
    if index is not None:
        report(errors.unreached_phase(phases[index].span, phases[index].record.name, epochs))


def _unpaired_target(training: ir.TypedTraining, report: Report) -> None:
    """A scaled target that the loss compares in a way that nothing can be read off."""
    answered = {pairing.field for pairing in training.pairings}
    free = {port.name for port in training.outputs} - {each.output for each in training.pairings}
    read = {value.name for value in training.loss.inputs}
    outputs = sorted(free & read)
    for name in training.data.fields:
        steps = training.data.fields[name].field.steps
        scaled = [step.record.name for step in steps if step.record.name in SCALES]
        if scaled and outputs and name in read - answered - {*training.inputs.values()}:
            span = training.loss.span
            report(errors.unpaired_target(span, outputs[0], name, scaled[-1]))


def _dropout_last(network: ir.Network, report: Report) -> None:
    """Dropout on an output only adds noise to what is compared."""
    outputs = {id(value) for value in network.outputs}
    for step in network.steps:
        match step:
            case ir.LayerStep(layer=layer, output=output) if layer.name == "Dropout":
                if id(output) in outputs:
                    report(errors.dropout_last(step.span))


def _dropout_between_layers(network: ir.Network, report: Report) -> None:
    """Dropout of a layer over time acts between its layers: with one of them nowhere."""
    for step in network.steps:
        match step:
            case ir.LayerStep(layer=layer, arguments=given) if layer.name in GATES:
                if given["dropout"] and given["num_layers"] == 1:
                    report(results_errors.dropout_nowhere(step.span, layer.name, given["dropout"]))
            case ir.BlockStep(body=body):
                _dropout_between_layers(body, report)


def _unused_inputs(network: ir.Network, report: Report) -> None:
    """An input that nothing reads."""
    read = set(map(id, network.outputs))
    for step in network.steps:
        read |= set(map(id, step.reads))
    for value in network.inputs:
        if id(value) not in read:
            report(errors.unused_input(value.span, value.name))
