"""`dlc summary`: what a model is made of, layer by layer, without torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import ir
from .catalog.optimizer_state import state_bytes
from .conditions import Joined, joined
from .cost import Cost, costs
from .dims import Dim, dim, factored
from .layers.kept import size
from .layers.record import BATCH, Shape
from .layers.shape import product
from .memory import activations
from .tensor import Type


@dataclass(frozen=True, slots=True)
class Update:
    """How weights are trained: so many records a step, and by which optimizer, if any.

    `frozen` are the shapes of parameters that are not trained.
    """

    batch: int = 1
    optimizer: ir.Setting | None = None
    frozen: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """The bytes of one training step; what depends on open sizes is open."""

    weights: int
    buffers: int
    gradients: int
    state: int
    activations: int | Dim

    @property
    def total(self) -> int | Dim:
        """Everything together."""
        return self.activations + self.weights + self.buffers + self.gradients + self.state


@dataclass(frozen=True, slots=True)
class Summary:
    """A model with what it costs; operations are those of a forward pass."""

    file: str
    model: ir.TypedModel
    costs: tuple[Cost, ...]
    flops: Dim
    update: Update
    memory: Memory
    conditions: tuple[Joined, ...]

    @property
    def parameters(self) -> int:
        """All trained numbers."""
        return sum(cost.parameters for cost in self.costs) - self.frozen

    @property
    def frozen(self) -> int:
        """The numbers of weights that are held fast."""
        return sum(product(shape).value or 0 for shape in self.update.frozen)

    @property
    def buffers(self) -> int:
        """All numbers that are held and not trained."""
        return sum(cost.buffers for cost in self.costs)

    def flops_of(self, records: int) -> int | Dim:
        """The operations for so many records at once."""
        return of_records(self.flops, records)


def described(model: ir.TypedModel, file: str, update: Update | None = None) -> Summary:
    """The summary of a checked model, trained as `update` says."""
    update = update or Update()
    found = tuple(costs(model.network))
    weights = [each for cost in found for each in cost.weights]
    constants = [each for cost in found for each in cost.constants]
    held = Counter(update.frozen)
    learning = []
    for each in weights:
        if held[each.shape]:
            held[each.shape] -= 1
        else:
            learning.append(each)
    memory = Memory(
        weights=_bytes(weights),
        buffers=_bytes(constants),
        gradients=_bytes(learning),
        state=_state(learning, update.optimizer),
        activations=of_records(activations(model.network), update.batch),
    )
    flops = sum((cost.flops for cost in found), dim(0))
    conditions = tuple(joined(model.network.guards))
    return Summary(file, model, found, flops, update, memory, conditions)


def update_of(program: ir.TypedProgram, name: str, batch: int | None = None) -> Update:
    """How the spec trains a model; the number of records may be another, and is 1 without it."""
    for training in program.trainings:
        optimizer = None
        if isinstance(training, ir.TypedTraining):
            if training.training.model != name:
                continue
            optimizer, frozen = training.training.optimizer, training.frozen
        else:
            mine = {each.name for each in training.training.models if each.definition == name}
            if not mine:
                continue
            steps = training.training.steps
            optimizer = next((s.optimizer for s in steps if mine & set(s.updates)), None)
            frozen = next((training.frozen[each] for each in mine if each in training.frozen), ())
        return Update(batch or training.training.options["batch"], optimizer, frozen)
    return Update(batch or 1)


def summary(model: ir.TypedModel, file: str, update: Update | None = None) -> dict[str, Any]:
    """The object that `summary --json` prints; open sizes are text, memory is in bytes."""
    return as_json(described(model, file, update))


def as_json(found: Summary) -> dict[str, Any]:
    """A summary as `summary --json` prints it."""
    network, memory, optimizer = found.model.network, found.memory, found.update.optimizer
    numbers = {"trainable": found.parameters, "frozen": found.frozen, "buffers": found.buffers}
    return {
        "file": found.file,
        "model": network.name,
        "parameters": numbers,
        "flops": plain(found.flops),
        "layers": [_layer(cost) for cost in found.costs],
        "outputs": {
            port.name: {"dtype": value.type.dtype, "shape": _shape(value)}
            for port, value in zip(found.model.definition.outputs, network.outputs, strict=True)
        },
        "conditions": list(map(str, found.conditions)),
        "flops_of_record": plain(found.flops_of(1)),
        "flops_of_batch": plain(found.flops_of(found.update.batch)),
        "memory": {
            "batch": found.update.batch,
            "optimizer": optimizer.record.name if optimizer else None,
            "weights": memory.weights,
            "buffers": memory.buffers,
            "gradients": memory.gradients,
            "state": memory.state,
            "activations": plain(memory.activations),
            "total": plain(memory.total),
        },
    }


def trained(program: ir.TypedProgram, file: str) -> list[dict[str, Any]]:
    """The summaries of the models that a spec trains."""
    names: dict[str, None] = {}
    for training in program.trainings:
        if isinstance(training, ir.TypedTraining):
            names[training.training.model] = None
        else:
            names |= dict.fromkeys(each.definition for each in training.training.models)
    return [summary(program.models[name], file, update_of(program, name)) for name in names]


def of_records(number: Dim, records: int) -> int | Dim:
    """A number of operations or bytes for so many records: without a limit where that is all."""
    if number.names <= {BATCH}:
        return number.evaluate({BATCH: records})
    return number.substitute({BATCH: records})


def plain(number: int | Dim, of: Iterable[Dim] = ()) -> int | str:
    """A number, or an expression over open sizes with the factors that it has in common."""
    if isinstance(number, int):
        return number
    return factored(number, of) if number.value is None else number.value


def sizes_of(step: ir.TypedStep) -> list[Dim]:
    """The sizes of a step's tensors, which its operations are likely to be multiples of."""
    values = (*step.outputs, *step.reads)
    return list(dict.fromkeys(each for value in values for each in value.type.shape))


def _layer(cost: Cost) -> dict[str, Any]:
    step = cost.step
    outputs = [_shape(value) for value in step.outputs]
    turns = {} if cost.turns is None else {"turns": plain(cost.turns)}
    return {
        "name": cost.path,
        "kind": cost.kind,
        "line": step.span.line,
        "inputs": [_shape(value) for value in step.reads],
        "output": outputs[0] if outputs else [],
        "parameters": cost.parameters,
        "flops": plain(cost.flops, sizes_of(step)),
        "level": cost.level,
        "outputs": outputs,
        "buffers": cost.buffers,
        "shared": cost.shared,
        **turns,
    }


def _shape(value: ir.Value) -> list[int | str]:
    return [plain(each) for each in value.type.shape]


def _bytes(tensors: Iterable[Type]) -> int:
    return sum(size(each).value or 0 for each in tensors)


def _state(weights: Iterable[Type], optimizer: ir.Setting | None) -> int:
    """What the optimizer keeps for all weights."""
    if optimizer is None:
        return 0
    name, total = optimizer.record.name, 0
    for each in weights:
        shape = tuple(one.value or 0 for one in each.shape)
        width = size(Type(each.dtype, ())).value or 0
        total += state_bytes(name, optimizer.arguments, shape, width)
    return total
