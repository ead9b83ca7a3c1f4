"""`dlc explain WORD`: the page behind a code, and pages made from the records of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill, indent

from ..catalog.data import SOURCES, SPLITS, STEPS
from ..catalog.images import AUGMENTATIONS
from ..catalog.losses import LOSSES
from ..catalog.record import Metric, Record, SourceRecord, Step
from ..catalog.schedules import SCHEDULES
from ..catalog.stopping import STOPPINGS
from ..catalog.training import METRICS, OPTIMIZERS
from ..diagnostics import shown
from ..errors.names import nearest
from ..errors.pages import PAGES
from ..layers import LAYERS
from ..layers.arguments import words
from ..layers.record import REQUIRED, Layer, Parameter
from ..pipeline import check
from ..source import Source
from .layers import (
    WIDTH,
    all_layers,
    becomes,
    cost,
    in_pytorch,
    joined,
    other_form,
    shown_example,
    weights,
)

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
# Words whose page is a list of what there is, and the kinds in it.
LISTS = {
    "layers": ("a layer", "a function"),
    "losses": ("a loss",),
    "optimizers": ("an optimizer",),
    "schedules": ("a schedule", "a rule of early stopping"),
    "metrics": ("a metric",),
    "sources": ("a source of data", "a split of data"),
    "steps": ("a data step", "an augmentation of pictures"),
    "codes": (),
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
    if word in LISTS:
        return all_layers() if word == "layers" else _listed(word)
    found = [_about(record, kind) for kind, records in KINDS if (record := records.get(word))]
    return "\n\n".join(found) or None


def nearest_word(word: str) -> str | None:
    """The word with a page that was probably meant."""
    return nearest(word, known_words())


def known_words() -> set[str]:
    """Every word that has a page."""
    return {*PAGES, *LISTS, *(name for _, records in KINDS for name in records)}


def _listed(word: str) -> str:
    """Every word of a kind with what it is, one a line."""
    lines = {code: page.title for code, page in PAGES.items()} if word == "codes" else {}
    for kind in LISTS[word]:
        lines |= {name: record.summary for name, record in dict(KINDS)[kind].items()}
    wide = max(map(len, lines))
    rows = "\n".join(f"    {name.ljust(wide)}  {lines[name]}" for name in lines)
    return f"`dlc explain NAME` has the page of one.\n\n{rows}"


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
    arguments = "\n".join(_arguments(record.parameters))
    parts += [f"Arguments:\n{arguments}"] if arguments else []
    if isinstance(record, Layer) and record.called_with:
        called = "\n".join(_arguments(record.called_with))
        parts.append(f"Arguments of a call, behind what flows in:\n{called}")
    parts += [fill(fact, WIDTH, subsequent_indent="  ") for fact in _facts(record)]
    if isinstance(record, Layer) and record.name not in LOSSES:
        parts += _exemplified(record)
    else:
        parts.append(f"Example:\n    {record.example}")
    return "\n\n".join(parts)


def _exemplified(record: Layer) -> Iterator[str]:
    """The example of a layer, before and after: types, PyTorch, weights, cost."""
    yield f"Example:\n{indent(shown_example(record), '    ')}"
    yield fill(becomes(record), WIDTH)
    yield f"In PyTorch:\n{indent(in_pytorch(record), '    ')}"
    for fact in (*weights(record), cost(record), other_form(record)):
        if fact:
            yield fill(fact, WIDTH, subsequent_indent="  ")


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


def _arguments(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    """One line an argument: its kind in words, and its default."""
    for parameter in parameters:
        default = (
            "" if parameter.default is REQUIRED else f"; {_value(parameter.default)} if left out"
        )
        yield f"    {parameter.name.lstrip('*')}: {words(parameter.kind)}{default}"


def _facts(record: Layer | Record) -> Iterator[str]:
    """What it takes and gives, as far as its record tells."""
    match record:
        case Layer():
            if len(record.inputs) > 1:
                yield f"It takes {joined(f'the {each}' for each in record.inputs)}, in this order."
            if record.listed:
                yield "It takes a list of tensors."
            if record.optional:
                yield "A state to start from may flow in behind the input."
            if record.results:
                yield f"It gives {record.results}; flowing on with `->` passes the first."
            if record.infers:
                sizes, verb = (joined(record.infers), "are" if len(record.infers) > 1 else "is")
                stated = "they are" if len(record.infers) > 1 else "it is"
                yield f"{sizes} {verb} read off what flows in; stated, {stated} checked."
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
