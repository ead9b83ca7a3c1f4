"""Maps of features, and stacks of layers: what is made of them is legal, and hardly meant."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir, tree
from ..diagnostics import Diagnostic
from ..errors import advice
from ..errors import maps as errors
from ..torch_order import rewritten
from .flow import Flow, has_weights, number, place
from .unused import names_in

RESHAPED = ("reshape", "view", "unflatten")
PICTURED = ("Conv2d", "ConvTranspose2d", "BatchNorm2d", "MaxPool2d")
SMALLEST = 8  # of the sides of a film's pictures
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


def channels_behind(here: Flow) -> Iterator[Diagnostic]:
    """`reshape(N, 7, 7, 64)` straight before a layer of pictures: 7 channels of 7 by 64."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in PICTURED:
            continue
        value = step.inputs[0]
        made = here.layer(value)
        if made is None or made.layer.name not in RESHAPED or len(value.type.shape) != 4:
            continue
        first, second, last = (number(size) for size in value.type.shape[1:])
        flat = len(made.types[0].shape) == 2
        if (
            flat
            and first is not None
            and first > 1
            and first == second
            and last not in (None, first)
        ):
            yield advice.channels_last(step.span, step.layer.name, value.type, made.span)


def frames_first(here: Flow) -> Iterator[Diagnostic]:
    """A film f32[N, T, 3, H, W] given to a layer that takes axis 1 for the channels."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or step.layer.name not in ("Conv3d", "BatchNorm3d"):
            continue
        value = step.inputs[0]
        sizes = [number(size) for size in value.type.shape[1:]]
        if id(value) in here.made or len(sizes) != 4 or sizes[0] in (1, 3) or sizes[1] != 3:
            continue
        if all(size is None or size >= SMALLEST for size in sizes[2:]):
            yield errors.frames_first(step.span, step.layer.name, value.type, value.span)


def copied_places(here: Flow) -> Iterator[Diagnostic]:
    """`AdaptiveAvgPool2d(7)` of a smaller map: places are copied to make more of them."""
    for step in here.steps:
        if not isinstance(step, ir.LayerStep) or not step.layer.name.startswith("Adaptive"):
            continue
        given, becomes = step.types[0], step.output.type
        pairs = list(zip(given.shape[2:], becomes.shape[2:], strict=False))
        grown = [a.value < b.value for a, b in pairs if a.value is not None and b.value is not None]
        if grown and all(grown):
            sizes = [str(number(size)) for size, _ in pairs]
            write = sizes[0] if len(set(sizes)) == 1 else f"({', '.join(sizes)})"
            write = f"{step.layer.name}({write})"
            yield errors.copied_places(step.span, step.layer.name, given, becomes, write)


def overwritten(here: Flow) -> Iterator[Diagnostic]:
    """A layer in a loop whose result every turn replaces, so that the last one alone counts."""
    live = set(here.outputs)
    counts: dict[tuple[str, int], list[tuple[ir.LayerStep, bool]]] = {}
    for step in reversed(here.steps):
        alive = any(id(value) in live for value in step.outputs)
        if alive:
            live |= {id(value) for value in step.reads}
        if isinstance(step, ir.LayerStep) and has_weights(step) and step.attribute:
            counts.setdefault(place(step.span), []).append((step, alive))
    for turns in reversed(list(counts.values())):
        used = [alive for _, alive in turns]
        if used[0] and not any(used[1:]) and len({step.attribute for step, _ in turns}) > 1:
            yield errors.overwritten(turns[0][0].span, turns[0][0].layer.name, len(turns))
            return


def never_taken(spec: tree.Spec) -> Iterator[Diagnostic]:
    """A list that is appended to, and that nothing reads: skips that no decoder takes."""
    for node in spec.declarations:
        if not isinstance(node, tree.Block | tree.Model) or not isinstance(node.body, tree.Body):
            continue
        if node.span.source.path != spec.source.path:
            continue
        appended: dict[str, list[tree.Method]] = {}
        _appends(node.body, appended)
        for name, places in appended.items():
            read = [each for each in names_in(node.body) if each == name]
            if len(read) == len(places):
                yield errors.never_taken(places[-1].span, name)


def _appends(node: object, found: dict[str, list[tree.Method]]) -> None:
    if isinstance(node, tree.Method):
        found.setdefault(node.target.name, []).append(node)
    elif isinstance(node, tree.Body):
        for each in node.statements:
            _appends(each, found)
    elif isinstance(node, tree.For):
        _appends(node.body, found)
    elif isinstance(node, tree.If):
        _appends(node.then, found)
        _appends(node.otherwise, found)
