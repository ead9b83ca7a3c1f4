"""Numbers that a constructor counts: one name for what goes on, nothing said twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import combinations

from .flow import ASSIGNED, NAME, Block, Node, Statement, every, lines, live, names, tree
from .headers import shorter

WIDTH = 80  # letters of a line of a constructor's
# A loop that has a turn, whatever a constructor is told.
TURNS = re.compile(r"for .+ in (?:reversed\()?(?:range\([1-9]\d*\)|\([^()]*,[^()]*\))\)?:")


def coalesced(
    state: list[str], counted: set[str], opposite: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """The statements with fewer names, and which of those that are gone have which name now.

    A number that goes on from another, which nothing needs any more, has the other's name: the two
    are never needed at once. `opposite` tells the negation of a condition.
    """
    nodes = tree(state)
    same: dict[str, str] = {}
    while pair := _one(nodes, counted):
        word, other = pair
        same[word] = other
        nodes = tree(renamed(line, {word: other}) for line in lines(nodes))
        nodes = _kept(nodes, lambda node: node.value != "" and (node.value,) == node.targets)
    nodes = _needed(nodes, counted)
    twice: set[int] = set()
    _again(nodes, {}, counted, twice)
    nodes = _needed(_kept(nodes, lambda node: id(node) in twice), counted)
    for word, other in same.items():
        while other in same:
            other = same[other]
        same[word] = other
    return [*lines(_shown(nodes, opposite))], same


def renamed(code: str, given: Mapping[str, str]) -> str:
    """Code with other names."""
    return NAME.sub(lambda match: given.get(match[0], match[0]), code)


def _one(nodes: list[Node], counted: set[str]) -> tuple[str, str] | None:
    """A number that is a copy of another one at first, and may have its name."""
    apart: set[frozenset[str]] = set()

    def visit(node: Node, behind: set[str]) -> None:
        copied = node.value if isinstance(node, Statement) else ""
        apart.update(map(frozenset, combinations(node.targets, 2)))
        for word in node.targets:
            apart.update(frozenset({word, each}) for each in behind - {word, copied})

    first = live(nodes, set(), visit)
    apart.update(map(frozenset, combinations(first, 2)))
    for node in every(nodes):
        if isinstance(node, Statement) and len(node.targets) == 1:
            pair = (node.targets[0], node.value)
            if {*pair} <= counted and len({*pair}) == 2 and frozenset(pair) not in apart:
                return pair
    return None


def _kept(nodes: list[Node], gone: Callable[[Statement], bool]) -> list[Node]:
    """The nodes without some statements, and without loops and branches that are empty then."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Statement):
            found += [] if gone(node) else [node]
            continue
        node.body, node.otherwise = _kept(node.body, gone), _kept(node.otherwise, gone)
        found += [node] if node.body or node.otherwise else []
    return found


def _needed(nodes: list[Node], counted: set[str]) -> list[Node]:
    """The nodes without numbers that nothing reads."""
    while True:
        idle: set[int] = set()

        def visit(node: Node, behind: set[str], idle: set[int] = idle) -> None:
            plain = isinstance(node, Statement) and ".pop(" not in node.code
            if plain and node.targets and {*node.targets} <= counted - behind:
                idle.add(id(node))

        live(nodes, set(), visit)
        if not idle:
            return nodes
        nodes = _kept(nodes, lambda node, idle=idle: id(node) in idle)  # type: ignore[misc]


def _again(
    nodes: list[Node], known: dict[str, str], counted: set[str], twice: set[int]
) -> dict[str, str]:
    """Find what gives a number the value that it has; gives what numbers are at the end."""
    for node in nodes:
        if isinstance(node, Statement):
            if node.value and known.get(node.targets[0]) == node.value:
                twice.add(id(node))
                continue
            known = _without(known, {*node.targets})
            stays = ".pop(" not in node.value and {*node.targets}.isdisjoint(names(node.value))
            if node.value and stays and node.targets[0] in counted:
                known[node.targets[0]] = node.value
        elif node.head.startswith("if "):
            ways = [_again(each, {**known}, counted, twice) for each in (node.body, node.otherwise)]
            known = {word: code for word, code in ways[0].items() if ways[1].get(word) == code}
        else:
            bound = {word for each in every(node.body) for word in each.targets} | node.targets
            known = _without(known, bound)
            behind = _again(node.body, {**known}, counted, twice)
            if TURNS.fullmatch(node.head):
                known = behind
    return known


def _without(known: Mapping[str, str], words: set[str]) -> dict[str, str]:
    return {
        word: code
        for word, code in known.items()
        if word not in words and words.isdisjoint(names(code))
    }


def _shown(nodes: list[Node], opposite: Mapping[str, str], depth: int = 0) -> list[Node]:
    """Branches without an empty one, numbers of two branches as one choice, sums in short."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Statement):
            found.append(Statement(shorter(node.code)) if node.value else node)
            continue
        node.body = _shown(node.body, opposite, depth + 4)
        node.otherwise = _shown(node.otherwise, opposite, depth + 4)
        condition = node.head.removeprefix("if ").removesuffix(":")
        if not node.body and node.otherwise:
            turned = opposite.get(condition, f"not ({condition})")
            node.head, node.body, node.otherwise = f"if {turned}:", node.otherwise, []
        either = _either(node, condition)
        fits = either is not None and depth + len(either.code) <= WIDTH
        found.append(either if either is not None and fits else node)
    return found


def _either(node: Block, condition: str) -> Statement | None:
    """Two branches that give one number its value, as one statement."""
    if len(node.body) != 1 or len(node.otherwise) != 1:
        return None
    one, other = node.body[0], node.otherwise[0]
    if not isinstance(one, Statement) or not isinstance(other, Statement):
        return None
    if one.targets != other.targets or not one.value or not other.value:
        return None
    if any(" if " in each.code or "\n" in each.code for each in (one, other)):
        return None
    match = ASSIGNED.fullmatch(one.code)
    assert match is not None
    return Statement(f"{match[1]} = {one.value} if {condition} else {other.value}")
