"""Axes that a layer takes for others: pictures with channels last, steps taken for channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import advice, effects, lint
from ..layers.recurrent import GATES
from ..padding import is_last_step
from .flow import Flow, is_dropout, kind, number

# What runs along the last axis of [N, C, T].
ALONG = frozenset(
    "Conv1d BatchNorm1d MaxPool1d AvgPool1d AdaptiveMaxPool1d AdaptiveAvgPool1d max_pool1d "
    "avg_pool1d adaptive_max_pool1d adaptive_avg_pool1d".split()
)
OVER_STEPS = (
    *GATES,
    *("MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer"),
)
SMALLEST = 8  # of a picture's sides, to be taken for one
ELEMENTWISE = ("relu", "tanh", "gelu", "silu", "sigmoid", "leakyrelu")


def channels_last(network: ir.Network) -> Iterator[Diagnostic]:
    """A picture f32[N, H, W, 3] given to a layer that takes axis 1 for the channels."""
    yield from _channels_last(network, {id(value) for value in network.inputs})


def _channels_last(network: ir.Network, inputs: set[int]) -> Iterator[Diagnostic]:
    for step in network.steps:
        if isinstance(step, ir.BlockStep):
            pairs = zip(step.inputs, step.body.inputs, strict=False)
            entering = {id(inner) for outer, inner in pairs if id(outer) in inputs}
            # The picture is turned before it enters the block, which may take others too.
            for inside in _channels_last(step.body, entering):
                yield replace(inside, span=step.span)
        if not isinstance(step, ir.LayerStep) or step.layer.name not in ("Conv2d", "BatchNorm2d"):
            continue
        value = step.inputs[0]
        sizes = [number(size) for size in value.type.shape[1:]]
        if id(value) not in inputs or len(sizes) != 3 or None in sizes:
            continue
        first, second, last = sizes
        sides = first is not None and second is not None and min(first, second) >= SMALLEST
        if sides and (last == 3 or (last == 1 and first == second)):
            yield advice.channels_last(step.span, step.layer.name, value.type, value.span)


def steps_as_channels(here: Flow) -> Iterator[Diagnostic]:
    """`Conv1d`, a pool or `BatchNorm1d` right behind what gives f32[N, T, E]."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in ALONG:
            continue
        value = step.inputs[0]
        before = here.layer(value)
        while before is not None and (is_dropout(before) or kind(before) in ELEMENTWISE):
            value = before.inputs[0]
            before = here.layer(value)
        if before is None or len(value.type.shape) != 3:
            continue
        if before.layer.name in ("Embedding", *OVER_STEPS):
            yield advice.steps_as_channels(
                step.span, step.layer.name, before.span, before.layer.name, value.type
            )


def last_of_both(here: Flow) -> Iterator[Diagnostic]:
    """The last step of a bidirectional layer: the way back has seen that step alone."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or not is_last_step(step):
            continue
        value = step.inputs[0]
        before = here.layer(value)
        while before is not None and is_dropout(before):
            value = before.inputs[0]
            before = here.layer(value)
        if before is None or before.layer.name not in GATES or value is not before.output:
            continue
        if before.arguments["bidirectional"]:
            yield advice.last_of_both(step.span, before.span, before.layer.name)


def last_of_packed(here: Flow) -> Iterator[Diagnostic]:
    """The last step of what was packed and is padded again: padding, but for the longest ones."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or not is_last_step(step):
            continue
        before = here.layer(step.inputs[0])
        if before is not None and before.layer.name == "pad_packed_sequence":
            yield lint.padding_taken(step.span, before.span, None)


def way_back_alone(here: Flow) -> Iterator[Diagnostic]:
    """`h[-1]` of a bidirectional layer whose state nothing else reads: the way there is lost."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in GATES:
            continue
        if not step.arguments["bidirectional"]:
            continue
        for state in step.outputs[1:]:
            readers = here.readers.get(id(state), [])
            index = readers[0] if len(readers) == 1 else None
            if not isinstance(index, ir.LayerStep) or index.layer.name != "index":
                continue
            items = index.arguments["items"]
            if items and number(items[0]) == -1 and step.outputs[0] not in _read(here):
                yield advice.last_of_both(index.span, step.span, step.layer.name, state=True)


def _read(here: Flow) -> list[ir.Value]:
    """The values that some step of this body reads."""
    return [value for step in here.steps for value in step.reads]


def batch_as_steps(here: Flow) -> Iterator[Diagnostic]:
    """A layer over steps that walks along the batch, from record to record."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in OVER_STEPS:
            continue
        shape = step.inputs[0].type.shape
        if len(shape) == 3 and "N" in shape[1].names and "N" not in shape[0].names:
            before = here.layer(step.inputs[0])
            swaps = before is not None and before.layer.name in ("permute", "transpose")
            yield effects.batch_as_steps(
                step.span,
                step.layer.name,
                str(step.inputs[0].type),
                before.span if before is not None and swaps else None,
                step.inputs[0].span if before is None else None,
            )
