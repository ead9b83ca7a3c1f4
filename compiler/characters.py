"""Characters that a line of code does not show as they are, and strings in which they are escaped.

Which those are is fixed here, not asked of Python, so that each version of it writes the same.
"""

from __future__ import annotations

import re

# Controls, spaces that look like others, marks that join, turn around or are not seen at all,
# ends of lines, halves of pairs, and what Unicode leaves to others or to nobody.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ud800-\uf8ff\ufdd0-\ufdef"
    "\ufeff\uffa0\ufff0-\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escaped(text: str) -> str:
    """The text with escapes of Python's for what is hidden, and for the backslash."""
    return HIDDEN.sub(_escape, text.replace("\\", "\\\\"))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in SHORT:
        return SHORT[match[0]]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def literal(text: str) -> str:
    """A string as Python writes it, in the quotes that need fewer escapes."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    return mark + escaped(text).replace(mark, f"\\{mark}") + mark


def on_one_line(text: str) -> str:
    """Text for a comment or a docstring, of which it can end neither."""
    return escaped(text).replace('"""', "'''")
