"""The strings of a spec: what those in emitted code are held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import ir
from .characters import on_one_line
from .record import Record
from .source import Span


def strings(program: ir.Program, title: str) -> frozenset[str]:
    """Every string in a spec, names among them, and the spec's own name."""
    return frozenset({title, on_one_line(title), *_strings(program)})


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Span():
            return
        case Record():
            if isinstance(value, ir.Expectation):
                # What is expected is told in the words of the spec.
                yield on_one_line(" ".join(value.span.text.split()))
            for field in type(value)._fields:
                yield from _strings(getattr(value, field))
        case Mapping():
            for key, each in value.items():
                yield from _strings(key)
                yield from _strings(each)
        case tuple() | list() | frozenset():
            for each in value:
                yield from _strings(each)
