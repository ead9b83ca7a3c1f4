"""What a typed network costs: parameters, buffers and operations, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from . import ir
from .dims import Dim, dim
from .layers.outside import NAME as PYTHON
from .layers.products import matmul_flops
from .layers.record import Shape
from .layers.shape import product
from .tensor import Type

COUNTED = "num_batches_tracked"  # the one buffer of layers that is no f32


@dataclass(frozen=True, slots=True)
class Cost:
    """One step of a network: `path` is the attribute below the model, `level` the nesting.

    `weights` and `constants` are the tensors that it holds; a step that uses the state of another
    is `shared` and holds none. `turns` is how often a loop at run time runs what stands below it.
    """

    path: str
    kind: str
    step: ir.TypedStep
    flops: Dim
    level: int = 0
    weights: tuple[Type, ...] = ()
    constants: tuple[Type, ...] = ()
    shared: bool = False
    turns: Dim | None = None

    @property
    def parameters(self) -> int:
        """How many trained numbers it holds."""
        return _count(self.weights)

    @property
    def buffers(self) -> int:
        """How many other numbers it holds."""
        return _count(self.constants)


def costs(network: ir.Network, prefix: str = "", level: int = 0) -> Iterator[Cost]:
    """The costs of each step, blocks before what they hold; a shared layer's state counts once."""
    yield from _costs(network.steps, prefix, level, set())


def _costs(
    steps: Iterable[ir.TypedStep], prefix: str, level: int, seen: set[str]
) -> Iterator[Cost]:
    """`seen` are the attributes whose state was counted."""
    for step in steps:
        attribute = getattr(step, "attribute", "")
        path = prefix + attribute if attribute else ""
        shared = bool(path) and path in seen
        match step:
            case ir.LayerStep(layer=layer, types=types, output=output, known=known):
                cost = Cost(path, layer.name, step, layer.flops(types, output.type, known), level)
                if attribute and not shared:
                    held = _types(layer.buffers(types, output.type, known))
                    weights = _types(layer.weights(types, output.type, known))
                    cost = replace(cost, weights=weights, constants=held)
                yield replace(cost, shared=True) if shared else cost
            case ir.ArithmeticStep():
                yield Cost("", step.operator, step, _operated(step), level)
            case ir.StateStep(kind=kind, output=output):
                held = () if shared else (output.type,)
                weights, constants = (held, ()) if kind == "weight" else ((), held)
                yield Cost(path, kind, step, dim(0), level, weights, constants, shared)
            case ir.ReadStep():
                pass
            case ir.LoopStep():
                yield Cost("", "for", step, dim(0), level, turns=step.count)
                for each in _costs(step.steps, prefix, level + 1, seen):
                    yield replace(each, flops=_of_all(each.flops, step))
            case ir.BlockStep():
                yield Cost(path, step.block, step, dim(0), level, shared=shared)
                yield from _costs(step.body.steps, f"{path}." if path else prefix, level + 1, seen)
        if path:
            seen.add(path)


def _operated(step: ir.ArithmeticStep) -> Dim:
    """One operation an element, or those of a product of matrices."""
    if step.operator == "@":
        types = tuple(value.type for value in step.reads)
        return matmul_flops(types, step.output.type, {})
    return product(step.output.type.shape)


def _of_all(flops: Dim, loop: ir.LoopStep) -> Dim:
    """The operations of all turns of a loop, where one turn is known.

    What grows with the number t of the turn, or its square, is summed over t = 1 … T; what grows
    faster, or in steps, counts as in the last turn.
    """
    turns = loop.count
    sums = (turns, turns * (turns + 1) // 2, turns * (turns + 1) * (turns * 2 + 1) // 6)
    total = dim(0)
    for mono, coefficient in flops.terms:
        power = sum(power for atom, power in mono if atom.label == loop.turn)
        rest = Dim({tuple(each for each in mono if each[0].label != loop.turn): coefficient})
        if power >= len(sums) or loop.turn in rest.names:
            return flops.substitute({loop.turn: turns}) * turns
        total = total + rest * sums[power]
    return total


def parameters(network: ir.Network) -> int:
    """How many trained numbers the network has."""
    return sum(cost.parameters for cost in costs(network))


def uncounted(network: ir.Network) -> Iterator[str]:
    """The modules of Python's in it, of which nobody knows what they hold."""
    for cost in costs(network):
        if isinstance(cost.step, ir.LayerStep) and cost.step.layer.name == PYTHON:
            yield cost.step.layer.code


def _types(shapes: Mapping[str, Shape]) -> tuple[Type, ...]:
    return tuple(Type("i64" if name == COUNTED else "f32", shape) for name, shape in shapes.items())


def _count(tensors: Iterable[Type]) -> int:
    return sum(product(each.shape).value or 0 for each in tensors)
