"""Records in an order: windows and splits that need one, and a text that is cut into windows."""

from __future__ import annotations

from collections.abc import Collection

from .. import ir
from ..diagnostics import Report
from ..errors import records as errors
from ..tensor import Type

IN_ORDER = ("csv", "parquet", "json_lines", "npz", "text_file", "python")
LOOKING = ("window", "ahead")
DRAWN = ("random", "stratified", "k_fold")
# Their columns may hold more than one value a record, and only reading them tells.
ARRAYS = ("parquet", "json_lines", "npz", "python")
OF_TEXTS = frozenset("words characters vocabulary pad categories one_hot lower tokenize".split())


def believed(field: ir.DataField, declared: Type, block: ir.Data, raw: Type) -> Type:
    """What a column gives: in a file of arrays as much as the field declares."""
    if block.source is None or block.source.record.name not in ARRAYS:
        return raw
    names = [step.record.name for step in field.steps]
    if not isinstance(field.raw, ir.Column) or OF_TEXTS & {*names}:
        return raw
    return raw.shaped(*declared.shape[names.count("window") :])


def ordered(block: ir.Data, typed: Collection[str], report: Report) -> None:
    """Report what needs an order of records that there is not, and windows in unlike splits.

    `typed` are the fields in which nothing else is wrong.
    """
    source, split = block.source, block.split
    by_time = split is not None and split.record.name == "chronological"
    looking = [
        step for field in block.fields for step in field.steps if step.record.name in LOOKING
    ]
    windows = [step for step in looking if step.record.name == "window"]
    if source is not None and source.record.name not in IN_ORDER:
        why = f"needs records in an order, and those of `{source.record.name}` are in none"
        help = "leave it out, or read them from a table"
        for each in (*looking, *((split,) if split is not None and by_time else ())):
            report(errors.without_order(each.span, each.record.name, why, help))
    if source is not None and source.record.name == "text_file":
        for field in block.fields:
            names = [step.record.name for step in field.steps if step.record.name in LOOKING]
            if field.name in typed and names[:1] != ["window"]:
                why = "is of one long text, of which windows are the records"
                help = "write `text -> characters -> vocabulary(80) -> window(64)`"
                report(errors.without_order(field.span, field.name, why, help))
    if windows and split is not None and split.record.name in DRAWN:
        report(errors.windows_overlap(split.span, split.record.name, windows[0].span))
