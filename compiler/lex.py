"""Text → words, and whether the brackets among them match."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .build import wrong_escape
from .diagnostics import Diagnostic, Report
from .errors import syntax as errors
from .source import Source, Span
from .table import Table
from .tree import Comment

DEEPEST = 100
MOST_FAULTS = 20
MOST_WORDS = 1_000_000
OPEN = {"(": ")", "[": "]", "{": "}"}
CLOSE = {closing: opening for opening, closing in OPEN.items()}
HIDDEN = re.compile(
    "[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
REST_OF_LINE = re.compile(r"[^\n]*")


class Token:
    """A word of the text; `kind` is the grammar's name for it."""

    __slots__ = ("end", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end


def lexer(table: Table) -> re.Pattern[str]:
    """The pattern of one word, space or comment; its group names the kind, signs have none."""
    signs = sorted((text for text in table.literals if not text[0].isalpha()), key=len)
    parts = [f"(?P<{kind}>{pattern})" for kind, pattern in table.patterns]
    return re.compile("|".join([*parts, *map(re.escape, reversed(signs))]), re.DOTALL)


def lex(
    source: Source, literals: dict[str, str], pattern: re.Pattern[str], report: Report
) -> tuple[list[Token], list[Comment]]:
    """The words and the comments; after a fault it goes on at the next line."""
    text = source.text
    tokens: list[Token] = []
    comments: list[Comment] = []
    faults = 0
    for hidden in HIDDEN.finditer(text):
        report(errors.hidden_character(Span(source, hidden.start(), hidden.end())))
        faults += 1
        if faults == MOST_FAULTS:
            return [], comments
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            end = REST_OF_LINE.match(text, position).end()  # type: ignore[union-attr]
            if not HIDDEN.match(text, position):
                report(errors.unknown_character(Span(source, position, end)))
                faults += 1
            if faults == MOST_FAULTS:
                return [], comments
            position = end
            continue
        start, position = match.span()
        kind = match.lastgroup
        if kind == "SPACE":
            continue
        word = match.group()
        if kind == "COMMENT":
            comments.append(Comment(word.rstrip(), start, position))
            continue
        if kind == "NUMBER" and text[position : position + 1].isalnum():
            end = re.compile(r"\w*").match(text, position).end()  # type: ignore[union-attr]
            report(errors.number_runs_on(Span(source, start, end)))
            faults += 1
        elif kind == "STRING" and (at := wrong_escape(word)):
            report(errors.wrong_escape(Span(source, start + at[0], start + at[1])))
            faults += 1
        if len(tokens) == MOST_WORDS:
            why = f"it has more than {MOST_WORDS:,} words"
            span = Span(source, start, position)
            report(errors.unreadable(span, why, "keep data in files of its own: `csv(…)`"))
            return [], comments
        tokens.append(Token(literals.get(word) or kind or word, word, start, position))
    return tokens, comments


def bracket_fault(source: Source, tokens: Iterable[Token], end: int) -> Diagnostic | None:
    """The first bracket that is closed wrongly, left open, or one too deep.

    One that closes nothing is no fault here: the parser finds it, or what led to it.
    """
    opened: list[Token] = []
    suspect: Token | None = None

    def span(token: Token) -> Span:
        return Span(source, token.start, token.end)

    for token in tokens:
        if token.kind == "STRING":
            continue
        if token.text in OPEN:
            opened.append(token)
            if len(opened) > DEEPEST:
                return errors.nested_too_deeply(span(token), DEEPEST)
        elif token.text in CLOSE:
            if not opened:
                return None
            last = opened[-1]
            if OPEN[last.text] != token.text:
                if any(OPEN[other.text] == token.text for other in opened):
                    return errors.bracket_left_open(span(last), span(token), OPEN[last.text])
                return errors.wrong_bracket(span(token), span(last), OPEN[last.text])
            opened.pop()
            if suspect is None and _outdented(source, last, token):
                suspect = last
    if not opened:
        return None
    last = suspect or opened[-1]
    return errors.bracket_left_open(span(last), Span(source, end, end), OPEN[last.text])


def _outdented(source: Source, opening: Token, closing: Token) -> bool:
    """Whether the closing bracket starts a line that stands left of the opening one's line."""
    line = source.line(source.line_of(closing.start))
    first = len(line) - len(line.lstrip())
    opening_line = source.line(source.line_of(opening.start))
    starts_line = first == source.place(closing.start)[1] - 1
    return starts_line and first < len(opening_line) - len(opening_line.lstrip())
