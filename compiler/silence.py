"""Comments that silence warnings: `# allow D0674` behind a line, or on a line of its own above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .diagnostics import Diagnostic
from .errors import effects
from .source import Source, Span

# A string comes first, so that what stands in it is no comment.
WORDS = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*', re.DOTALL)
ALLOW = re.compile(r"#+\s*allow\s+(D\d{4}(?:\s*,\s*D\d{4})*)(?![^\s])", re.IGNORECASE)
CODE = re.compile(r"D\d{4}", re.IGNORECASE)


class Allowed:
    """One code that a comment allows on one line; `used` when it has silenced a warning."""

    __slots__ = ("code", "line", "span", "used")

    def __init__(self, code: str, line: int, span: Span) -> None:
        self.code = code
        self.line = line
        self.span = span
        self.used = False


def silenced(
    found: Iterable[Diagnostic], source: Source, whole: bool
) -> Iterator[Diagnostic]:
    """What is left of the diagnostics of a file and those that it imports, and idle comments.

    Errors and notes are never silenced. Unless all is `whole`, warnings may be missing yet, and
    comments that silence nothing are let pass.
    """
    said = list(found)
    sources = {each.span.source.path: each.span.source for each in said} | {source.path: source}
    every = {path: list(allowed(each)) for path, each in sources.items()}
    for each in said:
        line = each.span.line
        matching = [
            one
            for one in every.get(each.span.source.path, ())
            if each.severity == "warning" and (one.code, one.line) == (each.code, line)
        ]
        for one in matching:
            one.used = True
        if not matching:
            yield each
    refused = {each.code for each in said if each.severity != "warning"}
    for one in (one for many in every.values() for one in many if whole and not one.used):
        why = "no such warning is given for that line"
        if one.code in refused:
            why = "it is no warning"
        yield effects.allow_idle(one.span, one.code, why)


def allowed(source: Source) -> Iterator[Allowed]:
    """The codes that a file's comments allow, with the lines for which they do."""
    if "allow" not in source.text.lower():
        return
    for word in WORDS.finditer(source.text):
        match = ALLOW.match(word.group())
        if match is None:
            continue
        line = source.line_of(word.start())
        if source.line(line).lstrip().startswith("#"):
            line = _below(source, line)
        for code in CODE.finditer(match.group(1)):
            start = word.start() + match.start(1) + code.start()
            yield Allowed(code.group().upper(), line, Span(source, start, start + len("D0000")))


def _below(source: Source, line: int) -> int:
    """The line under a comment that stands alone, and under other comments below it."""
    while line < len(source.starts):
        line += 1
        if not source.line(line).lstrip().startswith("#"):
            break
    return line
