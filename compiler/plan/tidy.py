"""Names of numbers that loops change: as few as needed, and numbered only where there are more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from .. import ir, opened
from .chosen import chosen
from .coalesce import coalesced, renamed
from .headers import words
from .text import Line


def tidied(network: ir.Network, state: list[str], lines: list[Line]) -> list[str]:
    """The statements of a constructor; the comments of `forward` are changed alike."""
    opposite = _opposites(network)
    return chosen(_named(network, state, lines, opposite), opposite)


def _named(
    network: ir.Network, state: list[str], lines: list[Line], opposite: Mapping[str, str]
) -> list[str]:
    counted: dict[str, None] = {}
    kept: set[str] = set()
    for step in ir.every(network.steps):
        if isinstance(step, ir.Turns):
            counted |= dict.fromkeys(word for word, *_ in step.sizes)
            # Of a block that is typed within its caller: such names no text has.
            counted |= dict.fromkeys(word for word in step.names if "@" in word)
            kept |= {word for word in step.names if "@" not in word}
        elif isinstance(step, ir.Choice):
            counted |= dict.fromkeys(word for word, *_ in step.sizes)
        elif isinstance(step, ir.ListStep):
            counted |= dict.fromkeys(word for _, word in step.sizes)
    if not counted:
        return state
    state = _begun(_popped(state))
    state, same = coalesced(state, set(counted), opposite)
    codes = (*state, *(line.code for line in lines))
    used = [word for word in counted if word in words(*codes)]
    taken = (words(*codes) | kept) - set(counted)
    names: dict[str, str] = {}
    for word in used:
        names[word] = _free(_stem(word), taken)
        taken.add(names[word])
    shown = {word: names.get(same.get(word, word), _stem(word)) for word in counted}
    for place, line in enumerate(lines):
        if line.note:
            lines[place] = replace(line, note=renamed(line.note, shown))
        if "@" in line.code:
            lines[place] = replace(lines[place], code=renamed(line.code, names))
    return [renamed(line, names) for line in state]


def _opposites(network: ir.Network) -> dict[str, str]:
    """What is written for the negation of a condition."""
    found: dict[str, str] = {}
    for step in ir.every(network.steps):
        if isinstance(step, ir.Choice):
            both = (step.condition, opened.operation("not", step.condition))
            one, other = map(opened.written, both)
            found |= {one: other, other: one}
    return found


def _begun(state: list[str]) -> list[str]:
    """A list that has an entry from the beginning."""
    found: list[str] = []
    for line in state:
        begun = re.fullmatch(r"(\w+): list\[int\] = \[\]", found[-1]) if found else None
        first = re.fullmatch(r"(\w+)\.append\((.*)\)", line)
        if begun and first and begun[1] == first[1]:
            found[-1] = f"{begun[1]} = [{first[2]}]"
        else:
            found.append(line)
    return found


def _popped(state: list[str]) -> list[str]:
    """What is popped for the next statement alone stands in it."""
    found: list[str] = []
    lines = iter(state)
    for line in lines:
        pop = re.fullmatch(r"( *)(\w+) = (\w+\.pop\(\))", line)
        if pop is None:
            found.append(line)
            continue
        following = next(lines, "")
        often = [len(re.findall(rf"\b{pop[2]}\b", text)) for text in (following, "\n".join(state))]
        if often == [1, 2] and re.search(rf"\b{pop[2]}\b", following.split(" = ")[-1]):
            found.append(re.sub(rf"\b{pop[2]}\b", pop[3], following))
        else:
            found += [line, following]
    return found


def _stem(word: str) -> str:
    return re.sub(r"\d*(@\d+)?$", "", word) or word


def _free(word: str, taken: set[str]) -> str:
    found, count = word, 1
    while found in taken:
        count += 1
        found = f"{word}{count}"
    return found
