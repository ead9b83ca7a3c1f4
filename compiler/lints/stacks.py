"""Layers that stand behind each other and are one, and biases that the next layer removes."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from .. import ir
from ..cost import costs
from ..diagnostics import Diagnostic
from ..dims import Dim
from ..errors import advice
from .flow import VIEWS, WEIGHTED, Flow, flow, flows, is_dropout, kind, number, source

CONVOLUTIONS = WEIGHTED[1:]
LARGE = 10_000_000
NEARLY_ALL = 0.9
DEEP = 4  # hidden sigmoids: each has a slope of 1/4 at most, four of them 1/256
KEEPS_DEPTH = frozenset(("Linear", *CONVOLUTIONS, "Identity")) | VIEWS


def linear_stacks(here: Flow) -> Iterator[Diagnostic]:
    """Two linear layers with nothing between them that bends.

    A narrow middle is meant: it bounds the rank of the map. So is a convolution of each channel
    by itself, of one row, or of one pixel.
    """
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in WEIGHTED:
            continue
        value = step.inputs[0]
        before = here.layer(value)
        while before is not None and is_dropout(before) and here.alone(value):
            value = before.inputs[0]
            before = here.layer(value)
        if before is None or before.layer.name != step.layer.name or not here.alone(value):
            continue
        if before is step or {before.attribute, step.attribute} & here.shared:
            continue
        sizes = [number(size) for size in (*_ends(before), _ends(step)[1])]
        first, middle, last = sizes
        if None in sizes or middle < min(first, last):  # type: ignore[operator, type-var]
            continue
        if step.layer.name == "Linear" or (_is_plain(before) and _is_plain(step)):
            yield advice.linear_stack(step.span, step.layer.name, before.span)


def _ends(step: ir.LayerStep) -> tuple[Dim | int | None, ...]:
    names = ("features", "channels")
    given = {**step.arguments, **step.inferred}
    pairs = [(given.get(f"in_{name}"), given.get(f"out_{name}")) for name in names]
    return next((pair for pair in pairs if pair[0] is not None), (None, None))


def _is_plain(step: ir.LayerStep) -> bool:
    """Whether a convolution mixes all channels with a square window of more than one place."""
    size = step.arguments["kernel_size"]
    sides = [number(each) for each in (size if isinstance(size, tuple) else (size,))]
    return number(step.arguments["groups"]) == 1 and len(set(sides)) == 1 and (sides[0] or 0) > 1


def idle_biases(here: Flow) -> Iterator[Diagnostic]:
    """A bias whose every effect the normalisation behind it subtracts again."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or not step.layer.name.startswith(
            ("BatchNorm", "InstanceNorm")
        ):
            continue
        before = here.layer(step.inputs[0])
        if before is None or not here.alone(step.inputs[0]) or before.attribute in here.shared:
            continue
        name = before.layer.name
        # A Linear's bias is along the last axis, which is the channels where there are two alone.
        fits = name.startswith("Conv") or (
            name == "Linear"
            and step.layer.name == "BatchNorm1d"
            and len(step.inputs[0].type.shape) == 2
        )
        if fits and before.arguments.get("bias") is True:
            yield advice.idle_bias(before.span, name, step.span, step.layer.name)


def bulk(model: ir.Network) -> Iterator[Diagnostic]:
    """A flattened feature map whose Linear holds nearly all of a large model."""
    linear = (
        step
        for here in flows(model)
        for step in here.steps
        if isinstance(step, ir.LayerStep) and step.layer.name == "Linear"
    )
    if not any(prod(number(size) or 0 for size in _ends(step)) >= LARGE for step in linear):
        return
    every = list(costs(model))
    total = sum(cost.parameters for cost in every)
    if total <= LARGE:
        return
    for cost in every:
        step = cost.step
        if cost.kind != "Linear" or cost.parameters < max(LARGE, NEARLY_ALL * total):
            continue
        made = _flattened(model, step)
        if made is not None and made.inputs[0].type.spatial:
            yield advice.bulk(step.span, cost.parameters, total, made.inputs[0].type)


def _flattened(network: ir.Network, step: ir.TypedStep) -> ir.LayerStep | None:
    here = flow(network)
    for each in network.steps:
        if each is step and isinstance(each, ir.LayerStep):
            found = source(here, each.inputs[0], frozenset())
            return found if found is not None and kind(found) == "flatten" else None
        if isinstance(each, ir.BlockStep) and (found := _flattened(each.body, step)):
            return found
    return None


def vanishing(network: ir.Network) -> Iterator[Diagnostic]:
    """Weights behind many sigmoids in a row, without a normalisation or a way around them."""
    seen: list[ir.LayerStep] = []
    _depths(network, [()] * len(network.inputs), seen)
    for step in seen[:1]:
        yield advice.vanishing(step.span, step.layer.name, DEEP)


def _depths(
    network: ir.Network, given: list[tuple[ir.LayerStep, ...]], seen: list[ir.LayerStep]
) -> list[tuple[ir.LayerStep, ...]]:
    """The sigmoids in a row before each output; `seen` gets the one that is too many."""
    row = {id(value): before for value, before in zip(network.inputs, given, strict=True)}
    for step in network.steps:
        reads = [row.get(id(value), ()) for value in step.reads]
        shortest = min(reads, key=len, default=())
        made: list[tuple[ir.LayerStep, ...]] = [()] * len(step.outputs)
        if isinstance(step, ir.BlockStep):
            made = _depths(step.body, reads, seen)
        elif isinstance(step, ir.LayerStep):
            if step.layer.name in WEIGHTED and len(shortest) >= DEEP:
                seen.append(shortest[DEEP - 1])
            if kind(step) == "sigmoid":
                made = [(*shortest, step)]
            elif step.layer.name in KEEPS_DEPTH or is_dropout(step) or "pool" in kind(step):
                made = [shortest] * len(step.outputs)
        row |= {id(value): before for value, before in zip(step.outputs, made, strict=True)}
    return [row.get(id(value), ()) for value in network.outputs]
