"""Statements of a constructor as a tree, and which numbers are read behind each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

ASSIGNED = re.compile(r"([\w@]+(?:, [\w@]+)*) ([-+*]?)= (.+)", re.DOTALL)
LOOP = re.compile(r"for (.+?) in (.+):")
# A name as such: not in a string, of an attribute or of an argument.
NAME = re.compile(r'"(?:\\.|[^"\\])*"|(?<![.\w@])[A-Za-z_][\w@]*+(?!=[^=])')


def names(code: str) -> set[str]:
    """The names that code reads or binds."""
    return {word for word in NAME.findall(code) if not word.startswith('"')}


@dataclass(slots=True)
class Statement:
    """One that is no loop or branch; `targets` are the numbers that it binds."""

    code: str

    @property
    def targets(self) -> tuple[str, ...]:
        match = ASSIGNED.fullmatch(self.code)
        return tuple(match[1].split(", ")) if match else ()

    @property
    def value(self) -> str:
        """What it assigns to its only target; nothing where it adds to it, or has several."""
        match = ASSIGNED.fullmatch(self.code)
        return match[3] if match and not match[2] and "," not in match[1] else ""

    @property
    def reads(self) -> set[str]:
        match = ASSIGNED.fullmatch(self.code)
        return names(match[3] if match and not match[2] else self.code)


@dataclass(slots=True)
class Block:
    """A loop, or a branch with what is done `otherwise`; `head` is its first line."""

    head: str
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)

    @property
    def targets(self) -> set[str]:
        match = LOOP.fullmatch(self.head)
        return names(match[1]) if match else set()

    @property
    def reads(self) -> set[str]:
        match = LOOP.fullmatch(self.head)
        return names(match[2] if match else self.head.removeprefix("if "))


Node: TypeAlias = Statement | Block


def tree(lines: Iterable[str]) -> list[Node]:
    """Lines by what they stand in."""
    root = Block("")
    open_blocks = [(-1, root.body)]
    last: dict[int, Block] = {}
    for line in lines:
        code = line.lstrip(" ")
        depth = len(line) - len(code)
        while open_blocks[-1][0] >= depth:
            open_blocks.pop()
        into = open_blocks[-1][1]
        if code == "else:":
            open_blocks.append((depth, last[depth].otherwise))
        elif code.endswith(":") and "\n" not in code:
            last[depth] = Block(code)
            into.append(last[depth])
            open_blocks.append((depth, last[depth].body))
        else:
            # What has several lines is indented as a whole.
            into.append(Statement(code.replace("\n" + " " * depth, "\n")))
    return root.body


def lines(nodes: Iterable[Node], depth: int = 0) -> Iterator[str]:
    """The lines of a tree."""
    pad = " " * depth
    for node in nodes:
        if isinstance(node, Statement):
            yield pad + node.code.replace("\n", "\n" + pad)
            continue
        yield pad + node.head
        yield from lines(node.body, depth + 4)
        if node.otherwise:
            yield f"{pad}else:"
            yield from lines(node.otherwise, depth + 4)


def every(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes, and those in them, in order."""
    for node in nodes:
        yield node
        if isinstance(node, Block):
            yield from every(node.body)
            yield from every(node.otherwise)


Visit: TypeAlias = Callable[[Node, set[str]], None]


def live(nodes: list[Node], behind: set[str], visit: Visit = lambda node, read: None) -> set[str]:
    """What is read before it is bound; `visit` is told what is still read behind each binding."""
    for node in reversed(nodes):
        if isinstance(node, Statement):
            visit(node, behind)
            behind = (behind - {*node.targets}) | node.reads
        elif node.head.startswith("if "):
            ways = (live(each, behind, visit) for each in (node.body, node.otherwise))
            behind = set[str]().union(*ways) | node.reads
        else:
            around = behind
            while True:
                inside = live(node.body, around)
                more = around | (inside - node.targets)
                if more == around:
                    break
                around = more
            live(node.body, around, visit)
            visit(node, inside)
            behind = around | node.reads
    return behind
