"""The parse table: built from the grammar by Lark, loaded as plain numbers.

Building takes Lark a third of a second and importing it alone takes longer than a whole check, so
the table is kept beside the grammar as `table.json`, under the checksum of the grammar's text;
after an edit of the grammar it is built afresh in memory, and `make grammar` writes it.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import Any
from zlib import crc32

from .record import Record


class Rule(Record):
    """What a reduction does: take `length` symbols, keep some, give them to builder `name`.

    `kept` holds for each symbol kept its index, whether its children are spliced in, and how many
    absent optional parts (None) stand before it; `absent` counts those at the end. A rule that
    only `passes` on its one symbol leaves the value as it is.
    """

    origin: str
    name: str
    length: int
    single: bool
    kept: tuple[tuple[int, bool, int], ...]
    absent: int
    passes: bool


class Table(Record):
    """The LALR(1) automaton: an action n >= 0 shifts to state n, one below 0 reduces rule ~n."""

    start: int
    states: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    literals: dict[str, str]
    patterns: tuple[tuple[str, str], ...]


def load() -> Table:
    """The table of the grammar as it stands."""
    grammar = _resource("dl.lark")
    try:
        plain = json.loads(_resource("table.json"))
    except (OSError, ValueError):
        plain = {"grammar": None}
    if plain["grammar"] != crc32(grammar):
        plain = json.loads(text(grammar))
    return Table(
        start=plain["start"],
        states=tuple(plain["rows"][row] for row in plain["states"]),
        rules=tuple(
            Rule(
                origin,
                name,
                length,
                single,
                tuple(map(tuple, kept)),
                absent,
                single and kept == [[0, False, 0]] and length == 1 and not absent,
            )
            for origin, name, length, single, kept, absent in plain["rules"]
        ),
        literals=plain["literals"],
        patterns=tuple(map(tuple, plain["patterns"])),
    )


def text(grammar: bytes) -> str:
    """What `table.json` holds for a grammar."""
    return json.dumps(build(grammar), separators=(",", ":")) + "\n"


def _resource(name: str) -> bytes:
    """A file of the grammar's folder, from a zip as well; importlib.resources costs 10 ms more."""
    package: Any = import_module("dlc.grammar")
    found: bytes = package.__loader__.get_data(_path(name))
    return found


def _path(name: str) -> str:
    return os.path.join(os.path.dirname(import_module("dlc.grammar").__file__ or ""), name)


def build(grammar: bytes) -> dict[str, Any]:
    """The table as plain values, built by Lark."""
    from lark import Lark
    from lark.grammar import NonTerminal
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    parser = Lark(
        grammar.decode(), parser="lalr", lexer="basic", start="spec", maybe_placeholders=True
    )
    machine: Any = parser.parser
    automaton = machine.parser._parse_table
    number = {rule: index for index, rule in enumerate(parser.rules)}
    order = [automaton.start_states["spec"]]
    for state in order:
        actions = sorted(automaton.states[state].items())
        targets = (target for _, (action, target) in actions if action is Shift)
        order += dict.fromkeys(target for target in targets if target not in order)
    place = {state: index for index, state in enumerate(order)}
    rows: list[dict[str, int]] = []
    states = []
    for state in order:
        row = {
            symbol: place[target] if action is Shift else ~number[target]
            for symbol, (action, target) in sorted(automaton.states[state].items())
        }
        if row not in rows:
            rows.append(row)
        states.append(rows.index(row))

    rules = []
    for rule in parser.rules:
        flags = rule.options.empty_indices or [False] * len(rule.expansion)
        gaps = [len(run) for run in "".join(str(int(flag)) for flag in flags).split("0")]
        kept = []
        absent = 0
        symbols: list[Any] = list(rule.expansion)
        for index, symbol in enumerate(symbols):
            absent += gaps[index]
            nonterminal = isinstance(symbol, NonTerminal)
            if rule.options.keep_all_tokens or nonterminal or not symbol.filter_out:
                splice = nonterminal and symbol.name.startswith("_")
                kept.append((index, splice, absent))
                absent = 0
        absent += gaps[len(rule.expansion)]
        single = bool(rule.options.expand1 and not rule.alias)
        origin = str(rule.origin.name)
        name = str(rule.alias or origin)
        rules.append((origin, name, len(rule.expansion), single, kept, absent))

    literals = {}
    patterns = []
    for terminal in sorted(parser.terminals, key=lambda terminal: str(terminal.name)):
        if isinstance(terminal.pattern, PatternStr):
            literals[terminal.pattern.value] = str(terminal.name)
        else:
            patterns.append((str(terminal.name), terminal.pattern.value))
    return {
        "grammar": crc32(grammar),
        "start": place[automaton.start_states["spec"]],
        "rows": rows,
        "states": states,
        "rules": rules,
        "literals": literals,
        "patterns": patterns,
    }


def write() -> None:
    """Write `table.json` beside the grammar."""
    with open(_path("table.json"), "w", encoding="utf-8", newline="\n") as file:
        file.write(text(_resource("dl.lark")))


if __name__ == "__main__":
    write()
