"""Which steps of a sequence are padding, followed through a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from . import ir
from .layers.indexing import Slice
from .source import Span


def padding_taken(training: ir.TypedTraining) -> Iterator[tuple[Span, ir.Setting]]:
    """Where a network takes the last step of what was padded on the right, and that `pad`."""
    for name, field in training.inputs.items():
        padded = [
            step
            for step in training.data.fields[field].field.steps
            if step.record.name == "pad" and step.arguments["side"] == "right"
        ]
        inputs = [value for value in training.network.inputs if value.name == name]
        if padded:
            for span in _taken(training.network, inputs, set()):
                yield span, padded[-1]


def _taken(network: ir.Network, inputs: Iterable[ir.Value], reached: set[int]) -> Iterator[Span]:
    """The indices `[:, -1]` of values whose steps, along axis 1, are those of the inputs.

    `reached` gets the ids of all such values.
    """
    reached |= set(map(id, inputs))
    for step in network.steps:
        outputs = step.outputs
        padded = [value for value in step.reads if id(value) in reached]
        if not padded:
            continue
        if isinstance(step, ir.BlockStep):
            given = zip(step.body.inputs, step.inputs, strict=True)
            inner = set[int]()
            yield from _taken(step.body, [here for here, v in given if id(v) in reached], inner)
            results = zip(outputs, step.body.outputs, strict=True)
            reached |= {id(output) for output, made in results if id(made) in inner}
        elif isinstance(step, ir.LayerStep) and is_last_step(step):
            yield step.span
        else:
            reached |= {id(each) for each in outputs if _same_steps(each, padded[0])}


def is_last_step(step: ir.LayerStep) -> bool:
    """Whether this is `x[:, -1]`."""
    match step.arguments.get("items"):
        case (Slice(start=None, stop=None, step=None), last, *_):
            return bool(last == -1)
    return False


def _same_steps(value: ir.Value, before: ir.Value) -> bool:
    """Whether axis 1 is as long as it was: the steps are still there."""
    sizes = [each.type.shape for each in (value, before)]
    return all(len(shape) > 1 for shape in sizes) and sizes[0][1] == sizes[1][1]
