"""Data as declared: raw columns, the steps they go through, and where records come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..catalog.record import Record as CatalogueRecord
from ..record import Record, unseen
from ..source import Span
from .resolved import Expression, TypeSpec


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


class Part(Record):
    """A part of a model by its name: `encoder`, `head.linear1`, `LayerNorm`."""

    span: Span = unseen()
    path: tuple[str, ...]


class Group(Record):
    """Parts of a model that an optimizer treats alike; `arguments` are those of its own."""

    span: Span = unseen()
    parts: tuple[Part, ...]
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
    """`train NAME = MODEL on DATA`; `bound` maps inputs to fields where a person did so by hand.

    Without a name of its own a model is trained under that of its definition. `places` are where
    the keys stand.
    """

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
    name: str
    places: Mapping[str, Span] = unseen()


class Expectation(Record):
    """What the trained model must show: `subject` and what it is read from, then the bound.

    `decoded` asks for the label's name instead of a number; `model` says which of several.
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
    model: str = ""
