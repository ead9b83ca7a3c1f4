"""Modules that a constructor chooses by a condition, where one line is too short for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from ..lines import fitted

PASS = "nn.Identity()"
DEPTH = 8  # of a constructor's statements
WIDTH = 88
HELD = re.compile(r"( *)(self\.\w+) = (.+)")
APPENDED = re.compile(r"( *)([\w.]+\.append)\((.+)\)")


def chosen(state: list[str], opposite: Mapping[str, str]) -> list[str]:
    """The statements of a constructor, with choices as branches where those are shorter.

    What is `nn.Identity()` else is so first, also where that is no line less. `opposite` tells the
    negation of a condition.
    """
    made = [match[2] for line in state if (match := HELD.fullmatch(line))]
    found: list[str] = []
    place = 0
    while place < len(state):
        line, rest = state[place], state[place + 1 :]
        place += 1
        parts = _parts(line) if DEPTH + len(line) > WIDTH else None
        if parts is None:
            found.append(line)
            continue
        pad, head, tail, (then, condition, otherwise) = parts
        if tail:
            also = _also(rest, f"{pad}if {condition}:", pad)
            before = [line, *rest[: len(also) + bool(also)]]
            ways = [
                f"{pad}if {condition}:",
                f"{pad}    {head}{then}{tail}",
                *also,
                f"{pad}else:",
                f"{pad}    {head}{otherwise}{tail}",
            ]
            if _height(ways) < _height(before) + bool(also):
                found += ways
                place += len(before) - 1
                continue
        elif PASS in (then, otherwise) and made.count(head) == 1:
            turned = opposite.get(condition, f"not ({condition})")
            ways = [
                f"{pad}{head}: nn.Module = {PASS}",
                f"{pad}if {condition if otherwise == PASS else turned}:",
                f"{pad}    {head} = {then if otherwise == PASS else otherwise}",
            ]
            if _height(ways) <= _height([line]):
                found += ways
                continue
        found.append(line)
    return found


def _also(rest: list[str], head: str, pad: str) -> list[str]:
    """What the next statement does, where it is a branch of the same condition without `else`."""
    if not rest or rest[0] != head:
        return []
    body = list(takewhile(lambda line: line.startswith(f"{pad}    "), rest[1:]))
    return [] if rest[len(body) + 1 : len(body) + 2] == [f"{pad}else:"] else body


def _parts(line: str) -> tuple[str, str, str, tuple[str, str, str]] | None:
    """What stands before a choice and behind it, and the choice itself: its two sides."""
    for form, end in ((APPENDED, ")"), (HELD, "")):
        match = form.fullmatch(line)
        if match is None or "\n" in line:
            continue
        sides = _sides(match[3])
        if sides is not None:
            return match[1], match[2] + ("(" if end else ""), end, sides
    return None


def _sides(code: str) -> tuple[str, str, str] | None:
    """Both sides of a conditional expression, with its condition between them."""
    try:
        whole = ast.parse(code, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(whole, ast.IfExp):
        return None
    first, between, last = (
        ast.get_source_segment(code, each) or "" for each in (whole.body, whole.test, whole.orelse)
    )
    return first, between, last


def _height(lines: Iterable[str]) -> int:
    """How many lines they are where none is too long."""

    def every() -> Iterator[str]:
        for line in lines:
            yield from fitted(" " * DEPTH + line).split("\n")

    return len(list(every()))
