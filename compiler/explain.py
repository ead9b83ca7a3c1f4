"""`dlc explain WORD`: the page behind a code, and pages made from the records of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import fill, indent

from . import ir
from .catalog.data import SOURCES, SPLITS, STEPS
from .catalog.images import AUGMENTATIONS
from .catalog.losses import LOSSES
from .catalog.record import Metric, Record, SourceRecord, Step
from .catalog.schedules import SCHEDULES
from .catalog.stopping import STOPPINGS
from .catalog.training import METRICS, OPTIMIZERS
from .diagnostics import shown
from .errors.names import nearest
from .errors.pages import PAGES
from .layers import LAYERS
from .layers.arguments import words
from .layers.record import REQUIRED, Layer, Parameter, nothing
from .pipeline import check
from .source import Source

WIDTH = 88
KINDS: tuple[tuple[str, Mapping[str, Layer | Record]], ...] = (
    ("a layer", {name: record for name, record in LAYERS.items() if record.is_layer}),
    ("a function", {name: record for name, record in LAYERS.items() if not record.is_layer}),
    ("a loss", LOSSES),
    ("an optimizer", OPTIMIZERS),
    ("a schedule", SCHEDULES),
    ("a rule of early stopping", STOPPINGS),
    ("a metric", METRICS),
    ("a source of data", SOURCES),
    ("a split of data", SPLITS),
    ("a data step", STEPS),
    ("an augmentation of pictures", AUGMENTATIONS),
)
# What flows into the examples of layers and functions.
INFLOWS = {
    "image": "f32[N, 3, 28, 28]",
    "volume": "f32[N, 2, 16, 16, 16]",
    "signal": "f32[N, 4, 100]",
    "sequence": "f32[N, 20, 8]",
    "tokens": "token(1000)[N, 20]",
    "column": "f32[N, 1]",
    "x": "f32[N, 784]",
}
COMPARES = {
    "labels": "predicted labels with the labels of the data",
    "scores": "scores of two classes with the labels of the data",
    "numbers": "predictions with the numbers of the data, in the data's units",
}


def explain(word: str) -> str | None:
    """The page about a code or a name of the catalogue; None where there is none."""
    code = PAGES.get(word.upper())
    if code is not None:
        return _about_code(code.code)
    found = [_about(record, kind) for kind, records in KINDS if (record := records.get(word))]
    return "\n\n".join(found) or None


def nearest_word(word: str) -> str | None:
    """The word with a page that was probably meant."""
    return nearest(word, known_words())


def known_words() -> set[str]:
    """Every word that has a page."""
    return {*PAGES, *(name for _, records in KINDS for name in records)}


def _about_code(code: str) -> str:
    page = PAGES[code]
    parts = [f"{page.code}: {page.title}", fill(page.text, WIDTH)]
    parts += ["Wrong:", _example(page.wrong)]
    if page.right != page.wrong:
        parts += ["Right:", _example(page.right)]
    if any(each.severity == "warning" for each in check(Source("", page.wrong)).diagnostics):
        allow = f"`# allow {page.code}` behind the line, or on a line of its own above it"
        parts.append(fill(f"Where it is meant, {allow}, silences this warning.", WIDTH))
    return "\n\n".join(parts)


def _example(text: str) -> str:
    lines = (shown(line)[:WIDTH] for line in text.rstrip("\n").split("\n"))
    return indent("\n".join(lines), "    ")


def _about(record: Layer | Record, kind: str) -> str:
    parts = [f"{_signature(record)}", fill(f"{kind}: {record.summary}", WIDTH)]
    arguments = "\n".join(_arguments(record))
    parts += [f"Arguments:\n{arguments}"] if arguments else []
    parts += [fill(fact, WIDTH, subsequent_indent="  ") for fact in _facts(record)]
    result = (
        f"\n\n{_result(record)}" if isinstance(record, Layer) and len(record.inputs) == 1 else ""
    )
    parts.append(f"Example:\n    {record.example}{result}")
    return "\n\n".join(parts)


def _signature(record: Layer | Record) -> str:
    """`Linear(out_features, bias=True)`."""
    return f"{record.name}({', '.join(map(_short, record.parameters))})"


def _short(parameter: Parameter) -> str:
    if parameter.default is REQUIRED:
        return parameter.name
    return f"{parameter.name}={_value(parameter.default)}"


def _value(value: object) -> str:
    """A default as a spec spells it."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"({', '.join(map(_value, value))})"
    return str(value)


def _arguments(record: Layer | Record) -> Iterator[str]:
    """One line an argument: its kind in words, and its default."""
    for parameter in record.parameters:
        default = (
            "" if parameter.default is REQUIRED else f"; {_value(parameter.default)} if left out"
        )
        yield f"    {parameter.name.lstrip('*')}: {words(parameter.kind)}{default}"


def _facts(record: Layer | Record) -> Iterator[str]:
    """What it takes and gives, as far as its record tells."""
    match record:
        case Layer():
            if len(record.inputs) > 1:
                yield f"It takes the {' and the '.join(record.inputs)}, in this order."
            if record.listed:
                yield "It takes a list of tensors."
            if record.optional:
                yield "A state to start from may flow in behind the input."
            if record.results:
                yield f"It gives {record.results}; flowing on with `->` passes the first."
            for size in record.infers:
                yield f"{size} is read off what flows in; stated, it is checked."
            if record.name not in LOSSES:
                trained = record.weights is not nothing
                sets = "It has weights that are trained. `init=…` says how they start."
                yield sets if trained else "It has no weights."
        case Metric():
            yield f"It compares {COMPARES[record.compares]}."
        case SourceRecord():
            for column, dtype, shape, classes in record.columns:
                sizes = f"[{', '.join(map(str, shape))}]" if shape else ""
                labels = f", {classes} labels" if classes else ""
                yield f"It has the column {column}: {dtype}{sizes}{labels}."
            if record.parts:
                yield f"It has the parts {' and '.join(record.parts)}."
        case Step(learns=True):
            yield "It learns from the training split alone; prediction applies what it learned."


def _result(record: Layer) -> str:
    """What goes into the example and what comes out, as the checker finds it."""
    start = next(name for name in INFLOWS if name in re.findall(r"\w+", record.example))
    for first in (record.example, f"({record.example})[0]"):
        # Of several results one is taken, so that the output has one type.
        model = f"model Net {{ input {start}: {INFLOWS[start]} output out = {first} }}"
        program = check(Source("", model)).program
        if program is not None:
            break
    assert program is not None
    network = program.models["Net"].network
    last = network.steps[-1]
    made = last.outputs if isinstance(last, ir.LayerStep) else network.outputs
    given = " and ".join(str(value.type) for value in made)
    return f"There {network.inputs[0].type} becomes {given}."
