"""Types of data fields, and data that stands in the spec against its declaration."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..catalog.record import SourceRecord, Step
from ..diagnostics import Report
from ..dims import dim
from ..errors import data as errors
from ..errors.shapes import size_too_large
from ..layers.record import Mismatch
from ..tensor import Type
from .evaluation import Evaluation


def data(block: ir.Data, report: Report) -> ir.TypedData:
    """A data block with types; fields that are wrong are left out after a report."""
    here = Evaluation(report, {})
    fields: dict[str, ir.TypedField] = {}
    first: tuple[str, int] | None = None
    for field in block.fields:
        declared = here.type_of(field.type)
        if not isinstance(declared, Type):
            continue
        if any(size.value is None for size in declared.shape):
            report(errors.size_not_stated(field.type.span))
            continue
        if isinstance(field.raw, ir.Values):
            count = len(field.raw.items)
            if first is not None and count != first[1]:
                report(errors.unequal_fields(field.raw.span, field.name, count, first[0], first[1]))
            first = first or (field.name, count)
        try:
            fits = _fits(field, declared, block, report)
        except OverflowError:
            report(size_too_large(field.span))
            continue
        if fits:
            fields[field.name] = ir.TypedField(field, declared)
    return ir.TypedData(block, fields)


def _fits(field: ir.DataField, declared: Type, block: ir.Data, report: Report) -> bool:
    """Whether raw columns and steps give what is declared."""
    raw = _raw(field.raw, block, report)
    if raw is None:
        return False
    comes: Type = raw
    for setting in field.steps:
        step = setting.record
        assert isinstance(step, Step)
        if declared.classes is not None and step.learns:
            why = "labels are not scaled"
            report(errors.step_mismatch(setting.span, step.name, why, ""))
            return False
        given = step.gives(comes, setting.arguments) if step.gives else comes
        if isinstance(given, Mismatch):
            report(errors.step_mismatch(setting.span, step.name, given.why, given.write))
            return False
        comes = given
    if declared.classes is not None or declared.tokens is not None:
        return _labels(field, declared, comes, report)
    wide = comes.shape == (dim(1),) and declared.shape == ()
    narrow = comes.shape == () and declared.shape == (dim(1),)
    unknown = isinstance(field.raw, ir.Columns) and bool(field.raw.pattern)
    if comes.shape != declared.shape and not (wide or narrow or unknown):
        help = ""
        have, want = _count(comes), _count(declared)
        if have == want:
            help = f"write `-> reshape({', '.join(map(str, declared.shape))})` as last step"
        elif have is not None:
            help = f"declare `{declared.shaped(*comes.shape)}`, or take other columns"
        report(errors.wrong_shape(field.span, field.name, str(declared), _shape(comes), help))
        return False
    return True


def _shape(x: Type) -> str:
    return f"[{', '.join(map(str, x.shape))}]" if x.shape else "one value a record"


def _count(x: Type) -> int | None:
    total = 1
    for size in x.shape:
        if size.value is None:
            return None
        total *= size.value
    return total


def _raw(raw: ir.Raw, block: ir.Data, report: Report) -> Type | None:
    """The type of raw columns before any step; a column of a file is a scalar yet unread."""
    match raw:
        case ir.Values(items=items):
            return _literal(raw, items, report)
        case ir.Column(name=name):
            if block.source is None:
                return None
            record = block.source.record
            assert isinstance(record, SourceRecord)
            for column, dtype, shape, classes in record.columns:
                if column == name:
                    return Type(dtype, tuple(map(dim, shape)), classes=classes)
            known = [column for column, *_ in record.columns] or _declared_columns(block.source)
            if known and name not in known:
                report(errors.unknown_column(raw.span, name, known))
                return None
            return Type("f32", ())
        case ir.Columns(first=first, last=last, pattern=pattern):
            return Type("f32", () if pattern else (dim(last - first),))
        case ir.Joined(items=items):
            parts = [_raw(item, block, report) for item in items]
            if None in parts:
                return None
            total = dim(0)
            for part in parts:
                assert part is not None
                total = total + (part.shape[0] if part.shape else 1)
            return Type("f32", (total,))
        case ir.Mixed(operands=operands):
            kinds = [_raw(operand, block, report) for operand in operands]
            if None in kinds:
                return None
            return max((kind for kind in kinds if kind is not None), key=lambda x: len(x.shape))
    return Type("f32", ())


def _declared_columns(source: ir.Setting) -> list[str]:
    """The columns that `csv(…, names=[…])` declares; none where the file's header tells."""
    return list(source.arguments.get("names") or ())


def _literal(raw: ir.Values, items: Any, report: Report) -> Type | None:
    """The shape of one entry; all entries must agree."""
    shapes = [_shape_of(item) for item in items]
    for index, shape in enumerate(shapes):
        if shape is None or shape != shapes[0]:
            report(errors.ragged(raw.span, index))
            return None
    first = shapes[0] if shapes else ()
    assert first is not None
    return Type("f32", tuple(map(dim, first)))


def _shape_of(item: Any) -> tuple[int, ...] | None:
    if not isinstance(item, tuple):
        return ()
    inner = {_shape_of(each) for each in item}
    only = inner.pop() if len(inner) == 1 else None
    return None if only is None else (len(item), *only)


def _labels(field: ir.DataField, declared: Type, comes: Type, report: Report) -> bool:
    """Labels: one a record, each within the declared ones where that can be seen."""
    if comes.classes is not None and comes.classes != declared.classes:
        report(
            errors.wrong_shape(
                field.span, field.name, str(declared), str(comes), f"declare `{comes}`"
            )
        )
        return False
    if comes.shape != declared.shape:
        report(errors.wrong_shape(field.span, field.name, str(declared), _shape(comes), ""))
        return False
    if isinstance(field.raw, ir.Values):
        known = declared.labels or range(declared.classes or declared.tokens or 0)
        for item in field.raw.items:
            if not isinstance(item, tuple) and (isinstance(item, bool) or item not in known):
                report(errors.label_outside(field.raw.span, item, str(declared)))
                return False
    return True
