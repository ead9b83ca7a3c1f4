"""The intermediate representation: first with names resolved, then with types known.

`resolve` makes the first kind, `shapes` the second; a typed node is another class, never a field
filled in later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .catalog.record import Record
from .dims import Dim
from .layers.record import Condition, Layer
from .source import Span
from .tensor import Type

# Resolved: names are known, arguments are bound to parameters, defaults are not yet filled in.


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of the text: a number, a string, True, False or None."""

    span: Span = field(compare=False, repr=False)
    value: int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class Local:
    """A name bound in this body: an input, a value, a hyperparameter or a size."""

    span: Span = field(compare=False, repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic or a comparison on compile-time values or tensors."""

    span: Span = field(compare=False, repr=False)
    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """A list or a tuple."""

    span: Span = field(compare=False, repr=False)
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """A layer or function of the catalogue, applied; each occurrence is a layer of its own.

    `shared` is the name that a `layer` statement gave it.
    """

    span: Span = field(compare=False, repr=False)
    layer: Layer
    arguments: Mapping[str, Expression]
    inputs: tuple[Expression, ...]
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A block or a model, applied."""

    span: Span = field(compare=False, repr=False)
    block: str
    arguments: Mapping[str, Expression]
    inputs: tuple[Expression, ...]
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Faulty:
    """What stands where a fault was reported."""

    span: Span = field(compare=False, repr=False)


Expression: TypeAlias = Literal | Local | Operation | Several | Apply | Use | Faulty


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """A type as written: sizes are expressions, `classes` and `tokens` the bounds of integers."""

    span: Span = field(compare=False, repr=False)
    dtype: str
    sizes: tuple[Expression, ...]
    classes: Expression | None = None
    labels: tuple[str, ...] | None = None
    tokens: Expression | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output as declared."""

    span: Span = field(compare=False, repr=False)
    name: str
    type: TypeSpec | None


@dataclass(frozen=True, slots=True)
class Bind:
    """A name gets a value."""

    span: Span = field(compare=False, repr=False)
    name: str
    value: Expression
    type: TypeSpec | None = None


@dataclass(frozen=True, slots=True)
class Require:
    """A condition that a caller must meet."""

    span: Span = field(compare=False, repr=False)
    condition: Expression
    message: str


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One hyperparameter: its kind (int, float, bool, str, list) and its default."""

    span: Span = field(compare=False, repr=False)
    name: str
    kind: str
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A model or a block. A block that is one chain has no declared inputs: `chained`."""

    span: Span = field(compare=False, repr=False)
    name: str
    is_model: bool
    hyperparameters: tuple[Hyperparameter, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    body: tuple[Bind | Require, ...]
    sizes: Mapping[str, Span]
    chained: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A raw column, by name or by number."""

    span: Span = field(compare=False, repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Several raw columns: `columns(0, 64)` or `columns("pixel_*")`."""

    span: Span = field(compare=False, repr=False)
    first: int = 0
    last: int = 0
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """Data that stands in the spec itself: a list, or arithmetic on `range`."""

    span: Span = field(compare=False, repr=False)
    items: Any


@dataclass(frozen=True, slots=True)
class Mixed:
    """Arithmetic on raw columns."""

    span: Span = field(compare=False, repr=False)
    operator: str
    operands: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in arithmetic on raw columns."""

    span: Span = field(compare=False, repr=False)
    value: int | float


@dataclass(frozen=True, slots=True)
class Joined:
    """Several raw columns side by side."""

    span: Span = field(compare=False, repr=False)
    items: tuple[Raw, ...]


Raw: TypeAlias = Column | Columns | Values | Mixed | Figure | Joined


@dataclass(frozen=True, slots=True)
class Setting:
    """A record of the catalogue with its arguments: a step, a source, an optimizer, a metric."""

    span: Span = field(compare=False, repr=False)
    record: Record
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DataField:
    """One field: raw columns, then steps."""

    span: Span = field(compare=False, repr=False)
    name: str
    type: TypeSpec
    raw: Raw
    steps: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Data:
    """Where examples come from. Without a source they stand in the spec."""

    span: Span = field(compare=False, repr=False)
    name: str
    source: Setting | None
    fields: tuple[DataField, ...]
    split: Setting | None


@dataclass(frozen=True, slots=True)
class Training:
    """`train MODEL on DATA`; `bound` maps inputs to fields where a person did so by hand."""

    span: Span = field(compare=False, repr=False)
    model: str
    model_span: Span = field(compare=False, repr=False)
    arguments: Mapping[str, Expression]
    bound: Mapping[str, tuple[str, Span]]
    data: str
    data_span: Span = field(compare=False, repr=False)
    loss: Expression | None
    optimizer: Setting | None
    metrics: tuple[Setting, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the trained model must show: `subject` and what it is read from, then the bound.

    `decoded` asks for the label's name instead of a number.
    """

    span: Span = field(compare=False, repr=False)
    subject: str
    split: str = ""
    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    operator: str = ""
    target: Any = 0.0
    tolerance: float = 0.0
    decoded: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """A whole spec with its names resolved."""

    stem: str
    definitions: Mapping[str, Definition]
    data: Mapping[str, Data]
    trainings: tuple[Training, ...]
    expectations: tuple[Expectation, ...]


# Typed: only `shapes` makes these.


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
