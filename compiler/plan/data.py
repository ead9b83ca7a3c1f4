"""`data.py`: source, fields with their steps, and split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from keyword import iskeyword
from typing import Any

from .. import ir
from ..layers.record import Parameter
from .names import CATALOGUE, imported
from .outside import Outside
from .text import call, quote

# What the file calls without a record of the catalogue.
OWN = frozenset("Dataset Field Literal columns float range row".split())


@dataclass(frozen=True, slots=True)
class DataFile:
    """What the template of `data.py` sees."""

    title: str
    imports: tuple[str, ...]
    blocks: tuple[str, ...]


def data_file(program: ir.TypedProgram, title: str, names: Mapping[str, str]) -> DataFile:
    """Everything that `data.py` holds."""
    imports: dict[str, set[str]] = {"dlc.runtime.dataset": {"Dataset", "Field"}}
    outside = Outside({*OWN, *CATALOGUE, *names.values()})
    blocks = [
        _dataset(block, names[name], imports, outside) for name, block in program.data.items()
    ]
    for module, each in outside.imports.items():
        imports.setdefault(module, set()).update(each)
    return DataFile(title, imported(imports), tuple(blocks))


def _dataset(block: ir.TypedData, name: str, imports: dict[str, set[str]], outside: Outside) -> str:
    source = block.data.source
    if source is None:
        raw = {
            each: _literal(field.field.raw)
            for each, field in block.fields.items()
            if isinstance(field.field.raw, ir.Values)
        }
        imports.setdefault("dlc.runtime.sources", set()).add("Literal")
        # A column may have a name that Python's syntax takes for its own.
        apart = [f"{quote(each)}: {raw.pop(each)}" for each in list(raw) if iskeyword(each)]
        unpacked = [f"**{{{', '.join(apart)}}}"] if apart else []
        origin = call(
            "Literal", [*unpacked, *(f"{k}={v}" for k, v in raw.items())], before="source="
        )
    else:
        imports.setdefault(source.record.module, set()).add(source.record.callable)
        skipping = {"on_error": quote("skip")} if block.data.skips else {}
        origin = "source=" + _setting(source, **skipping)
        if source.record.name == "python":
            function = outside.name(source.arguments["place"])
            origin = f"source={source.record.callable}({function})"
    fields = [
        f"        {quote(each)}: {_field(field, imports)}," for each, field in block.fields.items()
    ]
    parts = [origin, "fields={\n" + "\n".join(fields) + "\n    }"]
    split = block.data.split
    if split is not None:
        imports.setdefault(split.record.module, set()).add(split.record.callable)
        parts.append("split=" + _setting(split))
    if block.augmented:
        done = _tuple([_setting(each) for each in block.data.augment])
        for each in block.data.augment:
            imports.setdefault(each.record.module, set()).add(each.record.callable)
        named = ", ".join(f"{quote(field)}: {done}" for field in block.augmented)
        parts.append(f"augment={{{named}}}")
    inner = "".join(f"    {part},\n" for part in parts)
    return f"{name} = Dataset(\n{inner})"


def _literal(raw: ir.Values) -> str:
    """The list as it stands, or the range that it is."""
    items = raw.items
    steps = {b - a for a, b in pairwise(items)} if _whole(items) else set()
    if len(items) > 8 and len(steps) == 1 and 0 not in steps:
        (step,) = steps
        return quote(range(items[0], items[-1] + (1 if step > 0 else -1), step))
    return _list(items)


def _whole(items: Any) -> bool:
    return all(isinstance(item, int) and not isinstance(item, bool) for item in items)


def _list(items: Any) -> str:
    if not isinstance(items, tuple):
        return quote(items)
    return f"[{', '.join(_list(item) for item in items)}]"


def _field(field: ir.TypedField, imports: dict[str, set[str]]) -> str:
    given = field.type
    raw = field.field.raw
    columns = quote(field.field.name) if isinstance(raw, ir.Values) else _raw(raw, imports)
    positional = [columns]
    for step in field.field.steps:
        imports.setdefault(step.record.module, set()).add(step.record.callable)
        positional.append(_setting(step))
    named = {}
    if given.labels is not None:
        named["labels"] = quote(given.labels)
    elif given.classes is not None:
        named["classes"] = quote(given.classes)
    elif given.tokens is not None:
        named["tokens"] = quote(given.tokens)
    shape = tuple(size.value for size in given.shape)
    if shape:
        named["shape"] = quote(shape)
    if given.dtype != "f32" and given.classes is None and given.tokens is None:
        named["dtype"] = quote(DTYPES[given.dtype])
    return call("Field", positional, named)


DTYPES = {
    "f64": "float64",
    "f16": "float16",
    "bf16": "bfloat16",
    "i64": "int64",
    "i32": "int32",
    "u8": "uint8",
    "bool": "bool",
}


def _raw(raw: ir.Raw, imports: dict[str, set[str]]) -> str:
    match raw:
        case ir.Column(name=name):
            return quote(name)
        case ir.Columns(pattern=pattern) if pattern:
            imports["dlc.runtime.dataset"].add("columns")
            return f"columns({quote(pattern)})"
        case ir.Columns(first=first, last=last):
            imports["dlc.runtime.dataset"].add("columns")
            return f"columns({first}, {last})"
        case ir.Joined(items=items):
            return f"[{', '.join(_raw(item, imports) for item in items)}]"
        case ir.Mixed():
            return f"lambda row: {_expression(raw)[0]}"
        case ir.Figure(value=value):
            return f"lambda row: {quote(value)}"
    raise AssertionError(raw)


def _expression(raw: ir.Raw) -> tuple[str, int]:
    match raw:
        case ir.Mixed(operator=operator, operands=(left, right)):
            strength = 3 if operator in "*/" else 2
            first, weak = _expression(left)
            second, weaker = _expression(right)
            first = f"({first})" if weak < strength else first
            second = f"({second})" if weaker <= strength else second
            return f"{first} {operator} {second}", strength
        case ir.Column(name=name):
            return f"row[{quote(name)}]", 9
        case ir.Figure(value=value):
            return quote(value), 9
    raise AssertionError(raw)


def _setting(setting: ir.Setting, **more: str) -> str:
    positional, named = record_arguments(
        setting.record.parameters, setting.arguments, setting.record.positional
    )
    return call(setting.record.callable, positional, {**named, **more})


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def record_arguments(
    parameters: Iterable[Parameter], given: Any, leading: int = 1
) -> tuple[list[str], dict[str, str]]:
    """Positional and keyword arguments of a record's call; defaults are left out."""
    positional: list[str] = []
    named: dict[str, str] = {}
    for index, parameter in enumerate(parameters):
        name = parameter.name.lstrip("*")
        value = given[name]
        if parameter.name.startswith("*"):
            positional += [quote(each) for each in value]
        elif index < leading and parameter.default != value and not isinstance(value, bool):
            positional.append(quote(value))
        elif value != parameter.default or type(value) is not type(parameter.default):
            named[name] = quote(value)
    return positional, named
