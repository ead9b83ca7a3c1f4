"""Types of data fields, and data that stands in the spec against its declaration."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..catalog.record import SourceRecord, Step
from ..diagnostics import Report
from ..dims import dim
from ..errors import data as errors
from ..errors import images as image_errors
from ..errors import texts as text_errors
from ..errors.shapes import size_too_large
from ..layers.record import Mismatch
from ..tensor import Type
from .evaluation import Evaluation
from .images import augmented, decoded, is_open, resized, trusted
from .records import believed, ordered
from .texts import unfinished

SCALING = ("scale", "standardize", "normalize")


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
            field = _completed(field, declared, block)
            fits = _fits(field, declared, block, report)
        except OverflowError:
            report(size_too_large(field.span))
            continue
        if fits:
            fields[field.name] = ir.TypedField(field, declared)
    ordered(block, fields, report)
    return ir.TypedData(block, fields, augmented(block, fields, report))


def _completed(field: ir.DataField, declared: Type, block: ir.Data) -> ir.DataField:
    """The field with what its steps leave to its type filled in: how many categories there are."""
    comes: Any = _raw(field.raw, block, lambda diagnostic: None)
    if isinstance(comes, Type):
        comes = believed(field, declared, block, comes)
    settings = []
    for place, setting in enumerate(field.steps, 1):
        step = setting.record
        assert isinstance(step, Step)
        arguments = setting.arguments
        if isinstance(comes, Type):
            comes = decoded(field, declared, comes)
            if step.completed is not None:
                last = place == len(field.steps)
                arguments = step.completed(arguments, comes, declared, last)
            comes = step.gives(comes, arguments) if step.gives else comes
        settings.append(ir.Setting(setting.span, step, arguments))
    return ir.DataField(field.span, field.name, field.type, field.raw, tuple(settings))


def _fits(field: ir.DataField, declared: Type, block: ir.Data, report: Report) -> bool:
    """Whether raw columns and steps give what is declared."""
    raw = _raw(field.raw, block, report)
    if raw is None:
        return False
    comes = decoded(field, declared, believed(field, declared, block, raw))
    for setting in field.steps:
        step = setting.record
        assert isinstance(step, Step)
        if declared.classes is not None and step.name in SCALING:
            whole = f"{field.name}: {field.type.span.text} = {field.raw.span.text}"
            why = Mismatch("labels are not scaled", write=whole)
            report(errors.step_mismatch(setting.span, step.name, why))
            return False
        given = step.gives(comes, setting.arguments) if step.gives else comes
        if isinstance(given, Mismatch):
            report(errors.step_mismatch(setting.span, step.name, given))
            return False
        comes = given
    wrong = unfinished(field, declared, comes)
    if wrong is not None:
        report(wrong)
        return False
    if declared.classes is not None or declared.tokens is not None:
        return _labels(field, declared, comes, report)
    wide = comes.shape == (dim(1),) and declared.shape == ()
    narrow = comes.shape == () and declared.shape == (dim(1),)
    unknown = isinstance(field.raw, ir.Columns) and bool(field.raw.pattern)
    fits = wide or narrow or unknown or trusted(comes, declared)
    if comes.shape != declared.shape and not fits:
        help = ""
        have, want = _count(comes), _count(declared)
        if have == want:
            help = f"write `-> reshape({', '.join(map(str, declared.shape))})` as last step"
        elif comes.dtype == "sound":
            help = "write `sound -> pad(8000)`, and `-> reshape(1, 8000)` where channels are wanted"
        elif is_open(comes):
            help = f"declare `f32[{comes.shape[0]}, 64, 64]`, and write `-> resize(64, 64)`"
        elif have is not None:
            other = resized(field, declared) or "take other columns"
            help = f"declare `{declared.shaped(*comes.shape)}`, or {other}"
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
            return Type("raw", ())
        case ir.Columns(first=first, last=last, pattern=pattern):
            return Type("raw", () if pattern else (dim(last - first),))
        case ir.Joined(items=items):
            parts = [_number(item, block, report) for item in items]
            if None in parts:
                return None
            total = dim(0)
            for part in parts:
                assert part is not None
                total = total + (part.shape[0] if part.shape else 1)
            return Type("raw", (total,))
        case ir.Mixed(operands=operands):
            kinds = [_number(operand, block, report) for operand in operands]
            if None in kinds:
                return None
            shapes = [kind.shape for kind in kinds if kind is not None]
            return Type("f32", max(shapes, key=len))
    return Type("f32", ())


def _number(raw: ir.Raw, block: ir.Data, report: Report) -> Type | None:
    """The type of what stands among other columns or in arithmetic: no file's picture."""
    kind = _raw(raw, block, report)
    if kind is None or not is_open(kind):
        return kind
    report(image_errors.pictures_alone(raw.span, raw.span.text, kind.dtype == "sound"))
    return None


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
    texts = [each is None or isinstance(each, str) for each in items]
    if not any(isinstance(each, str) for each in items):
        return Type("number", tuple(map(dim, first)))
    if not all(texts):
        report(text_errors.text_among_numbers(raw.span, texts.index(False)))
        return None
    return Type("text", ())


def _shape_of(item: Any) -> tuple[int, ...] | None:
    if not isinstance(item, tuple):
        return ()
    inner = {_shape_of(each) for each in item}
    only = inner.pop() if len(inner) == 1 else None
    return None if only is None else (len(item), *only)


def _labels(field: ir.DataField, declared: Type, comes: Type, report: Report) -> bool:
    """Labels: one a record, each within the declared ones where that can be seen."""
    if comes.classes is not None and declared.tokens is None and comes.classes != declared.classes:
        report(
            errors.wrong_shape(
                field.span, field.name, str(declared), str(comes), f"declare `{comes}`"
            )
        )
        return False
    if comes.shape != declared.shape:
        help = f"declare `{declared.shaped(*comes.shape)}`" if comes.shape and field.steps else ""
        if field.steps and field.steps[-1].record.name == "one_hot":
            numbers = ", ".join(map(str, comes.shape))
            help = f"leave `one_hot` out, or declare `f32[{numbers}]`"
        report(errors.wrong_shape(field.span, field.name, str(declared), _shape(comes), help))
        return False
    if isinstance(field.raw, ir.Values) and not field.steps:
        known = declared.labels or range(declared.classes or declared.tokens or 0)
        items = field.raw.items
        counted = declared.labels is None and all(isinstance(item, int) for item in items)
        most = declared.classes or declared.tokens or 0
        from_one = counted and set(items) <= set(range(1, most + 1))
        for item in items:
            if not isinstance(item, tuple) and (isinstance(item, bool) or item not in known):
                why = str(declared), declared.labels, from_one
                report(errors.label_outside(field.raw.span, item, *why))
                return False
    return True
