"""Loops at run time as `for` statements; carried values keep one variable through all turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    held = kept(loop, index, last, writing)
    variables = []
    for first, inside, _ in loop.carried:
        word = variable(inside.name, held, writing)
        given = writing.inline.get(id(first)) or writing.names[id(first)]
        if given != word:
            writing.lines.append(Line(f"{word} = {given}"))
        held.discard(word)
        variables.append(word)
        writing.names[id(inside)] = word
        writing.holders[word] = id(inside)
    lists = [variable(each, held | {*variables}, writing) for each, _ in loop.gathered]
    writing.lines += [Line(f"{each} = []") for each in lists]
    turn = variable(loop.turn, held | {*variables, *lists}, writing)
    body = replace(
        writing,
        lines=[],
        level=writing.level + 1,
        taken=writing.taken | held | {*lists, turn},
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
    lines += moved(variables, [body.of(value) for value in results])
    bounds = [loop.start, loop.start + loop.count] if loop.start != 0 else [loop.count]
    writing.lines.append(Line(f"for {turn} in range({', '.join(map(writing.quote, bounds))}):"))
    writing.lines += [replace(line, level=line.level + 1) for line in lines]
    for output, word in zip(loop.outputs, [*variables, *lists], strict=True):
        writing.names[id(output)] = word
        writing.holders[word] = id(output)
    writing.lists |= {id(each) for each in loop.outputs[len(variables) :]}


def moved(variables: Iterable[str], values: Iterable[str]) -> list[Line]:
    """What a turn made goes to the variables that are carried on, all at once."""
    pairs = [(a, b) for a, b in zip(variables, values, strict=True) if a != b]
    if not pairs:
        return []
    left, right = zip(*pairs, strict=True)
    return [Line(f"{', '.join(left)} = {', '.join(right)}")]


def kept(
    step: ir.LoopStep | ir.Turns | ir.Choice, index: int, last: Mapping[int, int], writing: Writing
) -> set[str]:
    """Variables that are read in a loop or behind it, and so not used for anything else."""
    read = {id(value) for value in step.reads}
    if isinstance(step, ir.LoopStep | ir.Turns):
        # What comes in is carried on in a variable of its own.
        read -= {id(first) for first, _, _ in step.carried}
        read |= {id(value) for each in step.steps for value in each.reads}
    return {
        word
        for word, holder in writing.holders.items()
        if last.get(holder, -1) > index or holder in read
    }


def variable(wanted: str, taken: set[str], writing: Writing) -> str:
    """A variable by the author's name, or one like it that nothing has."""
    found = local(wanted, writing.taken)
    while found in taken:
        found += "_"
    return found
