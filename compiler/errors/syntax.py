"""D01..: text that is no spec."""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label
from ..source import Span
from .habits import HABITS, hints

SOFT = {"PARAM", "FUNCTION", "DATA", "BLOCK", "MODEL", "EXTERN", "TRAIN", "PREDICT", "EXPECT"}
SOFT |= {"SWEEP", "FROM", "IMPORT", "ON", "STEP", "UPDATES", "EVERY", "COPY", "EMA", "WITHIN", "OF"}
SOFT |= {"MAXIMIZE", "MINIMIZE"}
SIGNS = {
    "ON": "`on`",
    "OF": "`of`",
    "IN": "`in`",
    "UPDATES": "`updates`",
    "EVERY": "`every`",
    "EMA": "`ema`",
    "IMPORT": "`import`",
    "FROM": "`from`",
    "STRING": "a string in double quotes",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "LBRACE": "`{`",
    "COMMA": "`,`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "LSQB": "`[`",
    "ELSE": "`else`",
}
TYPESET = dict.fromkeys("\u201c\u201d\u2018\u2019", '"') | dict.fromkeys("\u00d7\u00b7", "*")
TYPESET |= {"\u2212": "-", "\u00f7": "/", "\u2264": "<=", "\u2265": ">=", "\u2260": "!="}
TYPESET |= dict.fromkeys("\u2192\u27f6\u21d2", "->")
SMALLEST = "model Line {\n  input x: f32[N, 1]\n  output y: f32[N, 1] = x -> Linear(1)\n}"


def unreadable(span: Span, why: str, help: str) -> Diagnostic:
    """The file's bytes are no text of a spec."""
    return Diagnostic("D0100", f"this file is no spec: {why}", span, help=(help,))


def empty(span: Span) -> Diagnostic:
    """Nothing but space and comments."""
    return Diagnostic(
        "D0100", "this spec is empty", span, help=(f"the smallest model is\n{SMALLEST}",)
    )


def foreign_word(span: Span) -> Diagnostic:
    """A keyword of another language."""
    word = span.text
    return Diagnostic(
        "D0101",
        f"`{word}` has no meaning here",
        span,
        help=(HABITS[word],),
        values={"found": word},
    )


def unexpected(
    span: Span, found: str, kind: str, expected: set[str], before: tuple[str, ...]
) -> Diagnostic:
    """A word of some kind that cannot stand where it stands, two words before it at most.

    The span is empty where the fault is that something is missing at the end of a line.
    """
    wanted = in_words(expected, kind)
    if not found:
        message = f"the file ends where {wanted} should stand"
    elif span.text:
        message = f"expected {wanted}, but found `{_short(found)}`"
    else:
        message = f"expected {wanted} after `{_short(before[-1])}`, but found `{_short(found)}`"
    return Diagnostic(
        "D0101",
        message,
        span,
        help=tuple(hints(found, kind, expected, before)),
        values={"found": found, "expected": wanted},
    )


def is_missing(expected: set[str]) -> bool:
    """Whether a statement is unfinished: nothing new could start here."""
    starts = expected & {"MODEL", "FOR", "TRUE", "MAXIMIZE"} and "NUMBER" not in expected
    return not starts


def unknown_character(span: Span) -> Diagnostic:
    """A character that no word of the language starts with, and the rest of its line."""
    rest = span.text
    first = Span(span.source, span.start, span.start + 1)
    text = first.text
    if text == '"':
        message, help, first = "this string does not end on its line", 'close it with `"`', span
    elif text == "'":
        end = rest.find("'", 1) + 1
        inside = rest[1 : end - 1] if end else rest[1:]
        first = Span(span.source, span.start, span.start + (end or 1))
        message, help = "strings have double quotes", f'write `"{inside}"`' if end else 'write `"`'
    elif text in "&|":
        length = 2 if rest[1:2] in (text, ">") else 1
        first = Span(span.source, span.start, span.start + length)
        word = "->" if first.text == "|>" else "and" if text == "&" else "or"
        message, help = f"`{first.text}` is no operator here", f"write `{word}`"
    elif text == "!":
        message, help = "`!` is no operator here", "write `not`, or `!=` to compare"
    elif text == "?":
        message, help = "`?` is no operator here", "write `if a { b } else { c }`"
    elif text in TYPESET:
        message, help = f"`{text}` has no place in a spec", f"write `{TYPESET[text]}`"
    elif text == ";":
        message, help = "`;` has no place in a spec", "line breaks end statements: leave it out"
    elif text.isalpha():
        message = f"names are written with ASCII letters, digits and `_`, not with `{text}`"
        help = "choose an ASCII name; strings and comments may hold any text"
    else:
        message, help = f"{_named(text)} has no place in a spec", "remove it"
    return Diagnostic("D0102", message, first, help=(help,), values={"found": text})


def hidden_character(span: Span) -> Diagnostic:
    """A character that makes text look like other text."""
    return Diagnostic(
        "D0103",
        f"{_named(span.text)} is invisible and could make this file read like another",
        span,
        help=("remove it; in a string write it as an escape, such as `\\u200b`",),
        values={"character": f"U+{ord(span.text):04X}"},
    )


def number_runs_on(span: Span) -> Diagnostic:
    """`3x`."""
    number = span.text.rstrip("_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") or "3"
    name = span.text[len(number) :]
    based = span.text[:2].lower() in ("0x", "0b", "0o")
    help = f"write an operator between them: `{number} * {name}`"
    return Diagnostic(
        "D0104",
        f"`{_short(span.text)}` is neither a number nor a name",
        span,
        help=("numbers are decimal: `255`, `1e-3`, `1_000`" if based else help,),
    )


def wrong_bracket(span: Span, opened: Span, wanted: str) -> Diagnostic:
    """A closing bracket of another kind than the one that is open."""
    return Diagnostic(
        "D0105",
        f"`{span.text}` cannot close `{opened.text}`",
        span,
        label=f"expected `{wanted}`",
        others=(Label(opened, "opened here"),),
        help=(f"write `{wanted}` instead of `{span.text}`",),
    )


def bracket_left_open(opened: Span, end: Span, wanted: str) -> Diagnostic:
    """A bracket that is still open at `end`: another one closes there, or the text ends."""
    line = max(opened.line, end.line)
    where = f"before the `{end.text}` of line {line}" if end.text else f"by line {line}"
    return Diagnostic(
        "D0106",
        f"this `{opened.text}` is never closed",
        opened,
        label="opened here",
        help=(f"write the missing `{wanted}`, {where} at the latest",),
    )


def nested_too_deeply(span: Span, limit: int) -> Diagnostic:
    """Deeper than any reader follows."""
    return Diagnostic(
        "D0107",
        f"this is nested deeper than {limit} levels",
        Span(span.source, span.start, min(span.end, span.start + 1)),
        help=("bind the inner parts to names first: `inner = …`",),
        values={"limit": limit},
    )


def wrong_escape(span: Span) -> Diagnostic:
    """`"\\x4"`, an escape that has the wrong number of digits or names nothing."""
    return Diagnostic(
        "D0108",
        f"`{_short(span.text)}` is no escape",
        span,
        help=("write `\\\\` for a backslash; escapes are Python's: `\\n`, `\\t`, `\\u00e9`",),
    )


def in_words(expected: set[str], found: str) -> str:
    """What could stand somewhere, for people; the most telling things, three at most."""
    rest = expected - SOFT if "NAME" in expected else expected
    words = []
    if {"NAME", "NUMBER"} <= expected:
        words.append("a value")
        rest = rest & {"RPAR", "RSQB"}
    elif {"NAME", "TRUE"} <= expected:
        words.append("the next entry" if "RBRACE" in expected else "a name")
        rest = rest & {"EQUAL", "COLON", "LBRACE", "RBRACE"}
    elif {"NAME", "FOR"} <= expected:
        words.append("the next statement")
        rest = rest & {"EQUAL", "COLON", "LBRACE", "RBRACE"}
    elif "NAME" in expected:
        words.append("a name")
    elif {"MODEL", "TRAIN"} <= expected:
        words.append("the next declaration" if "PLUS" in expected else "a declaration")
        rest = set()
    if "WITHIN" in rest:
        words.append("a comparison such as `>= 0.9`")
        rest = set()
    elif {"PLUS", "STAR"} <= expected:
        rest = rest & {"COMMA", "LBRACE", "RBRACE", "RPAR", "RSQB", "OF", "COLON"}
        if found in ("NAME", "NUMBER", "STRING"):
            words.insert(0, "an operator")
    words += [sign for kind, sign in SIGNS.items() if kind in rest]
    *first, last = words[:3] or ["an operator"]
    return f"{', '.join(first)} or {last}" if first else last


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}…"


def _named(character: str) -> str:
    """A character's code and name."""
    from unicodedata import name

    code = f"U+{ord(character):04X}"
    label = name(character, "a control character" if ord(character) < 160 else "").lower()
    return f"the character {code} ({label})" if label else f"the character {code}"
