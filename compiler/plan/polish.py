"""Statements of `forward` that are shorter together: lists in one expression, sizes on the spot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..lines import WIDTH
from .headers import words
from .text import Line, exchanged, named

BEGUN = re.compile(r"(\w+)(?:: list\[Tensor\])? = \[(.*)\]")
LOOP = re.compile(r"(for .+ in .+):")
SIZE = re.compile(r"(\w+) = ((\w+)\.shape\[\d+\])")
GIVEN = re.compile(r"(\w+) = (.+)")


def gathered(lines: Sequence[Line], indent: int) -> list[Line]:
    """Loops that do nothing but fill a list become what the list is made of: `[f(x) for …]`."""
    found: list[Line] = []
    place = 0
    while place < len(lines):
        size = _body(lines, place)
        end = place + 1 + size
        made = _comprehension(found, lines[place:end], lines[end:]) if size else None
        if made is not None and indent + 4 * made.level + len(made.code) <= WIDTH:
            if found[-1].code.endswith(" = []"):
                found.pop()
            found.append(made)
            place = end
            continue
        found.append(lines[place])
        place += 1
    return found


def _body(lines: Sequence[Line], place: int) -> int:
    """How many statements a loop has that begins here."""
    if not LOOP.fullmatch(lines[place].code):
        return 0
    size = 0
    while place + 1 + size < len(lines) and lines[place + 1 + size].level > lines[place].level:
        size += 1
    return size


def _comprehension(
    before: Sequence[Line], loop: Sequence[Line], after: Sequence[Line]
) -> Line | None:
    """What a list begins with, and a loop, as one statement; None where the loop does more."""
    begun = BEGUN.fullmatch(before[-1].code) if before else None
    if begun is None or before[-1].level != loop[0].level or len(loop) > 3:
        return None
    name, first = begun.groups()
    *made, last = loop[1:]
    value = last.code.removeprefix(f"{name}.append(")[:-1]
    if last.code != f"{name}.append({value})" or name in named(value):
        return None
    if made:
        given = GIVEN.fullmatch(made[0].code)
        if given is None or not _stands(given[2]) or named(value).count(given[1]) != 1:
            return None
        if given[1] in named(given[2]) or _is_read(given[1], after):
            return None
        value = exchanged(given[1], given[2], value)
    told = next((each for each in loop[1:] if each.mark), last)
    code = f"[{value} {loop[0].code[:-1]}]"
    code = f"{name} += {code}" if first else f"{name} = {code}"
    return replace(told, code=code, note="", level=loop[0].level)


def _stands(code: str) -> bool:
    """Whether an expression keeps its meaning wherever a name can stand."""
    kinds = ast.Call | ast.Subscript | ast.Name | ast.Attribute
    return isinstance(ast.parse(code, mode="eval").body, kinds)


def _is_read(name: str, lines: Iterable[Line]) -> bool:
    """Whether a variable is read before it is given another value."""
    for line in lines:
        names = [node for node in ast.walk(_parsed(line.code)) if isinstance(node, ast.Name)]
        found = [node.ctx for node in names if node.id == name]
        if found:
            return line.level > 0 or any(isinstance(each, ast.Load) for each in found)
    return False


def on_the_spot(sizes: Sequence[Line], lines: Sequence[Line], indent: int) -> list[Line]:
    """Sizes read off inputs, and a body: a size that is used once stands where it is used."""
    kept = []
    body = [*lines]
    for each in sizes:
        read = SIZE.fullmatch(each.code)
        place = _only_use(read[1], read[3], body) if read else None
        if read is not None and place is not None:
            line = body[place]
            code = exchanged(read[1], read[2], line.code)
            if indent + 4 * line.level + len(code) <= WIDTH or "\n" in code:
                body[place] = replace(line, code=code)
                continue
        kept.append(each)
    return [*kept, *body]


def _only_use(word: str, source: str, lines: Sequence[Line]) -> int | None:
    """The statement that alone names a size, if the input still is what it was there."""
    found = None
    changed = False
    for place, line in enumerate(lines):
        tree = _parsed(line.code)
        uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        often = sum(node.id == word for node in uses)
        if often > 1 or (often and found is not None):
            return None
        if often:
            if changed:
                return None
            found = place
        changes = any(node.id == source and isinstance(node.ctx, ast.Store) for node in uses)
        # In a loop the next turn would see what this one changes.
        if changes and found is not None and lines[found].level:
            return None
        changed |= changes
    return found


def _parsed(code: str) -> ast.AST:
    whole = f"{code} pass" if code.endswith(":") else code
    return ast.parse(f"if x:\n    pass\n{whole}" if code.startswith(("else", "elif")) else whole)


def shortened(state: list[str], axes: Mapping[str, str], told: Iterable[str]) -> list[str]:
    """Statements of a constructor, a size that breaks a line under the name of the axis it is."""
    known = {*told}
    for size, axis in axes.items():
        if size.isidentifier() or not {*named(size)} <= known or axis in words(*state) | known:
            continue
        wide = [line for line in state if size in line and len(line) + 8 > WIDTH]
        if wide and all(len(line.replace(size, axis)) + 8 <= WIDTH for line in wide):
            state = [f"{axis} = {size}", *(line.replace(size, axis) for line in state)]
    return state
