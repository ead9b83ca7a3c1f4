"""What flows in and out of a class, for its docstring, and what its constructor is told."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import Any

from .. import ir, opened
from ..dims import Dim
from ..tensor import Type
from .text import comment, quote


def signature(network: ir.Network, definition: ir.Definition) -> str:
    """What flows in and out: `x f32[N, C] -> y f32[N, 10]`."""
    inputs = [_signature(value.name, value.type) for value in network.inputs]
    names = ["" if definition.chained else port.name for port in definition.outputs]
    pairs = zip(names, network.outputs, strict=True)
    outputs = [_signature(name, value.type) for name, value in pairs]
    whole = comment(f"{', '.join(inputs)} -> {', '.join(outputs)}")
    whole = re.sub(r"\[.*?\]", lambda shape: _together(shape[0]), whole)
    lines = wrap(whole, 80, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def _together(shape: str) -> str:
    """A shape that stays on one line, or a long one whose axes do."""
    kept = shape.replace(" ", "\0")
    return kept if len(kept) <= 72 else kept.replace(",\0", ", ")


def _signature(name: str, given: Type) -> str:
    return f"{name} {given}" if name else str(given)


def parameter(
    each: ir.Hyperparameter, name: str, network: ir.Network, program: ir.TypedProgram
) -> str:
    """A hyperparameter of a constructor or function with its type, and a model's with its value."""
    known = network.hyperparameters[each.name]
    kind = "int" if isinstance(known, Dim) else known.kind
    if kind == "list":
        kind = _annotation(known.sample)
    default = ""
    model = program.models.get(network.name)
    if model is not None:
        default = f" = {quote(model.network.hyperparameters[each.name])}"
    elif isinstance(each.default, ir.Literal):
        default = f" = {quote(each.default.value)}"
    return f"{name}: {kind}{default}"


def _annotation(sample: Any) -> str:
    """The type of a list's value: as long as it likes, all entries of one type."""
    if not isinstance(sample, tuple):
        return opened.kind(sample)
    inner = {_annotation(each) for each in sample}
    return f"tuple[{inner.pop()}, ...]" if len(inner) == 1 else "tuple"
