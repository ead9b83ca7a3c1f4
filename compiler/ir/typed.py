"""Typed: every value has its type; only `shapes` makes these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..dims import Dim
from ..layers.record import Condition, Layer
from ..record import Record, Single, unseen
from ..source import Span
from ..tensor import Type
from .resolved import Data, DataField, Definition, Port, Training


class Open(Record):
    """A hyperparameter that is no size, in a generic network: only its name is known."""

    text: str


class Value(Single):
    """A tensor at one place of a body; `name` is what the author called it."""

    type: Type
    span: Span = unseen()
    name: str = ""


class Results(Single):
    """Several results of one step, in torch's structure.

    `made_by` is what gave them, `pattern` how a person may name them: `y, (h, c)`.
    """

    items: tuple[Value | Results, ...]
    made_by: str
    pattern: str


class Initial(Single):
    """How weights are set: an initializer of torch with its arguments, or `keras`."""

    name: str
    arguments: Mapping[str, Any]


class LayerStep(Single):
    """A layer or function with every size known; `attribute` names its state.

    `structure` is what torch returns, with the places of `outputs` in it: `(0, (1, 2))`; a single
    result is 0.
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


class ArithmeticStep(Single):
    """An operator on tensors and numbers; numbers and sizes stand as they are."""

    span: Span = unseen()
    operator: str
    operands: tuple[Any, ...]
    output: Value


class BlockStep(Single):
    """A block in use; `body` is the block as typed for these inputs."""

    span: Span = unseen()
    block: str
    arguments: Mapping[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    attribute: str
    body: Network


TypedStep: TypeAlias = LayerStep | ArithmeticStep | BlockStep


class Guard(Single):
    """A condition on open sizes, to be asserted at run time."""

    span: Span = unseen()
    condition: Condition


class Network(Single):
    """A model or block with types: straight steps from inputs to outputs.

    In a generic network the hyperparameters are names in sizes and arguments; `sizes` maps the
    dimension names of the inputs to what they are here.
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
    """A training whose loss is a network of its own, from outputs and fields to a scalar."""

    training: Training
    outputs: tuple[Port, ...]
    network: Network
    data: TypedData
    inputs: Mapping[str, str]
    loss: Network
    pairings: tuple[Pairing, ...]
    options: Mapping[str, Any]
