"""Losses that grow, targets that go in, columns and batches that cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir, tree
from ..catalog.losses import LOSSES
from ..catalog.record import SourceRecord
from ..diagnostics import Diagnostic
from ..errors import targets
from .flow import Flow, flow
from .keys import records

SCALED = ("standardize", "normalize")
# Steps that take a column at another time: what goes in is not what is predicted.
MOVING = ("window", "ahead")


def turned_around(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """Losses whose sign is the other one."""
    here = flow(training.loss)
    terms = list(_terms(here, training.loss.outputs[0], 1))
    losses = [step.layer.name for step, _ in terms if step and step.layer.name in LOSSES]
    assert training.training.loss is not None
    span = training.training.loss.span
    if losses and all(sign < 0 for _, sign in terms):
        yield targets.loss_grows(span, losses[0])
        return
    for step, sign in terms:
        if step is None or sign < 0 or step.layer.name not in ("mean", "sum"):
            continue
        if step.inputs[0].type.meaning == "log_probabilities":
            yield targets.likelihood_shrinks(step.span)


def _terms(here: Flow, value: ir.Value, sign: int) -> Iterator[tuple[ir.LayerStep | None, int]]:
    """What a loss is the sum of: what made each part, and the sign before it."""
    step = here.made.get(id(value))
    if not isinstance(step, ir.ArithmeticStep) or step.operator not in ("+", "-", "*", "/"):
        yield (step if isinstance(step, ir.LayerStep) else None), sign
        return
    parts = step.operands
    tensors = [each for each in parts if isinstance(each, ir.Value)]
    if step.operator in ("*", "/"):
        factors = [each for each in parts if isinstance(each, int | float)]
        whole = len(tensors) == 1 and (step.operator == "*" or tensors[0] is parts[0])
        if not whole:
            yield None, sign
            return
        turned = any(each < 0 for each in factors)
        yield from _terms(here, tensors[0], -sign if turned else sign)
        return
    for place, each in enumerate(parts):
        if isinstance(each, ir.Value):
            minus = step.operator == "-" and (place == 1 or len(parts) == 1)
            yield from _terms(here, each, -sign if minus else sign)


def known_before(training: ir.TypedTraining) -> Iterator[Diagnostic]:
    """What is predicted and goes in as well."""
    fields = training.data.fields
    going_in = {port.name: training.inputs.get(port.name) for port in training.network.inputs}
    for pairing in training.pairings:
        target = fields[pairing.field]
        for value in training.network.inputs:
            if going_in[value.name] != pairing.field or target.type.classes is None:
                continue
            if not target.type.shape:
                yield targets.label_goes_in(value.span, pairing.field, target.field.span)
        if not isinstance(target.field.raw, ir.Column):
            continue
        for name in dict.fromkeys(training.inputs.values()):
            field = fields[name].field
            if isinstance(field.raw, ir.Column) or _moves(field) or _moves(target.field):
                continue
            for column in _columns(field.raw):
                if column.name == target.field.raw.name:
                    at = target.field.span
                    yield targets.target_goes_in(column.span, pairing.field, column.name, at)
                    break


def _moves(field: ir.DataField) -> bool:
    return any(step.record.name in MOVING for step in field.steps)


def _columns(raw: ir.Raw) -> Iterator[ir.Column]:
    """The columns by name that a field takes."""
    match raw:
        case ir.Column():
            yield raw
        case ir.Joined(items=parts) | ir.Mixed(operands=parts):
            for each in parts:
                yield from _columns(each)


def columns(data: ir.TypedData) -> Iterator[Diagnostic]:
    """Columns that are there twice, and pixels that are made larger."""
    for typed in data.fields.values():
        field = typed.field
        if isinstance(field.raw, ir.Joined) and typed.type.floating:
            first: dict[str, ir.Column] = {}
            for each in field.raw.items:
                if not isinstance(each, ir.Column):
                    continue
                other = first.setdefault(each.name, each)
                if other is not each:
                    yield targets.column_twice(each.span, each.name, other.span)
        yield from _brighter(field, data.data.source)


def _brighter(field: ir.DataField, source: ir.Setting | None) -> Iterator[Diagnostic]:
    if source is None or not isinstance(field.raw, ir.Column):
        return
    record = source.record
    assert isinstance(record, SourceRecord)
    if not any(name == field.raw.name and dtype == "u8" for name, dtype, *_ in record.columns):
        return
    if any(step.record.name in SCALED for step in field.steps):
        return
    most = 255.0
    for step in field.steps:
        if step.record.name == "scale":
            most *= abs(step.arguments["factor"])
            if most > 255:
                yield targets.pixels_grow(step.span, most)
                return


def no_batch(training: ir.TypedTraining, place: tree.Option | None) -> Iterator[Diagnostic]:
    """A training whose only batch is left out."""
    count, size = records(training.data.data), training.options["batch"]
    if place is not None and training.options["drop_last"] and count is not None and count < size:
        yield targets.nothing_in_a_batch(place.span, count, size)
