"""The parameters of a network by their paths, and which of them a named part holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import ir
from .layers.record import Shape
from .source import Span

Level = tuple[str, ...]
STATISTICS = "running_mean"  # the buffer of layers that keep statistics of batches


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter; each level of its path has an attribute, and a layer or block of a kind."""

    path: tuple[Level, ...]
    shape: Shape
    span: Span

    @property
    def name(self) -> str:
        """Its path as torch writes it, below the model."""
        return ".".join(level[0] for level in self.path)


def weights(network: ir.Network) -> list[Weight]:
    """Every parameter of a network, a shared one once."""
    found: dict[str, Weight] = {}
    for path, step in holders(network.steps):
        if isinstance(step, ir.LayerStep):
            given = step.layer.weights(step.types, step.output.type, step.known)
        else:
            given = {"": step.output.type.shape}
        for name, shape in given.items():
            each = Weight((*path, (name,)) if name else path, shape, step.span)
            found[each.name] = each
    return list(found.values())


def norms(network: ir.Network) -> list[tuple[Level, ...]]:
    """The paths of all layers that keep statistics of batches."""
    return [
        path
        for path, step in holders(network.steps)
        if isinstance(step, ir.LayerStep)
        and STATISTICS in step.layer.buffers(step.types, step.output.type, step.known)
    ]


def holders(
    steps: Sequence[ir.TypedStep], above: tuple[Level, ...] = ()
) -> Iterator[tuple[tuple[Level, ...], ir.LayerStep | ir.StateStep]]:
    """The layers and weights at any depth, each with its path."""
    for step in steps:
        match step:
            case ir.LayerStep(layer=layer, attribute=attribute, declared=name) if attribute:
                yield (*above, _level(attribute, layer.name, name)), step
            case ir.BlockStep(attribute=attribute, block=block, body=body, declared=name):
                yield from holders(body.steps, (*above, _level(attribute, block, name)))
            case ir.LoopStep(steps=inner):
                yield from holders(inner, above)
            case ir.StateStep(kind="weight", attribute=attribute):
                yield (*above, (attribute,)), step


def _level(attribute: str, kind: str, declared: str) -> Level:
    """What a layer or block goes by: the author's name where a loop made several of one."""
    return (attribute, kind, declared) if declared not in ("", attribute) else (attribute, kind)


def reach(part: ir.Part, path: Sequence[Level]) -> int:
    """How many levels of a path lead to the part that holds it; 0 where the part does not.

    A part is one from the root, or one of a kind at any depth. What a loop declares has the name
    that the author gave it in every turn.
    """
    length = len(part.path)
    for start in range(len(path) - length + 1):
        levels = path[start : start + length]
        from_here = start == 0 or part.path[0] in levels[0][1:2]
        if from_here and all(name in level for name, level in zip(part.path, levels, strict=True)):
            return start + length
    return 0
