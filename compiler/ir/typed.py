"""Typed: every value has its type; only `shapes` makes these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..dims import Dim
from ..layers.record import Condition, Layer
from ..source import Span
from ..tensor import Type
from .resolved import Data, DataField, Definition, Expectation, Port, Program, Training


@dataclass(frozen=True, slots=True)
class Open:
    """A hyperparameter that is no size, in a generic network: only its name is known."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A tensor at one place of a body; `name` is what the author called it."""

    type: Type
    span: Span = field(repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LayerStep:
    """A layer or function with every size known; `attribute` names its state."""

    span: Span = field(repr=False)
    layer: Layer
    arguments: Mapping[str, Any]
    inferred: Mapping[str, Dim]
    inputs: tuple[Value, ...]
    output: Value
    attribute: str


@dataclass(frozen=True, slots=True, eq=False)
class ArithmeticStep:
    """An operator on tensors and numbers; numbers and sizes stand as they are."""

    span: Span = field(repr=False)
    operator: str
    operands: tuple[Any, ...]
    output: Value


@dataclass(frozen=True, slots=True, eq=False)
class BlockStep:
    """A block in use; `body` is the block as typed for these inputs."""

    span: Span = field(repr=False)
    block: str
    arguments: Mapping[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    attribute: str
    body: Network


TypedStep: TypeAlias = LayerStep | ArithmeticStep | BlockStep


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A condition on open sizes, to be asserted at run time."""

    span: Span = field(repr=False)
    condition: Condition


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A model or block with types: straight steps from inputs to outputs.

    In a generic network the hyperparameters are names in sizes and arguments; `sizes` maps the
    dimension names of the inputs to what they are here.
    """

    name: str
    span: Span = field(repr=False)
    hyperparameters: Mapping[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    steps: tuple[TypedStep, ...]
    guards: tuple[Guard, ...]
    sizes: Mapping[str, Dim]


@dataclass(frozen=True, slots=True, eq=False)
class TypedModel:
    """A model as checked with its defaults, and once for all hyperparameters where that goes."""

    definition: Definition
    network: Network
    generic: Network | None


@dataclass(frozen=True, slots=True, eq=False)
class TypedField:
    """A field with its type (no batch dimension)."""

    field: DataField
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class TypedData:
    """A data block with types."""

    data: Data
    fields: Mapping[str, TypedField]


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Which output predicts which field, as the loss says, and how to decode it."""

    output: str
    field: str
    meaning: str


@dataclass(frozen=True, slots=True, eq=False)
class TypedTraining:
    """A training whose loss is a network of its own, from outputs and fields to a scalar."""

    training: Training
    outputs: tuple[Port, ...]
    network: Network
    data: TypedData
    inputs: Mapping[str, str]
    loss: Network
    pairings: tuple[Pairing, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class TypedProgram:
    """A whole spec with its types."""

    program: Program
    models: Mapping[str, TypedModel]
    blocks: Mapping[str, Network | None]
    data: Mapping[str, TypedData]
    trainings: tuple[TypedTraining, ...]
    expectations: tuple[Expectation, ...]
