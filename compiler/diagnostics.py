"""A diagnostic is a record; here it becomes text for people and JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .source import Span

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Label:
    """A further place and what is to be seen there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault: where, what, why, and what to write instead.

    `message` stands alone, `label` is about the place, `notes` are facts, `help` is something
    to type, `values` are the facts for programs.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    others: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    severity: str = "error"


Report: TypeAlias = Callable[[Diagnostic], None]

CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), 127)}
COLOURS = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[1;36m"}
PLAIN = "\033[0m"
WIDEST = 160


def shown(text: str) -> str:
    """Text of the author's for a terminal: control characters and bidi marks escaped."""
    text = text.expandtabs(4).translate(CONTROL)
    return "".join(
        character if character.isprintable() else f"\\u{ord(character):04x}" for character in text
    )


def to_json(diagnostic: Diagnostic) -> dict[str, object]:
    """The object that `--json` prints for one diagnostic."""
    span = diagnostic.span
    line, column = span.source.place(span.start)
    end_line, end_column = span.source.place(span.end)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "notes": [
            *(f"line {at.span.line}: {at.text}" for at in diagnostic.others),
            *diagnostic.notes,
        ],
        "help": list(diagnostic.help),
        "values": dict(diagnostic.values),
    }


def to_text(diagnostic: Diagnostic, colour: bool = False) -> str:
    """The diagnostic as a terminal shows it, with excerpts of the source."""
    source = diagnostic.span.source
    line, column = source.place(diagnostic.span.start)
    places = [(diagnostic.span, diagnostic.label), *((a.span, a.text) for a in diagnostic.others)]
    width = max(len(str(span.line)) for span, _ in places)
    paint = COLOURS[diagnostic.severity] if colour else ""
    reset = PLAIN if colour else ""
    out = [
        f"{paint}{diagnostic.severity}[{diagnostic.code}]{reset}: {shown(diagnostic.message)}",
        f"{' ' * width}--> {source.path}:{line}:{column}",
    ]
    last = None
    for span, label in sorted(places, key=lambda place: place[0].start):
        if last is not None and span.line > last + 1:
            out.append("...")
        out += _excerpt(span, label, width, paint, reset, again=span.line == last)
        last = span.line
    out += [f"note: {shown(note)}" for note in diagnostic.notes]
    for text in diagnostic.help:
        first, *more = text.split("\n")
        out.append(f"help: {shown(first)}")
        out += [f"      {shown(each)}" for each in more]
    return "\n".join(out)


def _excerpt(span: Span, label: str, width: int, paint: str, reset: str, again: bool) -> list[str]:
    number, column = span.source.place(span.start)
    text = span.source.line(number)
    length = max(1, min(span.end, span.start + len(text) - column + 1) - span.start)
    cut = max(0, column - 60) if len(text) > WIDEST else 0
    before = shown(text[cut : column - 1])
    marked = shown(text[column - 1 : column - 1 + length]) or " "
    line = shown(text[cut : cut + WIDEST])
    marks = "^" * min(len(marked), WIDEST)
    shown_line = [] if again else [f"{number:>{width}} | {line}".rstrip()]
    return [
        *shown_line,
        f"{' ' * width} | {' ' * len(before)}{paint}{marks}{reset} {label}".rstrip(),
    ]
