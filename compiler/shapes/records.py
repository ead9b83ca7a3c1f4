"""Records in an order: windows and splits that need one, and a text that is cut into windows."""

from __future__ import annotations

from collections.abc import Collection

from .. import ir
from ..diagnostics import Report
from ..errors import records as errors
from ..tensor import Type

IN_ORDER = ("csv", "parquet", "json_lines", "npz", "text_file", "python")
LOOKING = ("window", "ahead")
CUTTING = ("lower", "words", "characters", "tokenize")
BY_VALUE = ("stratified", "by_column", "by_group")
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
        _long_text(block, typed, report)
    else:
        _texts_apart(block, typed, report)
    if windows and split is not None and split.record.name in DRAWN:
        report(errors.windows_overlap(split.span, split.record.name, windows[0].span))


def _long_text(block: ir.Data, typed: Collection[str], report: Report) -> None:
    """Fields of one long text: all windows, of a text that is cut alike for all of them."""
    first: tuple[str, tuple[str, ...]] | None = None
    for field in block.fields:
        names = [step.record.name for step in field.steps if step.record.name in LOOKING]
        if field.name not in typed:
            continue
        if names[:1] != ["window"]:
            why = "is of one long text, of which windows are the records"
            help = "write `text -> characters -> vocabulary(80) -> window(64)`"
            report(errors.without_order(field.span, field.name, why, help))
            continue
        by = tuple(step.span.text for step in field.steps if step.record.name in CUTTING)
        first = first or (field.name, by)
        if by != first[1]:
            why = f"has other places in the text than `{first[0]}`, which is cut by other steps"
            help = f"write `text -> {' -> '.join(first[1])}` for both"
            report(errors.without_order(field.span, field.name, why, help))
    split = block.split
    if split is not None and (
        split.record.name in BY_VALUE or split.arguments.get("stratify") is not None
    ):
        why = "needs a value of each record, and the places of a text have none"
        help = "write `split = chronological(train=0.9, test=0.1)`"
        report(errors.without_order(split.span, split.record.name, why, help))


def _texts_apart(block: ir.Data, typed: Collection[str], report: Report) -> None:
    """Windows of tokens where each record has a text of its own."""
    for field in block.fields:
        names = [step.record.name for step in field.steps]
        if field.name not in typed or "window" not in names or "pad" in names:
            continue
        place = names.index("window")
        if {"vocabulary", "tokenize"} & {*names[:place]}:
            why = "of tokens is of one long text, and here each record has a text of its own"
            size = field.steps[place].arguments["size"]
            help = f"write `pad({size})`, or read one text: `text_file(…)`"
            report(errors.without_order(field.steps[place].span, "window", why, help))
