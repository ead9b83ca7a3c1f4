"""What is legal in the values of a sample and will hurt a training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .. import ir
from ..catalog.record import SourceRecord
from ..diagnostics import Report
from ..errors import data_at_hand as errors
from ..source import Span
from .cells import label, size
from .fields import KEEPING, computed
from .tables import Table, matching, split_values, taken
from .uses import fed, targets

FEW = 10  # records below which nothing is said of their values
# Steps of Adam are as long as the rate: a weight takes its time to shrink to one part of these.
APART = 100.0
LARGE = 1000.0
PIXELS = 16  # so many columns side by side may be a picture's
BRIGHT = 128


class Item(NamedTuple):
    """Values of one column of a field: what it is called, and their size as a network sees it."""

    span: Span
    name: str
    size: float
    scaled: bool


def pixels(program: ir.TypedProgram, data: ir.TypedData, report: Report) -> None:
    """Pictures whose bytes a network with weights is given as they are."""
    source = data.data.source
    if source is None or not isinstance(source.record, SourceRecord):
        return
    bytes_ = {name for name, dtype, *_ in source.record.columns if dtype == "u8"}
    for name in sorted(set().union(*fed(program, data))):
        field = data.fields[name]
        raw = field.field.raw
        if isinstance(raw, ir.Column) and raw.name in bytes_ and field.type.floating:
            steps = [step.record.name for step in field.field.steps]
            if all(step in ("resize", "reshape") for step in steps):
                report(errors.pixels_unscaled(raw.span, name, raw.span.text, 255))


def ranges(program: ir.TypedProgram, data: ir.TypedData, sample: Table, report: Report) -> None:
    """Constant features, unlike sizes, pixels as bytes, and labels that never train."""
    _never_trained(data, sample, report)
    if len(sample) < FEW:
        return
    pictured: set[str] = set()
    for names in fed(program, data):
        fields = [data.fields[name] for name in data.fields if name in names]
        for field in fields:
            if _is_pixels(field, sample):
                if field.field.name not in pictured:
                    text, most = field.field.raw.span.text, _most(field, sample)
                    span, name = field.field.raw.span, field.field.name
                    report(errors.pixels_unscaled(span, name, text, most))
                pictured.add(field.field.name)
        others = [field for field in fields if field.field.name not in pictured]
        _apart([item for field in others for item in _items(field, sample)], report)
    for name in sorted(targets(program, data)):
        for item in _items(data.fields[name], sample):
            if item.size >= LARGE and not item.scaled:
                report(errors.target_large(item.span, name, item.name, item.size))
    if sample.spread:
        _constant(program, data, sample, report)


def _items(field: ir.TypedField, sample: Table) -> Iterator[Item]:
    """The columns of a field of numbers, as its steps leave them; columns side by side as one."""
    factor, scaled = 1.0, False
    for step in field.field.steps:
        name = step.record.name
        if name == "scale":
            factor *= step.arguments["factor"]
        elif name in ("standardize", "normalize"):
            scaled = True
        elif name not in KEEPING:
            return
    if not field.type.floating:
        return
    raw = field.field.raw
    for item in raw.items if isinstance(raw, ir.Joined) else (raw,):
        values = [
            value
            for part in taken(item, sample)
            if isinstance(part, ir.Mixed) or sample.text(part.name) is None
            for value in computed(part, sample)
        ]
        found = 1.0 if scaled else size(values) * abs(factor)
        if found:
            yield Item(item.span, item.span.text, found, scaled)


def _apart(items: list[Item], report: Report) -> None:
    """Features of which one is so much larger than another that it drowns it."""
    raw = [item for item in items if not item.scaled]
    if not raw:
        return
    largest = max(raw, key=lambda item: item.size)
    least = min(items, key=lambda item: item.size)
    apart = largest.size >= APART and largest.size >= APART * least.size
    if apart or largest.size >= LARGE:
        other = (least.name, least.size) if apart and least is not largest else None
        report(errors.sizes_apart(largest.span, largest.name, largest.size, other))


def _is_pixels(field: ir.TypedField, sample: Table) -> bool:
    """Whether many columns side by side hold bytes, and no step makes them small."""
    raw = field.field.raw
    steps = [step.record.name for step in field.field.steps]
    if not isinstance(raw, ir.Columns) or not field.type.floating or not {*steps} <= {*KEEPING}:
        return False
    names = matching(raw, sample)
    if len(names) < PIXELS or any(sample.text(name) is not None for name in names):
        return False
    values = {value for name in names for value in sample.numbers(name) if value == value}
    whole = all(value.is_integer() and 0 <= value <= 255 for value in values)
    return whole and max(values, default=0) >= BRIGHT


def _most(field: ir.TypedField, sample: Table) -> int:
    raw = field.field.raw
    assert isinstance(raw, ir.Columns)
    every = (value for name in matching(raw, sample) for value in sample.numbers(name))
    return int(max(value for value in every if value == value))


def _constant(program: ir.TypedProgram, data: ir.TypedData, sample: Table, report: Report) -> None:
    """Named columns that are the same in each record: they tell a network nothing."""
    read: set[str] = set()
    for training in program.trainings:
        if training.data is data and isinstance(training, ir.TypedTraining):
            read |= {*training.inputs.values()}
    seen: set[str] = set()
    for name in sorted(read, key=list(data.fields).index):
        raw = data.fields[name].field.raw
        for part in raw.items if isinstance(raw, ir.Joined) else (raw,):
            if not isinstance(part, ir.Column) or part.name in seen:
                continue
            seen.add(part.name)
            cells = sample.cells(part.name)
            if len({cell if cell is None else label(cell) for cell in set(cells)}) == 1:
                told = (part.name, cells[0], len(cells), sample.whole, sample.path)
                report(errors.constant_column(part.span, *told))


def _never_trained(data: ir.TypedData, sample: Table, report: Report) -> None:
    """Labels of a split made by hand that the training split has none of."""
    by_value = split_values(data.data)
    if not sample.whole or (not by_value and len(set(sample.parts)) < 2):
        return
    parts = sample.parts
    if by_value and data.data.split is not None:
        name = data.data.split.arguments["column"]
        if name not in sample.names:
            return
        parts = [
            by_value.get(label(cell or ""), "") if part == "train" else part
            for part, cell in zip(parts, sample.cells(name), strict=True)
        ]
    for field in data.fields.values():
        raw = field.field.raw
        labelled = field.type.classes is not None and isinstance(raw, ir.Column)
        if not labelled or not isinstance(raw, ir.Column) or raw.name not in sample.names:
            continue
        found: dict[str, dict[str, int]] = {}
        for row, (part, cell) in enumerate(zip(parts, sample.cells(raw.name), strict=True)):
            if cell is not None:
                found.setdefault(part, {}).setdefault(label(cell), row)
        for part in ("validation", "test"):
            unseen = {
                cell: row
                for cell, row in found.get(part, {}).items()
                if cell not in found.get("train", {})
            }
            if unseen:
                cell, row = next(iter(unseen.items()))
                told = (field.field.name, list(unseen), part, sample.where(row))
                report(errors.label_never_trained(field.field.span, *told))
                break
