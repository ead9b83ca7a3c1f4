"""Data blocks: sources, raw columns, steps and splits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import ir, tree
from ..catalog.data import SOURCES, SPLITS, STEPS
from ..catalog.images import AUGMENTATIONS
from ..catalog.record import Record, SourceRecord
from ..diagnostics import Report
from ..errors import data as data_errors
from ..errors import images as image_errors
from ..errors import names as errors
from ..errors import records as record_errors
from ..errors import targets as target_errors
from ..errors import texts as text_errors
from ..source import Span
from ..splits import source_parts, split_parts
from .names import FAILED, Constants, called, constant_arguments, is_place
from .scope import Scope
from .types import type_spec

KEYS = ("split", "augment", "on_error")
PARTS = ("train", "validation", "test")
WORDS_OF_IMPUTE = ("mean", "median", "most_frequent")


def data(node: tree.Data, constants: Constants) -> ir.Data:
    """A data block with its names resolved."""
    report = constants.report
    source = setting(node.origin, SOURCES, "a source", constants) if node.origin else None
    fields: dict[str, ir.DataField] = {}
    split = None
    augment: tuple[ir.Setting, ...] = ()
    skips = False
    seen: dict[str, Any] = {}
    names = [entry.name.name for entry in node.entries if isinstance(entry, tree.Field)]
    for entry in node.entries:
        name = entry.name.name
        if name in seen:
            report(errors.defined_twice(entry.name.span, name, seen[name]))
        seen[name] = entry.name.span
        if isinstance(entry, tree.Field):
            found = _field(entry, node.origin is not None, constants)
            if found is not None:
                fields[name] = found
        elif name not in KEYS:
            report(data_errors.unknown_key(entry.name.span, name, KEYS))
        elif name == "augment":
            augment = _augment(entry.value, constants)
        elif name == "on_error":
            skips = _skips(entry, source, constants)
        else:
            split = _split(entry.value, names, constants)
    if not names:
        report(data_errors.no_fields(node.name.span, node.name.name))
    found_data = ir.Data(
        node.name.span, node.name.name, source, tuple(fields.values()), split, augment, skips
    )
    _parts_once(found_data, report)
    return found_data


def _parts_once(data: ir.Data, report: Report) -> None:
    """Report a split that both the source and `split` make: one of them would be lost."""
    own = source_parts(data)
    for part in split_parts(data):
        if part in own and part != "train":
            assert data.source is not None and data.split is not None
            names = data.source.record.name, data.split.record.name
            report(text_errors.part_twice(data.split.span, part, *names))


def setting(
    node: tree.Expression,
    records: Any,
    what: str,
    constants: Constants,
) -> ir.Setting | None:
    """A record of the catalogue with constant arguments; None after a report."""
    found = called(node)
    if found is None:
        example = next(iter(records.values())).example.rpartition(" = ")[2]
        constants.report(target_errors.no_word(node.span, what, records, example))
        return None
    name, span = found
    if name not in records:
        constants.report(errors.unknown(span, name, what, records))
        return None
    record: Record = records[name]
    names = dict(constants.names)
    if name == "impute":
        names |= {word: word for word in WORDS_OF_IMPUTE}
    if name == "csv" and isinstance(node, tree.Call):
        names |= _column_names(node)
    inner = Constants(names, constants.report)
    arguments = constant_arguments(name, record.parameters, node, inner, record.example)
    if isinstance(record, SourceRecord) and arguments is not None:
        _one_origin(node.span, record, arguments, constants.report)
    return ir.Setting(node.span, record, arguments) if arguments is not None else None


def _one_origin(
    span: Span, record: SourceRecord, arguments: Mapping[str, Any], report: Report
) -> None:
    """A source names one file or folder, or its parts; one of Python's, a function."""
    if record.name == "python" and not is_place(arguments["place"]):
        report(record_errors.no_place(span))
    if "train" not in arguments:
        return
    parts = [part for part in PARTS if arguments[part]]
    both = bool(parts and arguments["path"])
    if both or not (arguments["path"] or "train" in parts):
        which = image_errors.which_folder if record.folders else text_errors.which_file
        report(which(span, both, record.name))


def _augment(node: tree.Expression, constants: Constants) -> tuple[ir.Setting, ...]:
    if not isinstance(node, tree.ListOf):
        constants.report(image_errors.augment_no_list(node.span))
        return ()
    found = [setting(item, AUGMENTATIONS, "an augmentation", constants) for item in node.items]
    return tuple(each for each in found if each is not None)


def _skips(node: tree.Option, source: ir.Setting | None, constants: Constants) -> bool:
    if not (isinstance(node.value, tree.Reference) and node.value.name == "skip"):
        constants.report(image_errors.on_error_unknown(node.value.span))
    elif source is None or not getattr(source.record, "skips", False):
        name = source.record.name if source is not None else ""
        constants.report(image_errors.nothing_to_skip(node.span, name))
    return True


def _column_names(node: tree.Call) -> dict[str, str]:
    """`csv("f", names=[a, b])` has its columns' names without quotes."""
    found = {}
    for argument in node.arguments:
        if argument.name == "names" and isinstance(argument.value, tree.ListOf):
            for item in argument.value.items:
                if isinstance(item, tree.Reference):
                    found[item.name] = item.name
    return found


def _split(node: tree.Expression, fields: list[str], constants: Constants) -> ir.Setting | None:
    names = {name: name for name in [*_named_in(node, constants.names), *fields]}
    inner = Constants({**constants.names, **names}, constants.report)
    found = setting(node, SPLITS, "a split", inner)
    if found is None:
        return None
    given = found.arguments
    parts = {name: given[name] for name in PARTS if given.get(name) is not None}
    kind = found.record.name
    if kind != "k_fold" and "train" not in parts:
        constants.report(data_errors.split_without_train(found.span, kind == "by_column"))
    elif kind == "by_column":
        _named_once(found.span, parts, constants)
    elif sum(parts.values()) > 1 + 1e-9:
        constants.report(data_errors.split_too_large(found.span, parts))
    by = given.get("field", given.get("stratify"))
    if by is not None and by not in fields:
        report = errors.unknown(found.span, by, "a field of this block", fields)
        constants.report(report)
    return found


def _named_in(node: tree.Expression, params: Mapping[str, Any]) -> list[str]:
    """Names without quotes, `stratified(label, …)`; a column goes before a `param`."""
    found = called(node)
    if found is None or not isinstance(node, tree.Call):
        return []
    return [
        argument.value.name
        for argument in node.arguments
        if isinstance(argument.value, tree.Reference)
        and argument.name in (None, "field", "column", "stratify")
        and (found[0] in ("by_column", "by_group") or argument.value.name not in params)
    ]


def _named_once(span: Span, parts: Mapping[str, Any], constants: Constants) -> None:
    """Report a value of a column that two splits name."""
    seen: dict[Any, str] = {}
    for part, given in parts.items():
        for value in given if isinstance(given, tuple) else (given,):
            if value in seen:
                first = seen[value]
                constants.report(text_errors.value_in_two_splits(span, value, first, part))
            seen[value] = part


def _field(node: tree.Field, sourced: bool, constants: Constants) -> ir.DataField | None:
    report = constants.report
    name = node.name.name
    scope = Scope(report, {}, constants.names)
    for size in node.type.sizes or ():
        if isinstance(size, tree.Reference) and size.name not in constants.names:
            report(data_errors.size_not_stated(size.span))
            return None
    spec = type_spec(node.type, scope)
    value = node.value
    if value is None:
        if not sourced:
            report(data_errors.no_value(node.name.span, name))
            return None
        value = tree.Reference(node.name.span, name)
    start, targets = (value.start, value.targets) if isinstance(value, tree.Chain) else (value, ())
    raw = _raw(start, constants) if sourced else _literal(start, constants)
    steps = []
    for target in targets:
        if isinstance(target, tree.Repeat):
            report(errors.not_callable(target.span, target.span.text))
            return None
        step = setting(target, STEPS, "a data step", constants)
        if step is None:
            return None
        steps.append(step)
    if spec is None or raw is None:
        return None
    return ir.DataField(node.name.span, name, spec, raw, tuple(steps))


def _raw(node: tree.Expression, constants: Constants) -> ir.Raw | None:
    """Raw columns of a source; names are columns, whatever else they may be."""
    match node:
        case tree.Reference(name=name):
            if name in constants.names:
                value = constants.names[name]
                if isinstance(value, int | float):
                    return ir.Figure(node.span, value)
            return ir.Column(node.span, name)
        case tree.Number(value=value):
            return ir.Figure(node.span, value)
        case tree.Call(function=tree.Reference(name="column"), arguments=(only,)):
            if isinstance(only.value, tree.String):
                return ir.Column(node.span, only.value.value)
            if isinstance(only.value, tree.Number):
                return ir.Column(node.span, only.value.text)
        case tree.Call(function=tree.Reference(name="columns"), arguments=arguments):
            values = [constants.value(argument.value, "a column") for argument in arguments]
            match values:
                case [str() as pattern]:
                    return ir.Columns(node.span, pattern=pattern)
                case [int() as start, int() as stop] if 0 <= start < stop:
                    return ir.Columns(node.span, start, stop)
        case tree.ListOf(items=items):
            inner = [_raw(item, constants) for item in items]
            if None in inner:
                return None
            return ir.Joined(node.span, tuple(each for each in inner if each is not None))
        case tree.Binary(operator="+" | "-" | "*" | "/" as operator, left=left, right=right):
            first, second = _raw(left, constants), _raw(right, constants)
            if first is None or second is None:
                return None
            return ir.Mixed(node.span, operator, (first, second))
        case tree.Unary(operator="-", operand=operand):
            only_operand = _raw(operand, constants)
            if only_operand is None:
                return None
            return ir.Mixed(node.span, "*", (ir.Figure(node.span, -1), only_operand))
    constants.report(data_errors.no_column(node.span))
    return None


def _literal(node: tree.Expression, constants: Constants) -> ir.Values | None:
    """Data in the spec: lists, `range`, and arithmetic on them, element by element."""
    value = _values(node, constants)
    if value is FAILED:
        return None
    if not isinstance(value, tuple):
        constants.report(data_errors.not_a_list(node.span))
        return None
    return ir.Values(node.span, value)


def _values(node: tree.Expression, constants: Constants) -> Any:
    match node:
        case tree.Call(function=tree.Reference(name="range"), arguments=arguments):
            bounds = [constants.value(argument.value, "a bound of range") for argument in arguments]
            if FAILED in bounds:
                return FAILED
            whole = all(isinstance(bound, int) for bound in bounds)
            if not whole or not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and bounds[2] == 0):
                constants.report(data_errors.wrong_range(node.span))
                return FAILED
            numbers = range(*bounds)
            if len(numbers) > 10_000_000:
                constants.report(errors.no_value(node.span, "this range is too long"))
                return FAILED
            return tuple(numbers)
        case tree.Binary(operator=operator, left=left, right=right):
            first, second = _values(left, constants), _values(right, constants)
            return _elementwise(node, operator, first, second, constants)
        case tree.Unary(operator="-", operand=operand):
            return _elementwise(node, "*", -1, _values(operand, constants), constants)
    return constants.value(node, "data in a spec")


def _elementwise(
    node: tree.Node, operator: str, first: Any, second: Any, constants: Constants
) -> Any:
    from ..arithmetic import ArithmeticFault, apply

    if first is FAILED or second is FAILED:
        return FAILED
    lists = [each for each in (first, second) if isinstance(each, tuple)]
    if len(lists) == 2 and len(first) != len(second):
        constants.report(data_errors.unequal_lists(node.span, len(first), len(second)))
        return FAILED
    try:
        if not lists:
            return apply(operator, first, second)
        count = len(lists[0])
        left = first if isinstance(first, tuple) else (first,) * count
        right = second if isinstance(second, tuple) else (second,) * count
        return tuple(apply(operator, a, b) for a, b in zip(left, right, strict=True))
    except ArithmeticFault as why:
        constants.report(errors.no_value(node.span, str(why)))
        return FAILED
