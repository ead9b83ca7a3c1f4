"""The files that a spec imports, read and parsed, also those that these import."""

from __future__ import annotations

import os

from . import tree
from .diagnostics import Report
from .errors import imports as errors
from .parse import parse
from .read import Unreadable, read_source

MOST = 1_000


def imported(spec: tree.Spec, report: Report) -> dict[str, tree.Spec]:
    """Every imported file by its path; one that cannot be had is reported and left out."""
    home = os.path.dirname(spec.source.path)
    found: dict[str, tree.Spec] = {}
    open_files: list[str] = [os.path.normpath(spec.source.path)]

    def load(here: tree.Spec) -> None:
        for node in here.declarations:
            if not isinstance(node, tree.Import):
                continue
            given = node.path.value
            path = os.path.normpath(os.path.join(os.path.dirname(here.source.path), given))
            if path in open_files:
                report(errors.import_circle(node.path.span, given))
            elif path not in found and len(found) < MOST:
                other = _read(node, path, home, report)
                if other is not None:
                    open_files.append(path)
                    load(other)
                    open_files.pop()
                    found[path] = other

    load(spec)
    return found


def _read(node: tree.Import, path: str, home: str, report: Report) -> tree.Spec | None:
    given, span = node.path.value, node.path.span
    below = os.path.realpath(home or ".")
    inside = os.path.commonpath([below, os.path.realpath(path)]) == below
    if os.path.isabs(given) or not inside or "\0" in given:
        report(errors.import_outside(span, given))
        return None
    try:
        source = read_source(path, report)
    except Unreadable as why:
        report(errors.import_unread(span, given, why.message))
        return None
    return None if source is None else parse(source, report)
