"""Documents, and how they are laid out within a width.

A document is text, or a list of documents, or one of the classes below. A group is written on
one line if it fits; otherwise its own line breaks become new lines.
"""

from __future__ import annotations

from typing import Final, TypeAlias

WIDTH: Final = 100
INDENT: Final = 2


class Line:
    """A line break; in a group on one line it is `flat` instead."""

    __slots__ = ("flat", "lines")

    def __init__(self, flat: str, lines: int = 0) -> None:
        self.flat = flat
        self.lines = lines


class Remark:
    """A comment behind what is on the line; a new line must follow."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Broken:
    """Text that stands only where the group around it is broken."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Nest:
    """Indents the lines that start inside."""

    __slots__ = ("content",)

    def __init__(self, *content: Document) -> None:
        self.content = list(content)


class Group:
    """Written on one line if it fits and nothing inside forces a new line."""

    __slots__ = ("content", "forced")

    def __init__(self, *content: Document) -> None:
        self.content = list(content)
        self.forced = any(map(forces, content))


class Fill:
    """Short texts, as many on a line as fit."""

    __slots__ = ("texts",)

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts


Document: TypeAlias = "str | list[Document] | Line | Remark | Broken | Nest | Group | Fill"

SOFT: Final = Line("")
SPACE: Final = Line(" ")
NEW: Final = Line("", 1)
BLANK: Final = Line("", 2)


def forces(document: Document) -> bool:
    """Whether it cannot stand on one line."""
    match document:
        case Line():
            return document.lines > 0
        case Remark():
            return True
        case Group():
            return document.forced
        case Nest():
            return any(map(forces, document.content))
        case list():
            return any(map(forces, document))
    return False


def render(document: Document, width: int = WIDTH) -> str:
    """The text of a document, without spaces at line ends."""
    out: list[str] = []
    column = 0
    margin = 0
    stack: list[tuple[int, bool, Document]] = [(0, True, document)]
    while stack:
        indent, broken, part = stack.pop()
        match part:
            case str():
                if column == 0 and part:
                    out.append(" " * margin)
                    column = margin
                out.append(part)
                column += len(part)
            case list():
                stack += [(indent, broken, each) for each in reversed(part)]
            case Line():
                if broken:
                    out.append("\n" * max(part.lines, 1))
                    column, margin = 0, indent
                else:
                    out.append(part.flat)
                    column += len(part.flat)
            case Remark():
                out.append(f"  {part.text}")
            case Broken():
                if broken:
                    stack.append((indent, broken, part.text))
            case Nest():
                stack.append((indent + INDENT, broken, part.content))
            case Group():
                room = width - max(column, margin if column == 0 else 0)
                flat = not part.forced and _fits(part, room, stack)
                stack.append((indent, not flat, part.content))
            case Fill():
                for number, text in enumerate(part.texts):
                    last = number == len(part.texts) - 1
                    piece = text if last else f"{text},"
                    if number and broken and column + 2 + len(piece) > width:
                        out.append("\n" + " " * indent)
                        column = indent
                    elif number:
                        out.append(" ")
                        column += 1
                    elif column == 0:
                        out.append(" " * margin)
                        column = margin
                    out.append(piece)
                    column += len(piece)
    return "".join(out)


def _fits(group: Group, room: int, after: list[tuple[int, bool, Document]]) -> bool:
    """Whether a group and what follows it up to the next possible new line fit on one line.

    Groups that follow may still break, so their first line break is such a place.
    """
    waiting: list[tuple[bool, Document]] = [(False, group.content)]
    left = len(after)
    while room >= 0:
        if waiting:
            broken, part = waiting.pop()
        elif left:
            left -= 1
            _, broken, part = after[left]
        else:
            return True
        match part:
            case str():
                room -= len(part)
            case list():
                waiting += [(broken, each) for each in reversed(part)]
            case Line():
                if broken:
                    return True
                room -= len(part.flat)
            case Remark():
                return True
            case Broken():
                room -= len(part.text) if broken else 0
            case Nest():
                waiting.append((broken, part.content))
            case Group():
                waiting.append((broken, part.content))
            case Fill():
                room -= sum(map(len, part.texts)) + 2 * len(part.texts) - 2
    return False
