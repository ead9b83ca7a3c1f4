"""Parts of statements: arguments of calls, indices, the left side of several results, shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import ir
from ..dims import Dim, text
from ..layers.indexing import Slice
from ..layers.record import Layer
from .text import quote

DTYPES = {
    "f16": "float16",
    "bf16": "bfloat16",
    "f32": "float32",
    "f64": "float64",
    "u8": "uint8",
    "i32": "int32",
    "i64": "int64",
    "bool": "bool",
}


def arguments(
    layer: Layer,
    given: Mapping[str, Any],
    inferred: Mapping[str, Dim],
    quoted: Callable[[Any], str] = quote,
) -> tuple[list[str], dict[str, str]]:
    """Positional and keyword arguments of a call; defaults of torch are left out."""
    positional = [quoted(size) for name, size in inferred.items() if name not in layer.keywords]
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
        code = dtype(value) if parameter.kind.rstrip("?") == "dtype" else quoted(value)
        if layer.code == "torch.split" and isinstance(value, tuple):
            code = f"[{', '.join(map(quoted, value))}]"  # as its stubs have it
        if len(positional) < layer.positional and not named and not skipped:
            positional.append(code)
        else:
            named[key] = code
    told = {name: quoted(size) for name, size in inferred.items() if name in layer.keywords}
    return positional, {**told, **named}


def dtype(name: str) -> str:
    """A dtype as torch spells it."""
    return f"torch.{DTYPES[name]}"


def called_with(
    layer: Layer, given: Mapping[str, Any], quoted: Callable[[Any], str]
) -> dict[str, str]:
    """The arguments of a module's call besides its inputs; defaults of torch are left out."""
    return {
        each.name: quoted(given[each.name])
        for each in layer.called_with
        if each.name in given and given[each.name] != each.default
    }


def place(item: Any, quoted: Callable[[Any], str]) -> str:
    """One index; around the colon of a slice a formatter wants spaces where an edge has some."""
    if item is ...:
        return "..."
    if isinstance(item, tuple):
        return f"[{', '.join(map(quoted, item))}]"
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
        if part is None:
            parts.append("_")
        elif isinstance(part, tuple):
            inner = pattern(part, names)
            parts.append(f"({inner})" if inner.strip("_, ") else "_")
        else:
            parts.append(names[part])
    return ", ".join(parts) if len(parts) != 1 else f"({parts[0]},)"


def shape_of(value: ir.Value) -> str:
    """The comment behind a statement: `(N, 32, 26, 26)`."""
    shape = ", ".join(text(size) for size in value.type.shape)
    comma = "," if len(value.type.shape) == 1 else ""
    return f"({shape}{comma})" if value.type.shape else ""
