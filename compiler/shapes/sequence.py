"""Trainings one after another: each goes on from what those before it made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .. import ir
from ..diagnostics import Report
from ..errors import trainings as errors
from ..source import Span

Trainings = Sequence[ir.TypedTraining | ir.TypedStepped]


def in_order(trainings: Trainings, report: Report) -> None:
    """Report a model that a later training means otherwise than the one before."""
    first: dict[str, tuple[Span, ir.Network]] = {}
    for training in trainings:
        for name, span, network in _trained(training):
            if name not in first:
                first[name] = span, network
                continue
            before, made = first[name]
            why = _unlike(made, network)
            if why:
                report(errors.unlike_before(span, name, before, why))


def _trained(
    training: ir.TypedTraining | ir.TypedStepped,
) -> Iterator[tuple[str, Span, ir.Network]]:
    """The models that a training trains: name, place and network."""
    match training:
        case ir.TypedTraining(training=node, network=network):
            yield node.name, node.model_span, network
        case ir.TypedStepped(training=node, models=models):
            for each in node.models:
                yield each.name, each.span, models[each.name]


def _unlike(before: ir.Network, after: ir.Network) -> str:
    """In what two networks that should be one differ."""
    if before.name != after.name:
        return f"as {before.name}, and here it is {after.name}"
    for name, value in before.hyperparameters.items():
        if after.hyperparameters.get(name) != value:
            return f"with `{name}={value}`, and here with `{name}={after.hyperparameters[name]}`"
    return ""


def copies_called(
    trainings: Trainings, procedures: Mapping[str, ir.TypedProcedure], report: Report
) -> None:
    """Warn of copies that no step, no sample and no prediction calls."""
    asked = {name for each in procedures.values() for name in each.uses}
    for training in trainings:
        if isinstance(training, ir.TypedStepped):
            for each in training.training.copies:
                if each.name not in training.copies and each.name not in asked:
                    report(errors.copy_unused(each.span, each.name, each.original))
