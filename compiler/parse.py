"""Pass 1: text → tree."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any

from . import tree
from .build import BUILDERS
from .diagnostics import Diagnostic, Report
from .errors import syntax as errors
from .errors.habits import foreign
from .lex import DEEPEST, MOST_FAULTS, Token, bracket_fault, lex, lexer
from .record import Record
from .source import Source, Span
from .table import Table, load

END = "$END"
HIGHEST = 40 * DEEPEST
DEEPENING = {"binary", "unary", "negate", "either", "both", "conditional", "if_statement", "call"}
DEEPENING |= {"attribute", "index", "list", "tuple", "chain", "repeat_block", "for_loop"}


def parse(source: Source, report: Report) -> tree.Spec | None:
    """The tree of a file, or None after a report; one report a declaration that is wrong."""
    table = _table()
    faults: list[Diagnostic] = []
    tokens, comments = lex(source, table.literals, _pattern(), faults.append)
    declarations: list[tree.Declaration] = []
    if not tokens and not faults:
        faults.append(errors.empty(Span(source, 0, 0)))
    bounds = _bounds(source, table, tokens)
    end = len(source.text)
    if not faults and bracket_fault(source, tokens, end) is None:
        declarations += _declarations(source, table, tokens, bounds, faults.append)
    elif bounds:
        wrong = [fault.span.start for fault in faults]
        for first, last in zip(bounds, [*bounds[1:], len(tokens)], strict=True):
            part = tokens[first:last]
            after = tokens[last].start if last < len(tokens) else end + 1
            if len(faults) >= MOST_FAULTS:
                break
            if not any((first and part[0].start) <= place < after for place in wrong):
                _part(source, table, part, faults.append)
    for fault in sorted(faults, key=lambda fault: fault.span.start):
        report(fault)
    return None if faults else tree.Spec(source, tuple(declarations), tuple(comments))


@cache
def _table() -> Table:
    return load()


@cache
def _pattern() -> re.Pattern[str]:
    return lexer(_table())


class Fault(Record):
    """At which token the automaton stopped, its stack, and where the declaration begins."""

    at: int
    states: list[int]
    begin: int
    deep: Span | None = None


def _bounds(source: Source, table: Table, tokens: list[Token]) -> list[int]:
    """Where declarations seem to start: their keywords at the start of a line, and the first."""
    starters = set(table.states[table.start]) & set(table.literals.values())
    starts = set(source.starts)
    seem = [
        index
        for index, (token, after) in enumerate(pairwise(tokens))
        if token.kind in starters
        and token.start in starts
        and (after.text[0] in '{"_' or after.text[0].isalpha())
    ]
    return sorted({0, *seem}) if tokens else []


def _declarations(
    source: Source, table: Table, tokens: list[Token], bounds: list[int], report: Report
) -> list[tree.Declaration]:
    """All declarations; after a fault it goes on where the next one seems to start."""
    first = 0
    for _ in range(MOST_FAULTS):
        result = _run(source, table, tokens[first:])
        if not isinstance(result, Fault):
            return result
        at = first + result.at
        passed = [bound for bound in bounds if first + result.begin < bound <= at]
        if passed and at - passed[-1] < 2 and result.deep is None:
            # The keyword was taken for a name, as in `param x =` before `model A { … }`.
            shorter = _run(source, table, tokens[first : passed[-1]])
            at = passed[-1] if isinstance(shorter, Fault) else at
        report(_unexpected(source, table, tokens, first, at, result.deep))
        following = passed[-1:] or [bound for bound in bounds if bound > at]
        if not following:
            break
        first = following[0]
    return []


def _part(source: Source, table: Table, tokens: list[Token], report: Report) -> None:
    """Report what is wrong with tokens that seem to be one declaration."""
    wrong = bracket_fault(source, tokens, tokens[-1].end)
    result = _run(source, table, tokens)
    if isinstance(result, Fault):
        place = tokens[result.at].start if result.at < len(tokens) else tokens[-1].end
        if wrong is None or place < wrong.span.start:
            wrong = _unexpected(source, table, tokens, 0, result.at, result.deep)
    if wrong is not None:
        report(wrong)


def _unexpected(
    source: Source, table: Table, tokens: list[Token], first: int, at: int, deep: Span | None
) -> Diagnostic:
    """What is wrong with token `at` when the automaton was started at token `first`."""
    if deep is not None:
        return errors.nested_too_deeply(deep, DEEPEST)
    end = tokens[-1].end
    token = tokens[at] if at < len(tokens) else Token(END, "", end, end)
    before = tokens[max(0, at - 2) : at]
    # LALR reduces before it finds that a token does not fit: the stack is taken before the token.
    reached = _run(source, table, tokens[first : at + 1], stop=at - first)
    expected = _acceptable(table, reached.states) if isinstance(reached, Fault) else set()
    if word := foreign([*(other.text for other in before), token.text], expected):
        culprit = next(other for other in (token, *reversed(before)) if other.text == word)
        return errors.foreign_word(Span(source, culprit.start, culprit.end))
    span = Span(source, token.start, token.end)
    missing = bool(before and token.text) and errors.is_missing(expected)
    if missing and "\n" in source.text[before[-1].end : token.start]:
        span = Span(source, before[-1].end, before[-1].end)
    words = tuple(other.text for other in before)
    return errors.unexpected(span, token.text, token.kind, expected, words)


def _run(
    source: Source, table: Table, tokens: list[Token], stop: int | None = None
) -> list[tree.Declaration] | Fault:
    """Drive the automaton over tokens that end a file; with `stop`, up to before that one."""
    states = [table.start]
    values: list[Any] = []
    depths: list[int] = []
    spans: list[tuple[int, int]] = []
    starts: list[int] = []
    end = tokens[-1].end
    for index, token in enumerate([*tokens, Token(END, "", end, end)]):
        if index == stop:
            return Fault(index, states, index)
        while True:
            action = table.states[states[-1]].get(token.kind)
            if action is None:
                listed = bool(values) and isinstance(values[0], list)
                return Fault(index, states, starts[listed] if len(starts) > listed else index)
            if action >= 0:
                if len(states) > HIGHEST:
                    return Fault(index, states, starts[0], Span(source, token.start, token.end))
                states.append(action)
                values.append(token)
                depths.append(0)
                spans.append((token.start, token.end))
                starts.append(index)
                break
            rule = table.rules[~action]
            if rule.passes:
                states[-1] = table.states[states[-2]][rule.origin]
                continue
            length = rule.length
            if length:
                parts, span_parts = values[-length:], spans[-length:]
                depth = max(depths[-length:])
                begin, finish = span_parts[0][0], span_parts[-1][1]
                first = starts[-length]
                del states[-length:], values[-length:], depths[-length:], spans[-length:]
                del starts[-length:]
            else:
                parts, depth, first = [], 0, index
                begin = finish = spans[-1][1] if spans else 0
            inner = rule.origin.startswith("_")
            # A list that grows is taken over, not copied: a spec may hold a million numbers.
            grows = inner and length > 1 and rule.kept[0] == (0, True, 0)
            children: list[Any] = parts[0] if grows else []
            for place, splice, absent in rule.kept[1:] if grows else rule.kept:
                children += [None] * absent
                children += parts[place] if splice else [parts[place]]
            children += [None] * rule.absent
            if inner:
                value: Any = children
            elif rule.single and len(children) == 1:
                value = children[0]
            else:
                value = BUILDERS[rule.name](Span(source, begin, finish), children)
                depth += rule.name in DEEPENING
                if depth > DEEPEST:
                    return Fault(index, states, first, Span(source, begin, finish))
            if rule.origin == "spec":
                declarations: list[tree.Declaration] = value
                return declarations
            values.append(value)
            depths.append(depth)
            spans.append((begin, finish))
            starts.append(first)
            states.append(table.states[states[-1]][rule.origin])
    raise AssertionError("the end of the file is neither taken nor refused")


def _acceptable(table: Table, states: list[int]) -> set[str]:
    """The terminals that could stand here: each is tried on a copy of the stack."""
    possible = set()
    for kind in table.states[states[-1]]:
        stack = list(states)
        while (action := table.states[stack[-1]].get(kind)) is not None and action < 0:
            rule = table.rules[~action]
            if rule.length:
                del stack[-rule.length :]
            if rule.origin == "spec":
                break
            stack.append(table.states[stack[-1]][rule.origin])
        if action is not None:
            possible.add(kind)
    return possible
