"""Comments that silence warnings: `# allow D0674` behind a line, or on a line of its own above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from . import tree
from .diagnostics import Diagnostic
from .errors import effects
from .parse import parse
from .record import Record
from .source import Source, Span

ALLOW = re.compile(r"#+\s*allow\s+(D\d{4}(?:\s*,\s*D\d{4})*)(?![^\s])", re.IGNORECASE)
CODE = re.compile(r"D\d{4}", re.IGNORECASE)
STATEMENTS = (
    *(tree.Bind, tree.Method, tree.Input, tree.Output, tree.Layer, tree.Weight, tree.Buffer),
    *(tree.Require, tree.Field, tree.Option, tree.Param, tree.Function, tree.Comparison),
    *(tree.Within, tree.Copy, tree.Search),
)
# A file that is not at hand, and the codes of what it would show.
MISSING = "D0517"
DATA = ("D032", "D033", "D066")


class Allowed:
    """One code that a comment allows on some lines; `used` when it has silenced a warning."""

    __slots__ = ("code", "lines", "span", "used")

    def __init__(self, code: str, lines: range, span: Span) -> None:
        self.code = code
        self.lines = lines
        self.span = span
        self.used = False


def silenced(found: Iterable[Diagnostic], source: Source, whole: bool) -> Iterator[Diagnostic]:
    """What is left of the diagnostics of a file and those that it imports, and idle comments.

    Errors and notes are never silenced. Unless all is `whole`, warnings may be missing yet, and
    idle comments are let pass; those of imported files are, for others may import them too.
    """
    said = list(found)
    sources = {each.span.source.path: each.span.source for each in said} | {source.path: source}
    every = {path: list(allowed(each)) for path, each in sources.items()}
    for each in said:
        line = each.span.line
        matching = [
            one
            for one in every.get(each.span.source.path, ())
            if each.severity == "warning" and one.code == each.code and line in one.lines
        ]
        for one in matching:
            one.used = True
        if not matching:
            yield each
    refused = {each.code for each in said if each.severity != "warning"}
    # Where the data are not at hand, what they would show is not known.
    unseen = DATA if MISSING in refused else ()
    idle = (one for one in every[source.path] if whole and not one.used)
    for one in idle:
        if one.code.startswith(unseen):
            continue
        why = "no such warning is given for that line"
        if one.code in refused:
            why = "it is no warning"
        yield effects.allow_idle(one.span, one.code, why)


def allowed(source: Source) -> Iterator[Allowed]:
    """The codes that a file's comments allow, with the lines for which they do.

    That is the line, and all of a statement that ends there, or begins there below a comment:
    so a comment stays right where the layout breaks a statement into lines.
    """
    if "allow" not in source.text.lower():
        return
    spec = parse(source, lambda fault: None)
    for comment in spec.comments if spec else ():
        match = ALLOW.match(comment.text)
        if match is None:
            continue
        line = source.line_of(comment.start)
        alone = source.line(line).lstrip().startswith("#")
        lines = _lines(spec, _below(source, line) if alone else line, alone)
        for code in CODE.finditer(match.group(1)):
            start = comment.start + match.start(1) + code.start()
            yield Allowed(code.group().upper(), lines, Span(source, start, start + len("D0000")))


def _below(source: Source, line: int) -> int:
    """The line under a comment that stands alone, and under other comments below it."""
    while line < len(source.starts):
        line += 1
        if not source.line(line).lstrip().startswith("#"):
            break
    return line


def _lines(spec: tree.Spec | None, line: int, first: bool) -> range:
    """A line, with the statement of which it is the first or the last."""
    for node in _statements(spec):
        start, end = node.span.line, node.span.source.line_of(node.span.end - 1)
        if line == (start if first else end):
            return range(start, end + 1)
    return range(line, line + 1)


def _statements(node: Any) -> Iterator[tree.Node]:
    """The statements of a file that hold no others, in order."""
    is_chain = isinstance(node, tree.Block) and not isinstance(node.body, tree.Body)
    if is_chain or isinstance(node, STATEMENTS):
        yield node
    elif isinstance(node, Record) and not isinstance(node, Source):
        for field in type(node)._fields:
            yield from _statements(getattr(node, field))
    elif isinstance(node, tuple):
        for part in node:
            yield from _statements(part)
