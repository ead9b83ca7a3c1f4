"""Lines that are too long, broken as a formatter breaks them.

A statement is broken in the brackets that its value ends with, or in new ones around the value;
within brackets at the operators that bind loosest, else in brackets again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

WIDTH = 88
OPENING, CLOSING = "([{", ")]}"
CLOSED = tuple(CLOSING)
STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
COMMA = re.compile(",")
LOOPED = re.compile(r"for (.*?) in ")
LOOP = re.compile(" for ")
CLAUSE = re.compile(r" (?=for |if )")
TERNARY = re.compile(r" (?=if |else )")
# Where values come apart, from operators that bind loosest to those that bind tightest.
OPERATORS = [
    TERNARY,
    re.compile(r" (?=(?:or|and) )"),
    re.compile(r"(?<! not) (?=in )| (?=(?:not in|is(?: not)?|[<>]=?|[!=]=) )"),
    *(re.compile(rf" (?={each} )") for each in (r"\|", r"\^", "&", "(?:<<|>>)")),
    *(re.compile(rf" (?={each} )") for each in ("[+-]", r"(?:\*|//?|%|@)", r"\*\*")),
]
CHAINED = re.compile(r"(?<=[)\]])(?=\.\w)")
# What stands before a value: `return`, a target, `for` with its names.
STATEMENT = re.compile(
    r"return |raise |if |for [^()]*? in |[\w.]+(?:: [^=]+)?(?:, [\w.]+)* [-+*]?= "
)
NAMED = re.compile(
    r"\w+=(?!=)|not |[-~+*]+(?=\w|\()|(?:or|and|in|is|not in|is not|if|else|[^\w\s(\[{]+) "
)
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
        docstring = quoted or line.lstrip().startswith('"""')
        quotes = line.count('"""') if docstring else 0
        if quoted or quotes or len(line) <= WIDTH or line.lstrip().startswith("#"):
            found = [line]
        else:
            found = _statement(line.lstrip(), len(line) - len(line.lstrip()))
        quoted ^= quotes == 1
        if mark:
            place = bytes.fromhex(mark).decode()
            places |= dict.fromkeys(range(len(lines) + 1, len(lines) + len(found) + 1), place)
        lines += found
    return "\n".join(lines), places


def fitted(text: str) -> str:
    """The same code with no statement wider than it need be; comments and docstrings stay."""
    return placed(text)[0]


def _statement(code: str, indent: int) -> list[str]:
    """The lines of a statement, or of an entry between brackets of several lines."""
    flat = _masked(code)
    if code.endswith(","):
        return _inside("", code[:-1], ",", indent)
    if flat.startswith("def "):
        return _in_brackets(code, *_pairs(flat)[0], indent)
    tail = ":" if flat.endswith(":") else ""
    if _is_wide_loop(flat, indent):
        return _wide_loop(code, "", indent)
    match = LOOPED.match(flat) or STATEMENT.match(flat)
    head = code[: match.end()] if match else ""
    return _value(head, code[len(head) : len(code) - len(tail)], tail, indent)


def _is_wide_loop(flat: str, indent: int) -> bool:
    """Whether the names of a loop are too many for one line."""
    match = LOOPED.match(flat)
    return bool(match and "," in match[1] and indent + match.end() + _first(flat, match) >= WIDTH)


def _first(flat: str, match: re.Match[str]) -> int:
    """How far it is to the first bracket behind a match, or to the end."""
    return min(len(flat[match.end() :].split(each)[0]) for each in OPENING)


def _wide_loop(code: str, tail: str, indent: int) -> list[str]:
    """`for … in …` with a line for each name."""
    lines = _flowing(code + tail, len("for "), indent)
    match = LOOPED.match(code)
    assert match is not None
    if lines and "(" in match[1] and max(map(len, lines)) <= WIDTH:
        return lines
    names = [f"{' ' * indent}    {each}," for each in _parts(match[1], COMMA)]
    rest = f") in {code[match.end() :]}{tail}"
    lines = _flowing(rest, 1, indent) if indent + len(rest) > WIDTH else []
    return [f"{' ' * indent}for (", *names, *(lines or [" " * indent + rest])]


def _value(head: str, code: str, tail: str, indent: int) -> list[str]:
    """A value that gets brackets of its own where those that it has are not enough."""
    flat = _masked(code)
    where = COMMA if _places(flat, COMMA) else _loosest(flat)
    count = len(_places(flat, where)) if where else 0
    ends = (flat.endswith(CLOSED) and not _is_subscript(flat)) or flat[0] in OPENING
    enough = ends if count == 1 and where is not TERNARY else not count and not _chained(flat)
    found = _flowing(head + code + tail, len(head), indent) if enough else []
    narrow = found and max(map(len, found if count else found[:1])) <= WIDTH
    if narrow or not head:
        return found or _inside("", code, tail, indent)
    parts, comma = ([*_parts(code, COMMA)], ",") if where is COMMA else ([code], "")
    within = [line for each in parts for line in _inside("", each, comma, indent + 4)]
    if enough and not found and max(map(len, within)) > WIDTH:
        return [" " * indent + head + code + tail]
    return [f"{' ' * indent}{head}(", *within, f"{' ' * indent}){tail}"]


def _is_subscript(flat: str) -> bool:
    """Whether it ends in an index."""
    start, end = _pairs(flat)[-1] if _pairs(flat) else (0, 0)
    return end == len(flat) - 1 and flat[start] == "[" and start > 0 and _is_called(flat, start)


def _is_called(code: str, start: int) -> bool:
    """Whether a bracket is one of a call or an index."""
    return start > 0 and (code[start - 1].isalnum() or code[start - 1] in "_)]")


def _chained(flat: str) -> bool:
    """Whether it is a row of calls, each of a method of what the one before gives."""
    return len(CHAINED.findall(_outer(flat))) > 1


def _flowing(code: str, start: int, indent: int) -> list[str]:
    """Code broken in its brackets alone, from left to right: only those that must be."""
    pairs = _pairs("_" * start + _masked(code[start:]))
    pairs = [pair for pair in pairs if indent + pair[0] < WIDTH]
    return _in_brackets(code, *pairs[-1], indent) if pairs else []


def _inside(head: str, code: str, tail: str, indent: int) -> list[str]:
    """A value within brackets, where lines may end anywhere."""
    pad = " " * indent
    if indent + len(head) + len(code) + len(tail) <= WIDTH:
        return [pad + head + code + tail]
    flat = _masked(code)
    if _is_wide_loop(flat, indent):
        return _wide_loop(code, tail, indent)
    looped = bool(_places(flat, LOOP))
    match = None if looped else LOOPED.match(flat) or NAMED.match(flat)
    commas = not looped and bool(_places(flat[match.end() if match else 0 :], COMMA))
    if commas:
        return [line for each in _parts(code, COMMA) for line in _inside("", each, ",", indent)]
    if match:
        return _inside(head + code[: match.end()], code[match.end() :], tail, indent)
    where = CLAUSE if looped else _loosest(flat)
    if where is None and _chained(flat):
        where = CHAINED
    if where is not None:
        parts = list(_parts(code, where))
        lines = []
        for each in parts:
            first, last = each is parts[0], each is parts[-1]
            lines += _inside(head if first else "", each, tail if last else "", indent)
        return lines
    return _flowing(head + code + tail, len(head), indent) or [pad + head + code + tail]


def _in_brackets(code: str, start: int, end: int, indent: int) -> list[str]:
    """Code broken in a pair of its brackets."""
    pad = " " * indent
    head, body, tail = code[: start + 1], code[start + 1 : end], code[end:]
    flat = _masked(body)
    several = bool(_places(flat, COMMA)) and not _places(flat, LOOP)
    if several and (not _is_called(code, start) or indent + 4 + len(body) > WIDTH):
        inner = [
            line for each in _parts(body, COMMA) for line in _inside("", each, ",", indent + 4)
        ]
    else:
        inner = _inside("", body, "", indent + 4)
    rest = _flowing(tail, 1, indent) if indent + len(tail) > WIDTH else []
    return [pad + head, *inner, *(rest or [pad + tail])]


def _loosest(flat: str) -> re.Pattern[str] | None:
    """The operators that bind loosest of those outside all brackets."""
    if "lambda " in flat:
        return None
    return next((each for each in OPERATORS if _places(flat, each)), None)


def _parts(code: str, where: re.Pattern[str]) -> Iterator[str]:
    """The code cut at the places; what stands there begins the next part, a comma none."""
    flat = _masked(code)
    for start, end in pairwise([0, *_places(flat, where), len(code)]):
        part = code[start:end].lstrip(", ").rstrip() if where is COMMA else code[start:end].strip()
        if part:
            yield part


def _masked(code: str) -> str:
    """The code with its strings blotted out, so that brackets are brackets."""
    return STRING.sub(lambda match: "_" * len(match[0]), code)


def _outer(flat: str) -> str:
    """The code without what stands in brackets."""
    depth, kept = 0, ""
    for each in flat:
        depth -= each in CLOSING
        kept += each if depth == 0 else ""
        depth += each in OPENING
    return kept


def _places(flat: str, pattern: re.Pattern[str]) -> list[int]:
    """Where the pattern matches outside all brackets."""
    depths = []
    depth = 0
    for each in flat:
        depth += (each in OPENING) - (each in CLOSING)
        depths.append(depth)
    return [match.start() for match in pattern.finditer(flat) if depths[match.start()] == 0]


def _pairs(flat: str) -> list[tuple[int, int]]:
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
