"""Loops and branches in Python: their first lines, and the numbers that turns change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .. import ir, opened
from ..dims import Dim
from .text import quote

# A name; what stands behind `math.` is none of ours.
WORD = re.compile(r"(?<![\w@])(?<!\bmath\.)[A-Za-z_][\w@]*")


def branches(condition: str, opposite: str, then: list[str], otherwise: list[str]) -> list[str]:
    """`if … else …` of statements; a branch without any is left out."""
    if not then and not otherwise:
        return []
    one = _appended(condition, then, otherwise)
    if one:
        return [one]
    if not then:
        return [f"if {opposite}:", *indented(otherwise)]
    rest = ["else:", *indented(otherwise)] if otherwise else []
    return [f"if {condition}:", *indented(then), *rest]


def _appended(condition: str, then: list[str], otherwise: list[str]) -> str:
    """Two branches that append one layer each to one list, as one statement."""
    if len(then) != 1 or len(otherwise) != 1:
        return ""
    matches = [re.fullmatch(r"([\w.]+)\.append\((.*)\)", each[0]) for each in (then, otherwise)]
    if not all(matches):
        return ""
    (first, one), (second, other) = (match.groups() for match in matches if match)
    if first != second or isinstance(ast.parse(one, mode="eval").body, ast.IfExp):
        return ""
    return f"{first}.append({one} if {condition} else {other})"


def indented(lines: Iterable[str]) -> list[str]:
    """One level deeper."""
    return ["    " + line.replace("\n", "\n    ") for line in lines]


def words(*codes: str) -> set[str]:
    """The names in code."""
    return {word for code in codes for word in WORD.findall(code)}


def numbers(network: ir.Network) -> frozenset[str]:
    """What loops and branches of a constructor bind: what they go over, and sizes they change."""
    found: set[str] = set()
    for step in ir.every(network.steps):
        if isinstance(step, ir.Turns):
            found |= {*step.names, *step.lets}
        if isinstance(step, ir.Turns | ir.Choice):
            found |= {word for word, *_ in step.sizes}
    return frozenset(found)


def counted(
    loop: ir.Turns, used: frozenset[str], atoms: opened.Atoms
) -> list[tuple[str, Any, Any]]:
    """The numbers of a loop that are used in or behind it, those that they need themselves too."""
    needed = {*used}
    found: list[tuple[str, Any, Any]] = []
    while True:
        more = [each for each in loop.sizes if each[0] in needed and each not in found]
        if not more:
            return [each for each in loop.sizes if each in found]
        found += more
        needed |= {name for each in more for name in opened.names(each[2], atoms)}
        needed |= {
            n for word in needed & {*loop.lets} for n in opened.names(loop.lets[word], atoms)
        }


def counted_lists(
    steps: tuple[ir.TypedStep, ...], used: frozenset[str]
) -> dict[int, tuple[int, ...]]:
    """The lists of tensors whose sizes a constructor has to know, and which axes of them."""
    found: dict[int, tuple[int, ...]] = {}
    for step in ir.every(steps):
        if isinstance(step, ir.ListStep):
            axes = tuple(axis for axis, word in step.sizes if word in used)
            known = found.get(id(step.handle), ())
            found[id(step.handle)] = tuple(sorted({*known, *axes}))
    return found


def header(loop: ir.Turns, used: set[str]) -> tuple[str, str]:
    """What stands between `for` and `in`, and behind it, without what the body does not use."""
    over = loop.over
    names = iter(loop.names)
    target = _target(loop.target, names, used)
    if over.operator == "enumerate" and isinstance(target, tuple) and target[0] == "_":
        inner = over.operands[0]
        return _shown(target[1]), opened.written(inner)
    return _shown(target), opened.written(over)


def made_by(loop: ir.Turns, used: set[str]) -> tuple[str, str]:
    """The same in a constructor, where the numbers of entries that nothing reads are a range."""
    target, over = header(loop, used)
    inner = loop.over.operands[0] if loop.over.operator == "enumerate" else None
    if target.endswith(", _") and isinstance(inner, ir.Open) and not inner.operands:
        return target.removesuffix(", _"), f"range(len({opened.written(inner)}))"
    return target, over


def _target(target: Any, names: Iterator[str], used: set[str]) -> Any:
    if isinstance(target, tuple):
        return tuple(_target(each, names, used) for each in target)
    if target.name == "_":
        return "_"
    word = next(names)
    return word if word in used else "_"


def _shown(target: Any) -> str:
    if not isinstance(target, tuple):
        return str(target)
    if set(_flat(target)) == {"_"}:
        return "_"
    parts = [f"({_shown(each)})" if isinstance(each, tuple) else str(each) for each in target]
    return ", ".join("_" if part == "(_)" else part for part in parts)


def _flat(target: Any) -> Iterator[str]:
    if isinstance(target, tuple):
        for each in target:
            yield from _flat(each)
    else:
        yield target


def looped(
    loop: ir.Turns,
    lines: list[str],
    atoms: opened.Atoms,
    used: frozenset[str],
    before: Iterable[str] = (),
) -> list[str]:
    """The loop around its statements, with the numbers that they need, which `before` may too."""
    sizes = counted(loop, used, atoms)
    if not lines and not sizes:
        return [*before]
    sizes = [each for each in sizes if not _same(each[0], each[1]) or not _same(each[0], each[2])]
    steps = [f"{word} = {bare(then)}" for word, _, then in sizes if not _same(word, then)]
    for word, value in reversed([*loop.lets.items()]):
        both = named_by(word, value, [*lines, *steps])
        lines, steps = both[: len(lines)], both[len(lines) :]
    first = said_first(loop, words(*lines, *steps))
    target, over = made_by(loop, words(*lines, *steps, *first))
    starts = [f"{word} = {bare(start)}" for word, start, _ in sizes]
    return [
        *starts,
        *before,
        f"for {target} in {over}:",
        *indented([*first, *lines, *map(shorter, _together(steps))]),
    ]


def named_by(word: str, value: Any, state: list[str]) -> list[str]:
    """Statements in which a size that stands there more than once goes by the author's name."""
    if not isinstance(value, Dim):
        return state
    code = re.escape(bare(value))
    # In brackets of its own, or between those of a call.
    found = re.compile(rf"(?<![\w)\]])\({code}\)|(?:(?<=[(=])|(?<=, )|(?<= = )){code}(?=[,)]|$)")
    often = sum(len(found.findall(line)) for line in state)
    return [found.sub(word, line) for line in state] if often > 1 else state


def said_first(loop: ir.Turns, used: set[str]) -> list[str]:
    """The values that have names in a turn, as far as something uses them."""
    found: list[str] = []
    for word, value in reversed([*loop.lets.items()]):
        if word in used | words(*found):
            found.insert(0, f"{word} = {bare(value)}")
    return found


def bare(value: Any) -> str:
    """A value as the right side of an assignment: without brackets around it."""
    code = quote(value)
    if not (isinstance(value, Dim) and code in value.names and code.startswith("(")):
        return code
    depth = 0
    for place, each in enumerate(code):
        depth += (each == "(") - (each == ")")
        if not depth:
            return code[1:-1] if place == len(code) - 1 else code
    return code


def shorter(step: str) -> str:
    """A number that goes on from itself: `channels += growth`."""
    word, _, code = step.partition(" = ")
    if not code.startswith(f"{word} + "):
        return step
    first = ast.parse(code, mode="eval").body
    while isinstance(first, ast.BinOp) and isinstance(first.op, ast.Add | ast.Sub):
        first = first.left
    # What binds looser than a sum is no sum.
    return f"{word} += {code[len(word) + 3 :]}" if isinstance(first, ast.Name) else step


def _same(word: str, then: Any) -> bool:
    return isinstance(then, Dim) and str(then) == word


def _together(steps: list[str]) -> list[str]:
    """Numbers that a turn changes; where one needs what another was, all at once."""
    left = [each.partition(" = ")[0] for each in steps]
    right = [each.partition(" = ")[2] for each in steps]
    for place, code in enumerate(right):
        if words(code) & set(left[:place]):
            return [f"{', '.join(left)} = {', '.join(right)}"]
    return steps
