"""Pages of D01..: text that is no spec."""

from __future__ import annotations

from .page import linear, page

PAGES = (
    page(
        "D0100",
        "This file is no spec",
        """The file is empty, too large, or no text in UTF-8. A spec is a text file with at least
        one declaration: `data`, `model`, `block`, `train`, …""",
        "# nothing yet\n",
        ("# nothing yet\n", linear("x -> Linear(4)")),
    ),
    page(
        "D0101",
        "Something else stands here than the grammar allows",
        """The message names what was found and what could stand there. Statements start with a
        name or a word of the language and end by themselves: there are no semicolons, no colons
        before a body, and line breaks do not matter.""",
        linear("x -> Linear(4)").replace("Net {", "Net = {"),
        ("Net = {", "Net {"),
    ),
    page(
        "D0102",
        "A character that has no place here",
        """Names have ASCII letters, digits and `_`. Strings stand in double quotes and end on
        their line. Comments begin with `#` and may hold any text.""",
        "param λ = 0.1\n\n" + linear("x -> Linear(4)"),
        ("λ", "rate"),
    ),
    page(
        "D0103",
        "A character that nobody sees",
        """Some characters are invisible, or turn the direction of the text around: a file with
        them can read like another one than it is. They often come along when text is copied from
        a web page. In strings they can be written as escapes.""",
        "# a\u200bb\n" + linear("x -> Linear(4)"),
        ("\u200b", ""),
    ),
    page(
        "D0104",
        "A number runs into a name",
        """`3x` is neither a number nor a name: write the operator between them. Numbers are
        decimal: `255`, `1e-3`, `.5`, `1_000`.""",
        "param width = 2x\n\n" + linear("x -> Linear(4)"),
        ("2x", "2 * 4"),
    ),
    page(
        "D0105",
        "A bracket is closed by one of another kind",
        """What was opened by `(` is closed by `)`, `[` by `]` and `{` by `}`, the innermost
        first. The message shows both places.""",
        linear("x -> Linear(4]"),
        ("Linear(4]", "Linear(4)"),
    ),
    page(
        "D0106",
        "A bracket is never closed",
        """The message shows the bracket that is still open where the file, or what it stands in,
        ends. What is missing belongs somewhere between the two.""",
        linear("x -> Linear(4"),
        ("Linear(4", "Linear(4)"),
    ),
    page(
        "D0107",
        "Nested too deeply",
        """Brackets within brackets are allowed up to a depth that no person writes. Bind inner
        parts to names first.""",
        f"param width = {'(' * 101}4{')' * 101}\n\n" + linear("x -> Linear(4)"),
        ("(" * 101 + "4" + ")" * 101, "4"),
    ),
    page(
        "D0108",
        "An escape that a string does not know",
        r"""Strings have Python's escapes: `\n`, `\t`, `\"`, `\\`, `\u00e9`. A lone backslash is
        written twice.""",
        'param folder = "c:\\users"\n\n' + linear("x -> Linear(4)"),
        ("c:\\users", "c:/users"),
    ),
)
