"""Lines that are too long, broken as a formatter breaks them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

WIDTH = 88
OPENING, CLOSING = "([{", ")]}"
STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
CLAUSE = re.compile(r" (?=for |if )")
SUM = re.compile(r" (?=[+-] )")
MARK = "\x1f"  # no text of a spec holds it: `quote` and `comment` escape control characters


def marked(code: str, place: str) -> str:
    """Lines of code that know their place in the spec, until `placed` takes it off them again."""
    if not place:
        return code
    # As digits it means nothing to whoever looks for a name in the code.
    mark = MARK + place.encode().hex()
    return "\n".join(line + mark for line in code.split("\n"))


def placed(text: str) -> tuple[str, dict[int, str]]:
    """`fitted` code without its marks, and the place of each line that had one, counted from 1."""
    lines: list[str] = []
    places: dict[int, str] = {}
    quoted = False
    for each in text.split("\n"):
        line, _, mark = each.partition(MARK)
        quotes = line.count('"""')
        if quoted or quotes or len(line) <= WIDTH or line.lstrip().startswith("#"):
            found = [line]
        else:
            found = _broken(line.lstrip(), len(line) - len(line.lstrip()))
        quoted ^= quotes == 1
        if mark:
            place = bytes.fromhex(mark).decode()
            places |= dict.fromkeys(range(len(lines) + 1, len(lines) + len(found) + 1), place)
        lines += found
    return "\n".join(lines), places


def fitted(text: str) -> str:
    """The same code with no statement wider than it need be; comments and docstrings stay."""
    return placed(text)[0]


def _broken(code: str, indent: int) -> list[str]:
    """The lines of one statement, entry or element."""
    pad = " " * indent
    if indent + len(code) <= WIDTH:
        return [pad + code]
    flat = _masked(code)
    statement = re.match(r"(return|\w+(, \w+)* =) ", flat)
    if statement and len(_places(flat, SUM)) > 1:
        head, body = code[: statement.end()], code[statement.end() :]
        return [f"{pad}{head}(", *_body(body, indent + 4, SUM), f"{pad})"]
    loop = re.match(r"for (.*?) in ", flat)
    if loop and indent + flat.find("(") >= WIDTH:
        targets = [f"{pad}    {each}," for each in _elements(loop[1])]
        return [f"{pad}for (", *targets, *_broken(f") in {code[loop.end() :]}", indent)]
    pairs = _brackets(flat)
    if not pairs:
        return [pad + code]
    # The last pair, unless what stands before it is too long by itself.
    roomy = [pair for pair in pairs if indent + pair[0] < WIDTH]
    start, end = pairs[0] if flat.startswith("def ") else (roomy or pairs)[-1]
    head, body, tail = code[: start + 1], code[start + 1 : end], code[end:]
    atom = start == 0 or not (flat[start - 1].isalnum() or flat[start - 1] in "_)]")
    clauses = bool(_places(_masked(body), CLAUSE))
    commas = bool(_places(_masked(body), re.compile(",")))
    if not clauses and commas and (atom or indent + 4 + len(body) > WIDTH):
        inner = [line for each in _elements(body) for line in _broken(f"{each},", indent + 4)]
    else:
        inner = _body(body, indent + 4, CLAUSE)
    return [pad + head, *inner, pad + tail]


def _body(code: str, indent: int, where: re.Pattern[str]) -> list[str]:
    """What stands between brackets: on one line, or broken where the pattern says."""
    if indent + len(code) <= WIDTH:
        return [" " * indent + code]
    places = [0, *(place + 1 for place in _places(_masked(code), where)), len(code)]
    parts = [code[a:b].rstrip() for a, b in pairwise(places)]
    return [line for part in parts for line in _broken(part, indent)]


def _elements(body: str) -> Iterator[str]:
    commas = _places(_masked(body), re.compile(","))
    for start, end in zip([-1, *commas], [*commas, len(body)], strict=True):
        if body[start + 1 : end].strip():
            yield body[start + 1 : end].strip()


def _masked(code: str) -> str:
    """The code with its strings blotted out, so that brackets are brackets."""
    return STRING.sub(lambda match: "_" * len(match[0]), code)


def _places(flat: str, pattern: re.Pattern[str]) -> list[int]:
    """Where the pattern matches outside all brackets."""
    depths = []
    depth = 0
    for each in flat:
        depth += (each in OPENING) - (each in CLOSING)
        depths.append(depth)
    return [match.start() for match in pattern.finditer(flat) if depths[match.start()] == 0]


def _brackets(flat: str) -> list[tuple[int, int]]:
    """The outermost pairs of brackets with something between them."""
    depth, start = 0, 0
    found = []
    for place, each in enumerate(flat):
        if each in OPENING:
            start = place if depth == 0 else start
            depth += 1
        elif each in CLOSING:
            depth -= 1
            if depth == 0 and place > start + 1:
                found.append((start, place))
    return found
