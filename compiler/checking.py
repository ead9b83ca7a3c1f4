"""What commands begin with: a spec checked, and what was found shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from .diagnostics import Diagnostic, to_json, to_text
from .options import Shared
from .read import read_source

if TYPE_CHECKING:
    from .pipeline import Checked


def checked_file(path: str, settings: Sequence[str] = ()) -> Checked:
    """A file, or standard input for `-`, as far as it can be checked."""
    from .pipeline import Checked, check
    from .source import Source

    found: list[Diagnostic] = []
    source = read_source(path, found.append)
    if source is None:
        return Checked(Source(path, ""), tuple(found), None)
    return check(source, settings)


def show(found: Checked, to: Shared) -> None:
    """Show diagnostics: text goes to standard error, JSON to standard output."""
    for diagnostic in found.diagnostics:
        if not (to.quiet and diagnostic.severity != "error"):
            click.echo(to_text(diagnostic, to.colour) + "\n", err=True)


def json_line(found: Checked, **more: Any) -> str:
    """The object of a file for `--json`."""
    diagnostics = [to_json(each) for each in found.diagnostics]
    whole = {"file": found.source.path, "ok": found.ok, "diagnostics": diagnostics}
    return json.dumps(whole | more)
