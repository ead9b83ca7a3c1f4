"""Frozen, slotted records, made without generating code.

A dataclass writes and compiles its methods as text, class by class; for the fifty nodes of the
tree that takes longer than parsing a spec. These classes share their methods instead.
"""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform


def unseen() -> Any:
    """Declares a field that takes no part in equality."""
    return unseen


@dataclass_transform(frozen_default=True, field_specifiers=(unseen,))
class RecordType(type):
    """Turns a class's annotations into its fields, in order, after those of its base."""

    _fields: tuple[str, ...]
    _defaults: dict[str, Any]
    _compared: tuple[str, ...]
    _writers: tuple[Any, ...]

    def __new__(meta, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> RecordType:
        own = tuple(body.get("__annotations__", ()))
        given = {field: body.pop(field) for field in own if field in body}
        base: Any = bases[0] if bases else None
        fields = (*getattr(base, "_fields", ()), *own)
        body |= {"__slots__": own, "__match_args__": fields, "_fields": fields}
        made = super().__new__(meta, name, bases, body)
        made._compared = (
            *getattr(base, "_compared", ()),
            *(field for field in own if given.get(field) is not unseen),
        )
        defaults = {field: value for field, value in given.items() if value is not unseen}
        made._defaults = {**getattr(base, "_defaults", {}), **defaults}
        made._writers = tuple(getattr(made, field).__set__ for field in fields)
        return made


class Record(metaclass=RecordType):
    """A record: its fields are set once, by position or name; equal when their values are."""

    def __init__(self, *values: Any, **named: Any) -> None:
        kind = type(self)
        if named or len(values) != len(kind._writers):
            values = _in_order(kind, values, named)
        for write, value in zip(kind._writers, values, strict=True):
            write(self, value)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in type(self)._compared)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, field) for field in type(self)._compared)))

    def __repr__(self) -> str:
        shown = (f"{field}={getattr(self, field)!r}" for field in type(self)._compared)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __setattr__(self, field: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {field} cannot be set")

    def __delattr__(self, field: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {field} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field) for field in type(self)._fields)


class Single(Record):
    """A record that equals itself alone, whatever its values are."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


Made = TypeVar("Made", bound=Record)


def replaced(record: Made, **changes: Any) -> Made:
    """The same record with other values in some fields."""
    kind = type(record)
    values = {field: getattr(record, field) for field in kind._fields}
    return kind(**{**values, **changes})


def _in_order(kind: RecordType, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    fields = kind._fields
    given: dict[str, Any] = dict(zip(fields, values, strict=False))
    given = {**kind._defaults, **given, **named}
    twice = set(fields[: len(values)]) & set(named)
    if len(values) > len(fields) or twice or set(given) != set(fields):
        raise TypeError(f"{kind.__name__} takes {', '.join(fields)}")
    return tuple(given[field] for field in fields)
