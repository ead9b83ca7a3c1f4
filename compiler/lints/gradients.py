"""Weights that no gradient reaches, and models that no optimizer, or more than one, updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import effects
from .flow import has_weights, results

# What passes no gradient on, or one that is zero everywhere.
CUTTING = frozenset(
    "detach round floor ceil trunc sign ones_like zeros_like rand_like randn_like full_like".split()
)


def unreached(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """Layers that stay as they start, however long the training."""
    network = training.network
    weighted = [step for step in _all(network.steps) if has_weights(step)]
    if not weighted:
        yield effects.nothing_to_learn(training.training.model_span, network.name, None)
        return
    wanted: set[int] = set()
    cuts = _back(training.loss.steps, training.loss.outputs, wanted)
    read = {value.name for value in training.loss.inputs if id(value) in wanted}
    learning: set[int] = set()
    live: set[int] = set()
    ends = [value for name, value in results(training).items() if name in read]
    cuts += _learning(network, ends, learning)
    _learning(network, network.outputs, live, cutting=frozenset())
    idle = [step for step in weighted if id(step) not in learning]
    if len(idle) == len(weighted):
        cut = cuts[0].span if cuts else None
        assert training.training.loss is not None
        yield effects.nothing_to_learn(training.training.loss.span, network.name, cut)
        return
    # A shared layer learns by each of its uses; what no output needs is another lint's.
    known = {_place(step) for step in weighted if id(step) in learning}
    known |= {step.span.start for step in weighted if id(step) in learning}
    idle = [
        step
        for step in idle
        if id(step) in live
        and not {_place(step), step.span.start} & known
        and not isinstance(step, ir.ReadStep)
    ]
    if idle:
        cut = cuts[0].span if cuts else None
        yield effects.layer_unreached(idle[0].span, len(idle) - 1, cut)


def _place(step: ir.TypedStep) -> str | int:
    return getattr(step, "attribute", "") or step.span.start


def _all(steps: Sequence[ir.TypedStep]) -> Iterator[ir.TypedStep]:
    """The steps that hold weights themselves, in blocks too; a loop counts as one."""
    for step in steps:
        if isinstance(step, ir.BlockStep):
            yield from _all(step.body.steps)
        else:
            yield step


def _back(
    steps: Sequence[ir.TypedStep],
    outputs: Sequence[ir.Value],
    wanted: set[int],
    learning: set[int] | None = None,
    cutting: frozenset[str] = CUTTING,
) -> list[ir.LayerStep]:
    """Go from the outputs to what they depend on; gives the steps that cut the gradient.

    `wanted` gets the values that have a gradient, `learning` the steps that it passes.
    """
    cuts = []
    wanted |= {id(value) for value in outputs}
    for step in reversed(steps):
        if not any(id(value) in wanted for value in step.outputs):
            continue
        if isinstance(step, ir.LayerStep) and step.layer.name in cutting:
            cuts.append(step)
            continue
        if cutting and not any(value.type.floating for value in step.outputs):
            continue
        if learning is not None:
            learning.add(id(step))
        if isinstance(step, ir.BlockStep):
            ends = zip(step.outputs, step.body.outputs, strict=True)
            inner: set[int] = set()
            found = [last for value, last in ends if id(value) in wanted]
            cuts += _back(step.body.steps, found, inner, learning, cutting)
            starts = zip(step.inputs, step.body.inputs, strict=True)
            wanted |= {id(value) for value, first in starts if id(first) in inner}
        else:
            if isinstance(step, ir.LoopStep) and learning is not None:
                learning |= {id(each) for each in _all(step.steps)}
            wanted |= {id(value) for value in step.reads}
    return cuts


def _learning(
    network: ir.Network,
    outputs: Sequence[ir.Value],
    learning: set[int],
    cutting: frozenset[str] = CUTTING,
) -> list[ir.LayerStep]:
    return _back(network.steps, outputs, set(), learning, cutting)


def in_optimizers(
    training: ir.TypedStepped, before: Sequence[ir.TypedTraining | ir.TypedStepped]
) -> Iterator[Diagnostic]:
    """Models that no step updates, and models that two steps update."""
    first: dict[str, ir.TrainStep] = {}
    for each in training.steps:
        for name in each.step.updates:
            other = first.setdefault(name, each.step)
            if other is not each.step and _remembers(other) and _remembers(each.step):
                yield effects.two_optimizers(
                    each.step.optimizer.span, other.optimizer.span, name, other.name, each.step.name
                )
    if before:
        return
    for model in training.training.models:
        network = training.models.get(model.name)
        if model.name in first or network is None or _is_copy(training.training, model.name):
            continue
        if any(map(has_weights, network.steps)):
            yield effects.never_updated(model.span, model.name)


def _remembers(step: ir.TrainStep) -> bool:
    """Whether the optimizer keeps something from step to step."""
    given = step.optimizer.arguments
    return step.optimizer.record.name != "SGD" or bool(given.get("momentum"))


def _is_copy(node: ir.Stepped, name: str) -> bool:
    """Whether a `copy` statement sets the model's weights."""
    copies = getattr(node, "copies", ())
    return any(getattr(each, "name", "") == name for each in copies)
