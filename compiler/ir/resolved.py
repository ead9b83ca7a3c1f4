"""Resolved: names are known, arguments are bound to parameters, types are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..catalog.record import Record as CatalogueRecord
from ..layers.record import Layer
from ..record import Record, unseen
from ..source import Span


class Literal(Record):
    """A constant of the text: a number, a string, True, False or None."""

    span: Span = unseen()
    value: int | float | str | bool | None


class Local(Record):
    """A name bound in this body: an input, a value, a hyperparameter or a size."""

    span: Span = unseen()
    name: str


class Operation(Record):
    """Arithmetic or a comparison on compile-time values or tensors."""

    span: Span = unseen()
    operator: str
    operands: tuple[Expression, ...]


class Several(Record):
    """A list or a tuple."""

    span: Span = unseen()
    items: tuple[Expression, ...]


class Initializer(Record):
    """`init=normal_(std=0.02)`."""

    span: Span = unseen()
    name: str
    arguments: Mapping[str, Expression]


class Apply(Record):
    """A layer or function of the catalogue, applied; each occurrence is a layer of its own.

    `shared` is the name that a `layer` statement gave it, `init` how its weights are set.
    """

    span: Span = unseen()
    layer: Layer
    arguments: Mapping[str, Expression]
    inputs: tuple[Expression, ...]
    shared: str = ""
    init: Initializer | None = None


class Use(Record):
    """A block or a model, applied."""

    span: Span = unseen()
    block: str
    arguments: Mapping[str, Expression]
    inputs: tuple[Expression, ...]
    shared: str = ""


class Slice(Record):
    """`start:stop:step` in an index."""

    span: Span = unseen()
    start: Expression | None
    stop: Expression | None
    step: Expression | None


class Dots(Record):
    """`...` in an index."""

    span: Span = unseen()


class Index(Record):
    """`target[items]`."""

    span: Span = unseen()
    target: Expression
    items: tuple[Expression | Slice | Dots, ...]


class Sizes(Record):
    """`target.shape`."""

    span: Span = unseen()
    target: Expression


class Faulty(Record):
    """What stands where a fault was reported."""

    span: Span = unseen()


Expression: TypeAlias = Literal | Local | Operation | Several | Apply | Use | Index | Sizes | Faulty


class TypeSpec(Record):
    """A type as written: sizes are expressions, `classes` and `tokens` the bounds of integers."""

    span: Span = unseen()
    dtype: str
    sizes: tuple[Expression, ...]
    classes: Expression | None = None
    labels: tuple[str, ...] | None = None
    tokens: Expression | None = None


class Port(Record):
    """An input or an output as declared."""

    span: Span = unseen()
    name: str
    type: TypeSpec | None


class Bind(Record):
    """A name gets a value."""

    span: Span = unseen()
    name: str
    value: Expression
    type: TypeSpec | None = None


class Unpack(Record):
    """Several names get the results of one step; `target` has them in nested tuples, `_` drops."""

    span: Span = unseen()
    target: tuple[Any, ...]
    value: Expression


class Require(Record):
    """A condition that a caller must meet."""

    span: Span = unseen()
    condition: Expression
    message: str


class Hyperparameter(Record):
    """One hyperparameter: its kind (int, float, bool, str, list) and its default."""

    span: Span = unseen()
    name: str
    kind: str
    default: Expression | None


class Definition(Record):
    """A model or a block. A block that is one chain has no declared inputs: `chained`."""

    span: Span = unseen()
    name: str
    is_model: bool
    hyperparameters: tuple[Hyperparameter, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    body: tuple[Bind | Unpack | Require, ...]
    sizes: Mapping[str, Span]
    chained: bool = False
    init: Initializer | None = None


class Column(Record):
    """A raw column, by name or by number."""

    span: Span = unseen()
    name: str


class Columns(Record):
    """Several raw columns: `columns(0, 64)` or `columns("pixel_*")`."""

    span: Span = unseen()
    first: int = 0
    last: int = 0
    pattern: str = ""


class Values(Record):
    """Data that stands in the spec itself: a list, or arithmetic on `range`."""

    span: Span = unseen()
    items: Any


class Mixed(Record):
    """Arithmetic on raw columns."""

    span: Span = unseen()
    operator: str
    operands: tuple[Raw, ...]


class Figure(Record):
    """A number in arithmetic on raw columns."""

    span: Span = unseen()
    value: int | float


class Joined(Record):
    """Several raw columns side by side."""

    span: Span = unseen()
    items: tuple[Raw, ...]


Raw: TypeAlias = Column | Columns | Values | Mixed | Figure | Joined


class Setting(Record):
    """A record of the catalogue with its arguments: a step, a source, an optimizer, a metric."""

    span: Span = unseen()
    record: CatalogueRecord
    arguments: Mapping[str, Any]


class DataField(Record):
    """One field: raw columns, then steps."""

    span: Span = unseen()
    name: str
    type: TypeSpec
    raw: Raw
    steps: tuple[Setting, ...]


class Data(Record):
    """Where examples come from. Without a source they stand in the spec.

    `skips` says that records which cannot be read are left out.
    """

    span: Span = unseen()
    name: str
    source: Setting | None
    fields: tuple[DataField, ...]
    split: Setting | None
    augment: tuple[Setting, ...] = ()
    skips: bool = False


class Training(Record):
    """`train MODEL on DATA`; `bound` maps inputs to fields where a person did so by hand."""

    span: Span = unseen()
    model: str
    model_span: Span = unseen()
    arguments: Mapping[str, Expression]
    bound: Mapping[str, tuple[str, Span]]
    data: str
    data_span: Span = unseen()
    loss: Expression | None
    optimizer: Setting | None
    metrics: tuple[Setting, ...]
    options: Mapping[str, Any]


class Expectation(Record):
    """What the trained model must show: `subject` and what it is read from, then the bound.

    `decoded` asks for the label's name instead of a number.
    """

    span: Span = unseen()
    subject: str
    split: str = ""
    name: str = ""
    arguments: Mapping[str, Any] = {}
    operator: str = ""
    target: Any = 0.0
    tolerance: float = 0.0
    decoded: bool = False
