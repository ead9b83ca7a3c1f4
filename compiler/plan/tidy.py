"""Names of numbers that loops change: as few as needed, and numbered only where there are more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from .. import ir
from .headers import words
from .text import Line

COPIED = re.compile(r"(\w+) = (\w+)")


def tidied(network: ir.Network, state: list[str], lines: list[Line]) -> list[str]:
    """The statements of a constructor; the comments of `forward` are changed alike."""
    counted: dict[str, None] = {}
    kept: set[str] = set()
    for step in ir.every(network.steps):
        if isinstance(step, ir.Turns):
            counted |= dict.fromkeys(word for word, *_ in step.sizes)
            kept |= {*step.names}
        elif isinstance(step, ir.ListStep):
            counted |= dict.fromkeys(word for _, word in step.sizes)
    if not counted:
        return state
    state, same = _without_copies(state, set(counted))
    used = [word for word in counted if word in words(*state)]
    taken = (words(*state) | kept) - set(counted)
    names: dict[str, str] = {}
    for word in used:
        names[word] = _free(_stem(word), taken)
        taken.add(names[word])
    shown = {word: names.get(same.get(word, word), _stem(word)) for word in counted}
    for place, line in enumerate(lines):
        if line.note:
            lines[place] = replace(line, note=_renamed(line.note, shown))
    return [_renamed(line, names) for line in state]


def _without_copies(state: list[str], counted: set[str]) -> tuple[list[str], dict[str, str]]:
    """A number that goes on from another, which nothing needs any more, has the other's name."""
    same: dict[str, str] = {}
    place = 0
    while place < len(state):
        match = COPIED.fullmatch(state[place])
        rest = state[place + 1 :]
        if match and {*match.groups()} <= counted and match[2] not in words(*rest):
            same |= {match[1]: match[2]}
            state = [*state[:place], *(_renamed(each, {match[1]: match[2]}) for each in rest)]
            continue
        place += 1
    for word, other in same.items():
        while other in same:
            other = same[other]
        same[word] = other
    return state, same


def _stem(word: str) -> str:
    return re.sub(r"\d+$", "", word) or word


def _free(word: str, taken: set[str]) -> str:
    found, count = word, 1
    while found in taken:
        count += 1
        found = f"{word}{count}"
    return found


def _renamed(code: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda match: names.get(match[0], match[0]), code)
