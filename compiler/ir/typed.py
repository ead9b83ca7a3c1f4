"""Typed: every value has its type; only `shapes` makes these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..dims import Dim
from ..layers.indexing import Slice
from ..layers.record import Condition, Layer
from ..record import Record, Single, unseen
from ..source import Span
from ..tensor import Type, Unknown
from .data import Data, DataField, Training
from .resolved import Definition, Port


class Open(Record):
    """A hyperparameter that is no size, in a generic network: its name and kind are known."""

    text: str
    kind: str = "float"


class Op(Record):
    """A layer, function or block by its name, as a value of a spec."""

    name: str


class OpenRange(Record):
    """`range` over a size that is open: it makes a loop at run time."""

    start: Dim
    stop: Dim


class Value(Single):
    """A tensor at one place of a body; `name` is what the author called it."""

    type: Type
    span: Span = unseen()
    name: str = ""


class Gathered(Single):
    """A list that a loop at run time appends to once a turn: `value` is one entry."""

    value: Value
    count: Dim


class Results(Single):
    """Several results of one step, in torch's structure.

    `made_by` is what gave them, `pattern` how a person may name them: `y, (h, c)`.
    """

    items: tuple[Value | Results | Unknown, ...]
    made_by: str
    pattern: str


class Initial(Single):
    """How weights are set: an initializer of torch with its arguments, or `keras`."""

    name: str
    arguments: Mapping[str, Any]


class LayerStep(Single):
    """A layer or function with every size known; `attribute` names its state.

    Tensors among the `arguments` stand there as values. `structure` is what torch returns, with
    the places of `outputs` in it: `(0, (1, 2))`; a single result is 0.
    """

    span: Span = unseen()
    layer: Layer
    arguments: Mapping[str, Any]
    inferred: Mapping[str, Dim]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    attribute: str
    structure: Any = 0
    init: Initial | None = None

    @property
    def output(self) -> Value:
        """The first result, which flows on."""
        return self.outputs[0]

    @property
    def types(self) -> tuple[Type, ...]:
        """The types of what flows in."""
        return tuple(value.type for value in self.inputs)

    @property
    def known(self) -> dict[str, Any]:
        """All arguments as a layer's rules see them: a tensor is its type."""
        return {name: seen(value) for name, value in {**self.arguments, **self.inferred}.items()}

    @property
    def reads(self) -> tuple[Value, ...]:
        """Every tensor that the step reads."""
        return (*self.inputs, *(each for value in self.arguments.values() for each in held(value)))


class ArithmeticStep(Single):
    """An operator on tensors and numbers; numbers and sizes stand as they are."""

    span: Span = unseen()
    operator: str
    operands: tuple[Any, ...]
    output: Value

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The one result."""
        return (self.output,)

    @property
    def reads(self) -> tuple[Value, ...]:
        """Every tensor that the step reads."""
        return tuple(value for value in self.operands if isinstance(value, Value))


class BlockStep(Single):
    """A block in use; `body` is the block as typed for these inputs."""

    span: Span = unseen()
    block: str
    arguments: Mapping[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    attribute: str
    body: Network

    @property
    def reads(self) -> tuple[Value, ...]:
        """Every tensor that the step reads."""
        return self.inputs


class StateStep(Single):
    """A tensor of the model's own: a `weight`, or a constant `buffer`; `value` is its start.

    That is a number, an initializer, or a network without inputs.
    """

    span: Span = unseen()
    kind: str
    attribute: str
    value: int | float | Initial | Network
    output: Value

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The tensor."""
        return (self.output,)

    @property
    def reads(self) -> tuple[Value, ...]:
        """Nothing: it is there before any data."""
        return ()


class ReadStep(Single):
    """A parameter of a layer, read by its name: `words.weight`."""

    span: Span = unseen()
    attribute: str
    name: str
    output: Value

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The tensor."""
        return (self.output,)

    @property
    def reads(self) -> tuple[Value, ...]:
        """Nothing that flows."""
        return ()


class LoopStep(Single):
    """A loop at run time over `count` turns.

    `carried` are triples: what comes in, what the body sees, what the body makes of it; `outputs`
    are the carried values after the last turn, then the `gathered` lists, which hold one value a
    turn and are taken as one tensor by `stack` or `cat` only. `turn` is a size that counts the
    turns from 1; their numbers begin with `start`.
    """

    span: Span = unseen()
    turn: str
    start: Dim
    count: Dim
    carried: tuple[tuple[Value, Value, Value], ...]
    gathered: tuple[tuple[str, Value], ...]
    steps: tuple[TypedStep, ...]
    outputs: tuple[Value, ...]

    @property
    def reads(self) -> tuple[Value, ...]:
        """What comes in, and what the body reads from outside."""
        made = {id(value) for step in self.steps for value in step.outputs}
        made |= {id(inside) for _, inside, _ in self.carried}
        outside = (v for step in self.steps for v in step.reads if id(v) not in made)
        ends = (v for _, _, v in self.carried if id(v) not in made)
        return (*(first for first, _, _ in self.carried), *outside, *ends)


TypedStep: TypeAlias = LayerStep | ArithmeticStep | BlockStep | StateStep | ReadStep | LoopStep


def held(value: Any) -> tuple[Value, ...]:
    """The tensors in an argument: itself, or those in a list."""
    if isinstance(value, Value):
        return (value,)
    if isinstance(value, Slice):
        value = (value.start, value.stop, value.step)
    return tuple(each for item in value for each in held(item)) if isinstance(value, tuple) else ()


def seen(value: Any) -> Any:
    """An argument as the rules see it: types instead of tensors."""
    if isinstance(value, tuple):
        return tuple(map(seen, value))
    return value.type if isinstance(value, Value) else value


class Guard(Single):
    """A condition on open sizes, to be asserted at run time."""

    span: Span = unseen()
    condition: Condition


class Network(Single):
    """A model or block with types: straight steps from inputs to outputs.

    In a generic network the hyperparameters are names in sizes and arguments; `sizes` maps the
    dimension names of the inputs to what they are here. `defaults` are the numbers that inputs are
    filled with where nothing flows into them.
    """

    name: str
    span: Span = unseen()
    hyperparameters: Mapping[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    steps: tuple[TypedStep, ...]
    guards: tuple[Guard, ...]
    sizes: Mapping[str, Dim]
    init: Initial | None = None
    defaults: Mapping[str, int | float] = {}


class TypedModel(Single):
    """A model as checked with its defaults, and once for all hyperparameters where that goes."""

    definition: Definition
    network: Network
    generic: Network | None


class TypedField(Single):
    """A field with its type (no batch dimension)."""

    field: DataField
    type: Type


class TypedData(Single):
    """A data block with types; `augmented` are the fields that are pictures to be augmented."""

    data: Data
    fields: Mapping[str, TypedField]
    augmented: tuple[str, ...] = ()


class Pairing(Single):
    """Which output predicts which field, as the loss says, and how to decode it.

    `axis` of the output is over the classes, where its meaning is that.
    """

    output: str
    field: str
    meaning: str
    axis: int = 1


class TypedTraining(Single):
    """A training whose loss is a network of its own, from outputs and fields to a scalar.

    `frozen` has the shapes of the parameters that are held fast.
    """

    training: Training
    outputs: tuple[Port, ...]
    network: Network
    data: TypedData
    inputs: Mapping[str, str]
    loss: Network
    pairings: tuple[Pairing, ...]
    options: Mapping[str, Any]
    frozen: tuple[tuple[Dim, ...], ...] = ()
