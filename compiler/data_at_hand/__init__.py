"""Pass 5: the data that is at hand against its declaration.

Only headers, names of files and a few records are read, never the whole of a large file: what a
run would refuse in them is an error here, and what will hurt a training a warning.
"""

from __future__ import annotations

import os

from .. import ir
from ..diagnostics import Diagnostic, Report
from ..errors import data as errors
from .files import PARTS, find

WHAT = {"csv": "columns", "image_folder": "pictures", "audio_folder": "sounds"}


def data_at_hand(program: ir.TypedProgram, report: Report) -> None:
    """What headers, file names and samples show; a file that is not there is a note."""
    for data in program.data.values():
        if data.data.source is not None:
            _source(program, data, data.data.source.record.name, report)


def _source(program: ir.TypedProgram, data: ir.TypedData, name: str, report: Report) -> None:
    if name in ("mnist", "fashion_mnist"):
        from .collections import collections

        collections(data, report)
    else:
        _missing(data.data, report)
    if name == "csv":
        _table(program, data, report)
    else:
        from .ranges import pixels

        pixels(program, data, report)
    if name == "image_folder":
        from .picture_folders import picture_folders

        picture_folders(data, report)


def _table(program: ir.TypedProgram, data: ir.TypedData, report: Report) -> None:
    from .fields import fields
    from .ranges import ranges
    from .tables import table

    sample = table(data.data, report)
    if sample is None:
        return
    found: list[Diagnostic] = []
    fields(data, sample, found.append)
    for diagnostic in found:
        report(diagnostic)
    # Of wrong values nothing more is said: one cause, one message.
    if not found:
        ranges(program, data, sample, report)


def _missing(data: ir.Data, report: Report) -> None:
    """A file that is not at hand now: a note, since `--data` may name its folder at run time."""
    assert data.source is not None
    name = data.source.record.name
    folder = getattr(data.source.record, "folders", False)
    is_there = os.path.isdir if folder else os.path.isfile
    if name.startswith("cifar"):
        is_there = os.path.exists  # their archives will do
    what = WHAT.get(name, "records")
    for path in filter(None, map(data.source.arguments.get, ("path", *PARTS))):
        if find(path, data.span.source.path, is_there) is None:
            report(errors.missing_file(data.source.span, path, what))
