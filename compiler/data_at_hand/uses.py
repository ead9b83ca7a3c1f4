"""Which fields a training feeds to layers with weights, as they come from the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import ir

WEIGHTED = ("Linear", "Bilinear", "Conv", "LSTM", "GRU", "RNN", "TransformerEncoder")
# What leaves the values as they are, and only moves them.
MOVING = frozenset(
    "flatten Flatten reshape view permute transpose unsqueeze squeeze cat concat concatenate "
    "Dropout dropout contiguous unflatten Unflatten".split()
)


def fed(program: ir.TypedProgram, data: ir.TypedData) -> Iterator[set[str]]:
    """The fields of each training on this data that reach a layer with weights unchanged."""
    for training in program.trainings:
        if training.data is not data:
            continue
        if isinstance(training, ir.TypedTraining):
            fields = dict(training.inputs)
            networks = [training.network]
        else:
            fields = {name: name for name in data.fields}
            networks = [step.network for step in training.steps]
        yield {
            field
            for name, field in fields.items()
            for network in networks
            if _weighted(network, [each for each in network.inputs if each.name == name], set())
        }


def targets(program: ir.TypedProgram, data: ir.TypedData) -> set[str]:
    """The fields of numbers that outputs are compared with, and models are not fed."""
    found: set[str] = set()
    for training in program.trainings:
        if training.data is data and isinstance(training, ir.TypedTraining):
            found |= {pairing.field for pairing in training.pairings}
            found -= {*training.inputs.values()}
    return {name for name in found if name in data.fields and data.fields[name].type.floating}


def _weighted(network: ir.Network, inputs: Iterable[ir.Value], reached: set[int]) -> bool:
    """Whether values reach a layer with weights; `reached` gets the ids of all that are moved."""
    reached |= set(map(id, inputs))
    for step in network.steps:
        if not any(id(value) in reached for value in step.reads):
            continue
        if isinstance(step, ir.BlockStep):
            given = zip(step.body.inputs, step.inputs, strict=True)
            inner: set[int] = set()
            here = [inside for inside, value in given if id(value) in reached]
            if _weighted(step.body, here, inner):
                return True
            results = zip(step.outputs, step.body.outputs, strict=True)
            reached |= {id(output) for output, made in results if id(made) in inner}
        elif isinstance(step, ir.LayerStep) and step.layer.name.startswith(WEIGHTED):
            return True
        elif isinstance(step, ir.LayerStep) and step.layer.name in MOVING:
            reached |= set(map(id, step.outputs))
    return False
