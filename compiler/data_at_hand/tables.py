"""The sample of a source's text tables, one file behind the other, against what is taken of it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import accumulate

from .. import ir
from ..diagnostics import Report
from ..errors import data_at_hand as errors
from .cells import Cells, first_text, held, label, numbers
from .files import find, named
from .samples import Sample, TableFault, sampled

SEPARATORS = (";", "\t", "|", ",")


class Table:
    """Some records of the files of a source; `parts` are as many names as there are samples."""

    def __init__(self, data: ir.Data, samples: list[Sample], parts: list[str]) -> None:
        assert data.source is not None
        self.data = data
        self.source = data.source
        self.samples = samples
        self.names = samples[0].names
        self.path = samples[0].path
        self.whole = all(sample.whole for sample in samples)
        self.spread = all(sample.spread for sample in samples)
        self.starts = [0, *accumulate(len(sample.rows) for sample in samples)]
        self.parts = [
            part for part, sample in zip(parts, samples, strict=True) for _ in sample.rows
        ]
        self._cells: dict[str, Cells] = {}
        self._numbers: dict[str, list[float] | None] = {}

    def __len__(self) -> int:
        return self.starts[-1]

    def cells(self, name: str) -> Cells:
        """A column's cells without spaces around them, None for holes."""
        if name not in self._cells:
            cells = [
                row.cells[place]
                for sample in self.samples
                for place in [sample.names.index(name)]
                for row in sample.rows
            ]
            self._cells[name] = held(cells, self.source.arguments["missing"])
        return self._cells[name]

    def numbers(self, name: str) -> list[float]:
        """The numbers of a column, nan for holes; none of a column that holds texts."""
        if name not in self._numbers:
            self._numbers[name] = numbers(self.cells(name))
        return self._numbers[name] or []

    def text(self, name: str) -> int | None:
        """The first record whose cell is neither a number nor a hole."""
        return None if self.numbers(name) else first_text(self.cells(name))

    def where(self, row: int) -> str:
        """The place of a record: its line and its file."""
        file = next(at for at, end in enumerate(self.starts[1:]) if row < end)
        return self.samples[file].where(row - self.starts[file])


def table(data: ir.Data, report: Report) -> Table | None:
    """The sample of a block's files; None where one is not at hand, or after a report."""
    assert data.source is not None
    samples: list[Sample] = []
    parts: list[str] = []
    for part, given in named(data).items():
        path = find(given, data.span.source.path)
        if path is None:
            return None
        try:
            sample = sampled(path, data.source.arguments, data.skips)
        except TableFault as why:
            report(errors.table_unreadable(data.source.span, path, why.what, why.help))
            return None
        if sample is None:
            return None
        samples.append(sample)
        parts.append(part)
    return Table(data, samples, parts) if samples and _alike(data, samples, report) else None


def _alike(data: ir.Data, samples: list[Sample], report: Report) -> bool:
    """Whether all parts of a source have the same columns, as they must."""
    assert data.source is not None
    first = samples[0]
    for other in samples[1:]:
        for one, two in ((first, other), (other, first)):
            lacking = [name for name in one.names if name not in two.names]
            if lacking:
                span = data.source.span
                report(errors.parts_differ(span, one.path, two.path, lacking[0], two.names))
                return False
    return True


def separator(sample: Table) -> str:
    """What parts the cells of a file that has a single column, by its header; else nothing."""
    if len(sample.names) > 1 or sample.source.arguments["names"] is not None:
        return ""
    counts = {mark: sample.names[0].count(mark) for mark in SEPARATORS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ""


def taken(raw: ir.Raw, sample: Table) -> list[ir.Column | ir.Mixed]:
    """The columns and formulas that a field is made of; those that the file lacks left out."""
    match raw:
        case ir.Column(name=name):
            return [raw] if name in sample.names else []
        case ir.Columns():
            return [ir.Column(raw.span, name) for name in matching(raw, sample)]
        case ir.Joined(items=items):
            return [each for item in items for each in taken(item, sample)]
        case ir.Mixed():
            return [raw]
    return []


def matching(raw: ir.Columns, sample: Table) -> list[str]:
    """The columns that a pattern, or two places, stand for."""
    if raw.pattern:
        return [name for name in sample.names if fnmatchcase(name, raw.pattern)]
    return list(sample.names[raw.first : raw.last])


def columns(raw: ir.Raw) -> list[ir.Column | ir.Columns]:
    """Every column that is named, in formulas too."""
    match raw:
        case ir.Column() | ir.Columns():
            return [raw]
        case ir.Joined(items=items):
            return [each for item in items for each in columns(item)]
        case ir.Mixed(operands=operands):
            return [each for operand in operands for each in columns(operand)]
    return []


def split_values(data: ir.Data) -> dict[str, str]:
    """Which split each value goes to that `by_column` names, as labels are written."""
    if data.split is None or data.split.record.name != "by_column":
        return {}
    given = data.split.arguments
    return {
        label(str(value)): part
        for part in ("train", "validation", "test")
        if given.get(part) is not None
        for value in (given[part] if isinstance(given[part], tuple) else (given[part],))
    }
