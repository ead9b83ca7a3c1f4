"""Who makes and who reads each value of a network, and what made a value in the end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .. import ir
from ..source import Span

# What keeps every number, in another shape or order.
VIEWS = frozenset(
    "reshape view flatten unflatten ravel squeeze unsqueeze contiguous clone Flatten Unflatten "
    "permute transpose swapaxes".split()
)
WEIGHTED = ("Linear", "Conv1d", "Conv2d", "Conv3d")


class Flow:
    """The steps of one body: `made` by which step a value is, `readers` of a value, by its id."""

    def __init__(self, steps: Sequence[ir.TypedStep], outputs: Sequence[ir.Value]) -> None:
        self.steps = steps
        self.outputs = {id(value) for value in outputs}
        self.made: dict[int, ir.TypedStep] = {}
        self.readers: dict[int, list[ir.TypedStep]] = {}
        self.places = set[tuple[str, int]]()
        self.shared = set[str]()
        named = set[str]()
        for step in steps:
            self.places.add(place(step.span))
            for value in step.outputs:
                self.made[id(value)] = step
            for value in step.reads:
                self.readers.setdefault(id(value), []).append(step)
            attribute = getattr(step, "attribute", "")
            if attribute in named:
                self.shared.add(attribute)
            named.add(attribute)

    def alone(self, value: ir.Value) -> bool:
        """Whether one step reads a value and nobody else sees it."""
        return len(self.readers.get(id(value), ())) == 1 and id(value) not in self.outputs

    def layer(self, value: ir.Value) -> ir.LayerStep | None:
        """The layer or function of this body that made a value."""
        step = self.made.get(id(value))
        return step if isinstance(step, ir.LayerStep) else None


def flow(network: ir.Network) -> Flow:
    """The flow of a network's own steps."""
    return Flow(network.steps, network.outputs)


def flows(network: ir.Network) -> Iterator[Flow]:
    """The flow of a network, and of every block and loop in it."""
    yield flow(network)
    yield from _inside(network.steps)


def _inside(steps: Sequence[ir.TypedStep]) -> Iterator[Flow]:
    for step in steps:
        if isinstance(step, ir.BlockStep):
            yield from flows(step.body)
        elif isinstance(step, ir.LoopStep):
            ends = [last for _, _, last in step.carried] + [value for _, value in step.gathered]
            yield Flow(step.steps, ends)
            yield from _inside(step.steps)


def place(span: Span) -> tuple[str, int]:
    """Where something begins: in which file, and at which character."""
    return span.source.path, span.start


def kind(step: ir.LayerStep) -> str:
    """A layer's name and a function's in one spelling: `LeakyReLU`, `leaky_relu`."""
    return step.layer.name.lower().replace("_", "")


def is_dropout(step: ir.LayerStep) -> bool:
    """Whether this is dropout of some kind."""
    return "dropout" in kind(step)


def source(here: Flow, value: ir.Value, through: Collection[str] = VIEWS) -> ir.LayerStep | None:
    """The layer that made a value, seen through views and dropout and into blocks."""
    while True:
        step = here.made.get(id(value))
        if isinstance(step, ir.BlockStep):
            place = next(i for i, each in enumerate(step.outputs) if each is value)
            here, value = flow(step.body), step.body.outputs[place]
        elif isinstance(step, ir.LayerStep):
            if len(step.reads) != 1 or not (step.layer.name in through or is_dropout(step)):
                return step
            value = step.inputs[0]
        else:
            return None


def number(size: Any) -> int | None:
    """A size as a number, where it is known."""
    found = getattr(size, "value", size)
    return found if isinstance(found, int) else None


def has_weights(step: ir.TypedStep) -> bool:
    """Whether the step holds numbers that are trained, those of a block included."""
    match step:
        case ir.LayerStep():
            return bool(step.layer.weights(step.types, step.output.type, step.known))
        case ir.BlockStep():
            return any(map(has_weights, step.body.steps))
        case ir.LoopStep():
            return any(map(has_weights, step.steps))
        case ir.StateStep():
            return step.kind == "weight"
    return isinstance(step, ir.ReadStep)


def results(training: ir.TypedTraining) -> dict[str, ir.Value]:
    """The values of the model's outputs, by the names that a loss has for them."""
    pairs = zip(training.outputs, training.network.outputs, strict=True)
    return {port.name: value for port, value in pairs}
