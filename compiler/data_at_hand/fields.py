"""The sample of a table against the fields that are declared over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from math import isinf, isnan, prod

from .. import ir
from ..diagnostics import Report
from ..errors import data_at_hand as errors
from ..source import Span
from ..tensor import Type
from .cells import Cells, arithmetic, label, number, rank
from .tables import Table, columns, matching, separator, split_values, taken

TEXTUAL = ("words", "characters", "categories", "lower", "tokenize")
KEEPING = ("impute", "reshape", "window", "ahead")  # steps that leave a value what it is
# Steps that leave so many of them.
COUNTED = ("impute", "reshape", "ahead", "scale", "standardize", "normalize")
# From here on a number is rounded to an infinity.
MOST = {"f16": 65_520.0, "bf16": 3.3961775292304957e38, "f32": 3.4028235677973366e38}
MARKERS = 2  # texts in a column of numbers up to which they stand for missing values
WHOLE = {"u8": (0, 255), "i32": (-(2**31), 2**31 - 1), "i64": (-(2**63), 2**63 - 1)}


def fields(data: ir.TypedData, sample: Table, report: Report) -> None:
    """Everything that a run would refuse in these records."""
    if _lacking(data, sample, report):
        return
    used = _used(data.data, sample, report)
    for field in data.fields.values():
        if _whole_shape(field, sample, report):
            _field(field, sample, used, report)


def _lacking(data: ir.TypedData, sample: Table, report: Report) -> bool:
    """Report columns that the file does not have, each once; whether the cause is another."""
    mark = separator(sample)
    missing: dict[str, Span] = {}
    split = data.data.split
    if split is not None and split.record.name in ("by_column", "by_group"):
        name = split.arguments["column"]
        if name not in sample.names:
            missing[name] = split.span
    for field in data.fields.values():
        for raw in columns(field.field.raw):
            name = raw.name if isinstance(raw, ir.Column) else raw.pattern
            found = name in sample.names if isinstance(raw, ir.Column) else matching(raw, sample)
            beyond = isinstance(raw, ir.Columns) and raw.last > len(sample.names)
            if mark and (beyond or not found):
                report(errors.other_separator(sample.source.span, sample.path, mark))
                return True
            if beyond and isinstance(raw, ir.Columns):
                wanted = (raw.first, raw.last)
                report(errors.columns_beyond(raw.span, sample.path, len(sample.names), wanted))
            elif not found:
                missing.setdefault(name, raw.span)
    header = _header(sample, missing)
    for name, span in missing.items():
        report(errors.column_missing(span, name, sample.path, sample.names, header))
        if header:
            return True
    return False


def _header(sample: Table, missing: Mapping[str, Span]) -> str:
    """What to write where a header is taken for a record, or a record for a header."""
    first = sample.samples[0].rows[0].cells
    if not sample.source.arguments["header"] and {*missing} & {cell.strip() for cell in first}:
        return "its first line names the columns: leave `header=False` out"
    if missing and sample.source.arguments["header"] and all(map(_is_number, sample.names)):
        return "its first line is a record: write `csv(…, header=False)`, or `csv(…, names=[…])`"
    return ""


def _is_number(name: str) -> bool:
    return number(name) is not None


def _used(data: ir.Data, sample: Table, report: Report) -> list[bool]:
    """Which records are in a split: those with another value than `by_column` names are not."""
    values = split_values(data)
    split = data.split
    if not values or split is None or (name := split.arguments["column"]) not in sample.names:
        return [True] * len(sample)
    own = [part == "train" for part in sample.parts]
    cells = sample.cells(name)
    if sample.text(name) is None:  # among numbers `nan` is a hole
        values_there = zip(cells, sample.numbers(name), strict=True)
        cells = [None if isnan(value) else cell for cell, value in values_there]
    hole = next((row for row, cell in enumerate(cells) if cell is None and own[row]), None)
    if hole is not None:
        column = f"`{name}`"
        report(errors.holes(split.span, "split", [column], column, sample.where(hole), ""))
    present = {label(cell) for cell in compress(cells, own) if cell is not None}
    absent = [value for value in values if value not in present]
    if absent and sample.whole:
        part = values[absent[0]]
        report(errors.split_value_absent(split.span, name, absent[0], part, sorted(present)))
    return [
        not mine or cell is None or label(cell) in values
        for mine, cell in zip(own, cells, strict=True)
    ]


def _whole_shape(field: ir.TypedField, sample: Table, report: Report) -> bool:
    """Whether all columns are there, and a pattern stands for as many as the type has values."""
    raws = columns(field.field.raw)
    for raw in raws:
        if isinstance(raw, ir.Column) and raw.name not in sample.names:
            return False
        if isinstance(raw, ir.Columns) and (
            raw.last > len(sample.names) or not matching(raw, sample)
        ):
            return False
    pattern = field.field.raw
    if isinstance(pattern, ir.Columns) and pattern.pattern:
        have, want = (
            len(matching(pattern, sample)),
            prod(size.value or 0 for size in field.type.shape),
        )
        if have != want and all(step.record.name in COUNTED for step in field.field.steps):
            told = (pattern.pattern, have, str(field.type), want)
            report(errors.pattern_miscounts(pattern.span, *told))
            return False
    return True


def _field(field: ir.TypedField, sample: Table, used: Sequence[bool], report: Report) -> None:
    steps = [step.record.name for step in field.field.steps]
    labelled = field.type.classes is not None or field.type.tokens is not None
    textual = any(step in TEXTUAL for step in steps)
    as_they_are = labelled and all(step in KEEPING for step in steps)
    parts = taken(field.field.raw, sample)
    if not (textual or as_they_are) and _texts(field, sample, report):
        return
    filled = "impute" in steps
    holes: list[tuple[str, list[int]]] = []
    for part in parts:
        if isinstance(part, ir.Mixed):
            row_values = computed(part, sample)
            empty = [row for row, value in enumerate(row_values) if isnan(value)]
            infinite = next((row for row, value in enumerate(row_values) if isinf(value)), None)
            named = f"the formula `{part.span.text}`"
        else:
            cells = sample.cells(part.name)
            empty = [row for row, cell in enumerate(cells) if cell is None]
            infinite = None
            named = f"`{part.name}`"
            if not textual and (not labelled or sample.text(part.name) is None):
                values = sample.numbers(part.name)
                empty = [row for row, value in enumerate(values) if isnan(value)]
                infinite = next((row for row, value in enumerate(values) if isinf(value)), None)
        if infinite is not None:
            report(errors.infinite(part.span, named, sample.where(infinite)))
            return
        if empty:
            holes.append((named, empty))
    _holes(field, holes, filled, sample, report)
    if holes and not filled:
        return
    if isinstance(field.field.raw, ir.Mixed):
        return
    names = [part.name for part in parts if isinstance(part, ir.Column)]
    if as_they_are:
        _labels(field, names, sample, used, report)
    elif textual or "one_hot" in steps:
        _categories(field, names, sample, used, report)
    elif not any(step not in KEEPING for step in steps):
        _type(field, names, sample, used, report)


def _texts(field: ir.TypedField, sample: Table, report: Report) -> bool:
    """Report each column that holds a text where numbers are wanted."""
    found = False
    seen: set[str] = set()
    for raw in columns(field.field.raw):
        for name in [raw.name] if isinstance(raw, ir.Column) else matching(raw, sample):
            cells = sample.cells(name)
            row = sample.text(name)
            if row is not None and name not in seen:
                found = True
                text = cells[row] or ""
                texts = {cell for cell in cells if cell is not None and number(cell) is None}
                told = (field.field.name, name, text, sample.where(row), len(texts) <= MARKERS)
                report(errors.text_for_number(raw.span, *told))
                if isinstance(raw, ir.Columns):
                    return True
            seen.add(name)
    return found


def _holes(
    field: ir.TypedField,
    holes: Sequence[tuple[str, list[int]]],
    filled: bool,
    sample: Table,
    report: Report,
) -> None:
    if not holes:
        return
    if filled:
        impute = next(step for step in field.field.steps if step.record.name == "impute")
        constant = impute.arguments["value"] not in ("mean", "median", "most_frequent")
        empty = [named for named, rows in holes if len(rows) == len(sample)]
        if empty and sample.whole and not constant:
            report(errors.nothing_to_learn(impute.span, empty[0], sample.path))
        return
    named = [named for named, _ in holes]
    first = min(rows[0] for _, rows in holes)
    of = next(named for named, rows in holes if rows[0] == first)
    steps = [step.record.name for step in field.field.steps]
    labelled = field.type.classes is not None or field.type.tokens is not None
    fill = "-> impute(median)"
    if "words" in steps or "characters" in steps:
        fill = '-> impute("")'
    elif "categories" in steps:
        fill = "-> impute(most_frequent)"
    elif labelled:
        fill = ""
    told = (field.field.name, named, of, sample.where(first), fill)
    report(errors.holes(field.field.raw.span, *told))


def computed(raw: ir.Raw, sample: Table) -> list[float]:
    """The values of a formula, record by record; of one over several columns at once, none."""
    match raw:
        case ir.Figure(value=value):
            return [float(value)] * len(sample)
        case ir.Column(name=name):
            return sample.numbers(name)
        case ir.Mixed(operator=operator, operands=(left, right)):
            pairs = zip(computed(left, sample), computed(right, sample), strict=False)
            return [arithmetic(operator, *pair) for pair in pairs]
    return []


def _outside(
    names: Sequence[str], sample: Table, used: Sequence[bool], fits: Callable[[str], bool]
) -> Iterator[tuple[str, int, str]]:
    """The column, the record and the text of each value that does not fit, every text once."""
    known: dict[str, bool] = {}
    for name in names:
        for row, cell in enumerate(sample.cells(name)):
            if cell is None or not used[row]:
                continue
            if cell not in known:
                known[cell] = fits(cell)
                if not known[cell]:
                    yield name, row, cell


def _certain(sample: Table) -> bool:
    """Whether each record is in a split: shares below 1 leave some out, nobody knows which."""
    split = sample.data.split
    if split is None or split.record.name not in ("random", "stratified"):
        return True
    shares = [split.arguments.get(part) or 0 for part in ("train", "validation", "test")]
    return sum(shares) > 1 - 1e-9


def _labels(
    field: ir.TypedField,
    names: Sequence[str],
    sample: Table,
    used: Sequence[bool],
    report: Report,
) -> None:
    declared = field.type
    count = len(declared.labels or ()) or declared.classes or declared.tokens or 0
    if declared.labels is not None:
        known = {*map(label, declared.labels)}
        if all(number(name) is None for name in declared.labels):
            known |= set(map(str, range(count)))
        found = list(_outside(names, sample, used, lambda cell: label(cell) in known))
    else:
        found = list(_outside(names, sample, used, lambda cell: in_range(cell, count)))
    if found:
        name, row, cell = found[0]
        values: Cells = [value for name in names for value in sample.cells(name)]
        every = sorted({label(value) for value in values if value is not None}, key=rank)
        told = (field.field.name, name, label(cell), sample.where(row), str(declared), every)
        every_record = _certain(sample)
        report(errors.label_undeclared(field.field.type.span, *told, declared.labels, every_record))


def in_range(cell: str, count: int) -> bool:
    """Whether it is a whole number below `count`."""
    value = number(cell)
    return value is not None and value.is_integer() and 0 <= value < count


def _categories(
    field: ir.TypedField,
    names: Sequence[str],
    sample: Table,
    used: Sequence[bool],
    report: Report,
) -> None:
    """Values against the names that `categories` lists, or against how many it is to find."""
    steps = [step for step in field.field.steps if step.record.name not in KEEPING]
    if not steps:
        return
    given = steps[0].arguments
    if steps[0].record.name == "one_hot":
        count = given["num_classes"] or 0
        listed: tuple[str, ...] = tuple(map(str, range(min(count, 20))))
        found = list(_outside(names, sample, used, lambda cell: in_range(cell, count)))
    elif steps[0].record.name == "categories" and given["names"]:
        listed = given["names"]
        known = {*map(label, listed)}
        found = list(_outside(names, sample, used, lambda cell: label(cell) in known))
    else:
        if steps[0].record.name == "categories" and given["count"]:
            _too_many(steps[0], names, sample, used, report)
        return
    if found:
        name, row, cell = found[0]
        told = (name, label(cell), sample.where(row), listed, _certain(sample))
        report(errors.category_unknown(steps[0].span, *told))


def _too_many(
    step: ir.Setting, names: Sequence[str], sample: Table, used: Sequence[bool], report: Report
) -> None:
    """More names than there may be: in the training split, or in another that it lacks them for."""
    cells = (cell for name in names for cell in compress(sample.cells(name), used))
    every = sorted({label(cell) for cell in cells if cell is not None}, key=rank)
    count = step.arguments["count"]
    if len(every) > count:
        report(errors.categories_too_many(step.span, names[0], every, count, _certain(sample)))


def _type(
    field: ir.TypedField,
    names: Sequence[str],
    sample: Table,
    used: Sequence[bool],
    report: Report,
) -> None:
    """Values that the declared type cannot hold."""
    fits = holds(field.type)
    if fits is None:
        return
    # Among numbers `nan` is a hole, which is told elsewhere, or filled.
    held = _outside(names, sample, used, lambda cell: isnan(number(cell) or 0.0) or fits(cell))
    found = next(held, None)
    if found is not None:
        name, row, cell = found
        told = (name, cell, sample.where(row), str(field.type), _certain(sample))
        report(errors.value_not_of_type(field.field.type.span, *told))


def holds(declared: Type) -> Callable[[str], bool] | None:
    """Whether a cell's number is a value of a type; None for a type that holds all numbers."""
    if declared.dtype in MOST:
        most = MOST[declared.dtype]
        return lambda cell: abs(number(cell) or 0.0) < most
    low, high = WHOLE.get(declared.dtype, (0, 1) if declared.dtype == "bool" else (0, 0))
    if not high:
        return None
    return lambda cell: (number(cell) or 0.0).is_integer() and low <= float(cell) <= high
