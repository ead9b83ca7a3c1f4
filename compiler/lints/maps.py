"""Maps of features: numbers in torch's order, channels that are averaged away with the rows."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..diagnostics import Diagnostic
from ..errors import maps as errors
from ..torch_order import rewritten
from .flow import Flow

REDUCED = ("mean", "amax", "amin", "sum", "std", "var")


def torch_order(here: Flow) -> Iterator[Diagnostic]:
    """`Conv2d(3, 64, 3)` on 3 channels: a window of 64 with a stride of 3."""
    for step in here.steps:
        if isinstance(step, ir.LayerStep) and step.attribute:
            write = rewritten(step.span.text, step.layer, step.inputs, step.arguments)
            if write:
                kernel, stride = step.arguments["kernel_size"], step.arguments["stride"]
                given = f"a window of {kernel} and a stride of {stride}"
                yield errors.torch_order(step.span, step.layer.name, given, write)


def width_left(here: Flow) -> Iterator[Diagnostic]:
    """`mean([1, 2])` of f32[N, C, H, W] straight before a `Linear`: what is left is the width."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name != "Linear":
            continue
        made = here.layer(step.inputs[0])
        if made is None or made.layer.name not in REDUCED or not made.inputs:
            continue
        given, axes = made.types[0], made.arguments.get("dim")
        rank = len(given.shape)
        if not isinstance(axes, tuple) or given.spatial != rank - 2:
            continue
        taken = {axis % rank for axis in axes if isinstance(axis, int)}
        if 1 in taken and 0 < len(taken & set(range(2, rank))) < rank - 2:
            name = made.layer.name
            write = f"{name}({[*range(2, rank)]})"
            yield errors.width_left(made.span, name, given, made.output.type, write, step.span)
