"""Loops at run time as `for` statements; carried values keep one variable through all turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from .. import ir
from ..dims import name
from .names import local
from .text import Line
from .writing import Writing

Write = Callable[..., None]


def write_loop(
    loop: ir.LoopStep, index: int, last: Mapping[int, int], writing: Writing, write: Write
) -> None:
    """Append the statements of a loop; `last` says where each outer value is read last."""
    kept = _kept(loop, index, last, writing)
    variables = []
    for first, inside, _ in loop.carried:
        variable = _variable(inside.name, kept, writing)
        given = writing.inline.get(id(first)) or writing.names[id(first)]
        if given != variable:
            writing.lines.append(Line(f"{variable} = {given}"))
        kept.discard(variable)
        variables.append(variable)
        writing.names[id(inside)] = variable
        writing.holders[variable] = id(inside)
    lists = [_variable(each, kept | {*variables}, writing) for each, _ in loop.gathered]
    writing.lines += [Line(f"{each} = []") for each in lists]
    turn = _variable(loop.turn, kept | {*variables, *lists}, writing)
    body = replace(
        writing,
        lines=[],
        taken=writing.taken | kept | {*lists, turn},
        counted={**writing.counted, loop.turn: name(turn) + 1 - loop.start},
    )
    results = tuple(value for _, _, value in loop.carried)
    appended = tuple(value for _, value in loop.gathered)
    inputs = tuple(inside for _, inside, _ in loop.carried)
    network = ir.Network("loop", loop.span, {}, inputs, (*results, *appended), loop.steps, (), {})
    write(network, body, returns=False)
    lines = list(body.lines)
    for each, value in zip(lists, appended, strict=True):
        lines.append(Line(f"{each}.append({body.of(value)})"))
    moved = [
        (variable, body.of(value))
        for variable, value in zip(variables, results, strict=True)
        if body.of(value) != variable
    ]
    if moved:
        left, right = zip(*moved, strict=True)
        lines.append(Line(f"{', '.join(left)} = {', '.join(right)}"))
    bounds = [loop.start, loop.start + loop.count] if loop.start != 0 else [loop.count]
    writing.lines.append(Line(f"for {turn} in range({', '.join(map(writing.quote, bounds))}):"))
    writing.lines += [replace(line, level=line.level + 1) for line in lines]
    for output, variable in zip(loop.outputs, [*variables, *lists], strict=True):
        writing.names[id(output)] = variable
        writing.holders[variable] = id(output)
    writing.lists |= {id(each) for each in loop.outputs[len(variables) :]}


def _kept(loop: ir.LoopStep, index: int, last: Mapping[int, int], writing: Writing) -> set[str]:
    """Variables that are read in the loop or behind it, and so not used for anything else."""
    read = {id(value) for step in loop.steps for value in step.reads}
    return {
        variable
        for variable, holder in writing.holders.items()
        if last.get(holder, -1) > index or holder in read
    }


def _variable(wanted: str, taken: set[str], writing: Writing) -> str:
    found = local(wanted, writing.taken)
    while found in taken:
        found += "_"
    return found
