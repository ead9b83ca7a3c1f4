"""What a typed network costs: parameters, buffers and operations, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import ir
from .dims import Dim, dim
from .layers.shape import product


@dataclass(frozen=True, slots=True)
class Cost:
    """One step of a network: `path` is the attribute below the model, `level` the nesting."""

    path: str
    kind: str
    step: ir.TypedStep
    parameters: int
    buffers: int
    flops: Dim
    level: int = 0


def costs(network: ir.Network, prefix: str = "", level: int = 0) -> Iterator[Cost]:
    """The costs of each step, blocks before what they hold; a shared layer's state counts once."""
    seen: set[str] = set()
    for step in network.steps:
        match step:
            case ir.LayerStep():
                types, arguments = step.types, step.known
                flops = step.layer.flops(types, step.output.type, arguments)
                again = bool(step.attribute) and step.attribute in seen
                weights = step.layer.weights(types, step.output.type, arguments)
                buffers = step.layer.buffers(types, step.output.type, arguments)
                yield Cost(
                    prefix + step.attribute if step.attribute else "",
                    step.layer.name,
                    step,
                    0 if again else _count(weights),
                    0 if again else _count(buffers),
                    flops,
                    level,
                )
                seen.add(step.attribute)
            case ir.ArithmeticStep():
                flops = product(step.output.type.shape)
                yield Cost("", step.operator, step, 0, 0, flops, level)
            case ir.StateStep(kind=kind, attribute=attribute, output=output):
                count = product(output.type.shape).value or 0
                sizes = (count, 0) if kind == "weight" else (0, count)
                yield Cost(prefix + attribute, kind, step, *sizes, dim(0), level)
            case ir.ReadStep():
                pass
            case ir.LoopStep():
                yield Cost("", "for", step, 0, 0, dim(0), level)
                body = ir.Network("loop", step.span, {}, (), (), step.steps, (), {})
                for each in costs(body, prefix, level + 1):
                    known = each.path.removeprefix(prefix) in seen
                    numbers = (0, 0) if known else (each.parameters, each.buffers)
                    flops = each.flops.substitute({step.turn: step.count}) * step.count
                    yield Cost(each.path, each.kind, each.step, *numbers, flops, each.level)
                    seen.add(each.path.removeprefix(prefix))
            case ir.BlockStep():
                yield Cost(prefix + step.attribute, step.block, step, 0, 0, dim(0), level)
                inner = list(costs(step.body, f"{prefix}{step.attribute}.", level + 1))
                if step.attribute in seen:
                    inner = [Cost(c.path, c.kind, c.step, 0, 0, c.flops, c.level) for c in inner]
                seen.add(step.attribute)
                yield from inner


def parameters(network: ir.Network) -> int:
    """How many trained numbers the network has."""
    return sum(cost.parameters for cost in costs(network))


def _count(shapes: dict[str, tuple[Dim, ...]]) -> int:
    total = 0
    for shape in shapes.values():
        size = product(shape).value
        total += size or 0
    return total
