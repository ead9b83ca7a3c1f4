"""All lints of this folder: what is certain, and what a teacher would say where all is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from .. import ir, tree
from ..diagnostics import Diagnostic, Report
from . import (
    activations,
    gradients,
    keys,
    layout,
    maps,
    masks,
    meaning,
    sequences,
    stacks,
    targets,
    unused,
)
from .flow import Flow, flows, place

LOCAL: tuple[Callable[[Flow], Iterator[Diagnostic]], ...] = (
    activations.repeated,
    stacks.linear_stacks,
    stacks.idle_biases,
    layout.steps_as_channels,
    layout.last_of_both,
    layout.way_back_alone,
    layout.last_of_packed,
    maps.torch_order,
    maps.width_left,
    maps.channels_behind,
    maps.frames_first,
    maps.copied_places,
    maps.overwritten,
    masks.added,
    masks.times_infinity,
    masks.not_hidden,
    masks.hidden_too_late,
    masks.summed_elsewhere,
    sequences.moved_by_reshape,
    sequences.torch_order,
)


def certain(program: ir.TypedProgram, spec: tree.Spec, report: Report) -> None:
    """What cannot work, whatever else is wrong in the file."""
    for here in _bodies(program):
        _all(layout.batch_as_steps(here), report)
        _all(masks.all_hidden(here), report)
        _all(masks.words_hidden(here), report)
        _all(sequences.records_mixed(here), report)
    for training in program.trainings:
        if isinstance(training, ir.TypedTraining):
            options = _options(spec, training.training)
            _all(keys.lonely_records(training, options.get("batch")), report)
            _all(targets.no_batch(training, options.get("drop_last")), report)
            _all(meaning.other_axis(training), report)


def advise(program: ir.TypedProgram, spec: tree.Spec, report: Report, overridden: bool) -> None:
    """What is probably not meant, in a program without faults.

    `overridden` keys are tried out: whether they go together is not looked at.
    """
    bodies = list(_bodies(program))
    _common(bodies, (*LOCAL, lambda here: unused.results(here, spec)), report)
    networks = [*(model.network for model in program.models.values())]
    for network in networks:
        _all(layout.channels_last(network), report)
        _all(stacks.bulk(network), report)
        _all(stacks.vanishing(network), report)
    for data in program.data.values():
        _all(keys.stratified(data), report)
        _all(targets.columns(data), report)
    _all(unused.declarations(spec), report)
    _all(maps.never_taken(spec), report)
    for number, training in enumerate(program.trainings):
        if isinstance(training, ir.TypedTraining):
            _one(training, spec, report, overridden)
        else:
            _steps(training, program.trainings[:number], report)


def _one(training: ir.TypedTraining, spec: tree.Spec, report: Report, overridden: bool) -> None:
    _all(gradients.unreached(training), report)
    _all(activations.regression(training), report)
    _all(targets.turned_around(training), report)
    _all(targets.known_before(training), report)
    _all(sequences.square_scores(training), report)
    _all(sequences.padding_learned(training), report)
    _all(activations.limited_scores(training.loss, training), report)
    if training.training.optimizer is not None:
        _all(keys.optimizers(training.training.optimizer, [training.network]), report)
    if not overridden:
        _all(keys.idle(training, _options(spec, training.training)), report)


def _steps(
    training: ir.TypedStepped,
    before: tuple[ir.TypedTraining | ir.TypedStepped, ...],
    report: Report,
) -> None:
    _all(gradients.in_optimizers(training, before), report)
    for each in training.steps:
        _all(activations.limited_scores(each.network, None), report)
        networks = [training.models[name] for name in each.step.updates if name in training.models]
        _all(keys.optimizers(each.step.optimizer, networks), report)


def _all(found: Iterator[Diagnostic], report: Report) -> None:
    for diagnostic in found:
        report(diagnostic)


def _bodies(program: ir.TypedProgram) -> Iterator[Flow]:
    """Every body in every use, with the hyperparameters that it is used with."""
    for model in program.models.values():
        yield from flows(model.network)
    for training in program.trainings:
        if isinstance(training, ir.TypedTraining):
            yield from flows(training.network)
        else:
            for network in training.models.values():
                yield from flows(network)


def _common(
    bodies: list[Flow], lints: tuple[Callable[[Flow], Iterator[Diagnostic]], ...], report: Report
) -> None:
    """Report what is so in every use of a body: with other hyperparameters it may be meant."""
    uses = Counter(at for here in bodies for at in here.places)
    for lint in lints:
        found: Counter[tuple[str, int]] = Counter()
        kept: dict[tuple[str, int], Diagnostic] = {}
        for here in bodies:
            mine = {place(each.span): each for each in lint(here)}
            found.update(mine.keys())
            kept = {**mine, **kept}
        for at, diagnostic in kept.items():
            if found[at] == uses[at]:
                report(diagnostic)


def _options(spec: tree.Spec, training: ir.Training) -> dict[str, tree.Option]:
    """The keys of a train block as written."""
    for node in spec.declarations:
        if isinstance(node, tree.Train) and node.span.start == training.span.start:
            return {each.name.name: each for each in node.entries if isinstance(each, tree.Option)}
    return {}
