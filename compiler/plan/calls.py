"""Parts of statements: arguments of calls, indices, the left side of several results, shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import ir
from ..dims import Dim, text
from ..layers.indexing import Slice
from ..layers.record import Layer
from .text import quote


def arguments(
    layer: Layer,
    given: Mapping[str, Any],
    inferred: Mapping[str, Dim],
    quoted: Callable[[Any], str] = quote,
) -> tuple[list[str], dict[str, str]]:
    """Positional and keyword arguments of a call; defaults of torch are left out."""
    positional = [quoted(size) for size in inferred.values()]
    named: dict[str, str] = {}
    skipped = False
    for parameter in layer.parameters:
        key = parameter.name.lstrip("*")
        value = given[key]
        if key in layer.fixed:
            named[key] = layer.fixed[key]
            continue
        if value == parameter.default and type(value) is type(parameter.default):
            skipped = True
            continue
        if len(positional) < layer.positional and not named and not skipped:
            positional.append(quoted(value))
        else:
            named[key] = quoted(value)
    return positional, named


def place(item: Any, quoted: Callable[[Any], str]) -> str:
    """One index; around the colon of a slice a formatter wants spaces where an edge has some."""
    if item is ...:
        return "..."
    if not isinstance(item, Slice):
        return quoted(item)
    parts = ["" if each is None else quoted(each) for each in (item.start, item.stop)]
    parts += [] if item.step is None else [quoted(item.step)]
    if not any(" " in part or "(" in part for part in parts):
        return ":".join(parts)
    found = parts[0]
    for part in parts[1:]:
        found += (" :" if found else ":") + (f" {part}" if part else "")
    return found


def pattern(structure: Any, names: Sequence[str]) -> str:
    """The left side of several results: `y, (h, c)`; a part that nothing reads is `_`."""
    parts = []
    for part in structure:
        if isinstance(part, tuple):
            inner = pattern(part, names)
            parts.append(f"({inner})" if inner.strip("_, ") else "_")
        else:
            parts.append(names[part])
    return ", ".join(parts)


def shape_of(value: ir.Value) -> str:
    """The comment behind a statement: `(N, 32, 26, 26)`."""
    shape = ", ".join(text(size) for size in value.type.shape)
    comma = "," if len(value.type.shape) == 1 else ""
    return f"({shape}{comma})" if value.type.shape else ""
