"""Resolved: names are known, arguments are bound to parameters, types are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..catalog.record import Record
from ..layers.record import Layer
from ..source import Span


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
