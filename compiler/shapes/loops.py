"""Loops at run time: over a size that is open until data come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import ir
from ..diagnostics import Label
from ..dims import Dim, decide, name
from ..errors import control as errors
from ..source import Span
from ..tensor import UNKNOWN
from .values import described

if TYPE_CHECKING:
    from .evaluation import Evaluation

Run = Callable[["Evaluation", Sequence[ir.Statement]], None]


def open_loop(here: Evaluation, node: ir.For, over: ir.OpenRange, run: Run) -> None:
    """A `for` over an open size: one turn is typed, and stands for all.

    What is bound before and in the loop is carried from turn to turn and keeps its type; a list
    that is appended to once a turn has as many entries as there are turns.
    """
    if not isinstance(node.target, ir.Local):
        here.report(errors.not_listed(node.over.span, "a range of numbers"))
        return
    count = over.stop - over.start
    turn = node.target.name
    while turn in here.names and isinstance(here.names[turn], Dim):
        turn += "_"
    names = bound(node.body)
    carried = {
        each: here.names[each] for each in names if isinstance(here.names.get(each), ir.Value)
    }
    inside = {each: ir.Value(value.type, value.span, each) for each, value in carried.items()}
    lists = {each: here.names[each] for each in names if isinstance(here.names.get(each), tuple)}
    outer = (here.steps, here.guards, here.in_loop, dict(here.names))
    places = {
        each: Label(here.bound[each], "before the loop") for each in carried if each in here.bound
    }
    here.steps, here.guards, here.in_loop = [], [], True
    here.names |= inside
    # The number of a turn counts from the start; names of sizes are 1 at least.
    here.names[node.target.name] = over.start + name(turn) - 1
    run(here, node.body)
    steps, guards, after = here.steps, here.guards, dict(here.names)
    here.steps, here.guards, here.in_loop, _ = outer
    here.names = outer[3]
    if any(after.get(each) is UNKNOWN for each in names):
        here.names |= dict.fromkeys(names, UNKNOWN)
        return
    triples = _carried(here, node, carried, inside, after, places)
    gathered = _gathered(here, node, lists, after)
    holds = partial(_conditions, here, guards, turn, count, node.over.span)
    if triples is None or gathered is None or not holds():
        here.names |= dict.fromkeys(names, UNKNOWN)
        return
    outputs = []
    for each, (_, seen, _) in zip(carried, triples, strict=True):
        outputs.append(ir.Value(seen.type, node.span, each))
        here.names[each] = outputs[-1]
    for each, value in gathered:
        outputs.append(ir.Value(value.type, node.span, each))
        here.names[each] = ir.Gathered(outputs[-1], count)
    step = ir.LoopStep(
        node.span, turn, over.start, count, triples, gathered, tuple(steps), tuple(outputs)
    )
    here.did(step, *outputs)


def _carried(
    here: Evaluation,
    node: ir.For,
    carried: dict[str, Any],
    inside: dict[str, ir.Value],
    after: dict[str, Any],
    places: dict[str, Label],
) -> tuple[tuple[ir.Value, ir.Value, ir.Value], ...] | None:
    """Each carried value before, in and after a turn; None after a report."""
    found = []
    for each, first in carried.items():
        value = after[each]
        same = isinstance(value, ir.Value) and value.type.plain == first.type.plain
        if not same:
            shown = str(value.type) if isinstance(value, ir.Value) else described(value)
            others = [places[each]] if each in places else []
            if isinstance(value, ir.Value):
                others.append(Label(value.span, f"gives {value.type}"))
            before = str(first.type)
            here.report(errors.carried_type(node.over.span, each, before, shown, tuple(others)))
            return None
        found.append((first, inside[each], value))
    return tuple(found)


def _gathered(
    here: Evaluation, node: ir.For, lists: dict[str, Any], after: dict[str, Any]
) -> tuple[tuple[str, ir.Value], ...] | None:
    """The lists that one value is appended to each turn; None after a report."""
    found = []
    for each, first in lists.items():
        value = after[each]
        if value == first:
            continue
        if first or not isinstance(value, tuple) or len(value) != 1:
            here.report(errors.gathered_once(node.span, each))
            return None
        if not isinstance(value[0], ir.Value):
            here.report(errors.gathered_once(node.span, each))
            return None
        found.append((each, value[0]))
    return tuple(found)


def _conditions(
    here: Evaluation, guards: list[ir.Guard], turn: str, count: Dim, loop: Span
) -> bool:
    """Whether what must hold of the number of a turn holds for the first and the last.

    A loop that is gone through at all has one turn at least: of `range(T - 1)`, T is 2 at least.
    """
    shift = {each: name(each) + (name(each) - count) for each in count.names}
    least = {each: size for each, size in shift.items() if ((size - name(each)).value or 0) > 0}
    for guard in guards:
        condition = guard.condition
        if turn not in condition.left.names | condition.right.names:
            here.guards.append(guard)
            continue
        for value in (1, count):
            left, right = (
                size.substitute({turn: value}).substitute(least)
                for size in (condition.left, condition.right)
            )
            # Where there is a turn at all, the number of turns is 1 at least.
            spare = left - right - (count - 1)
            follows = condition.operator == ">=" and decide(spare, ">=", 0) is True
            if not follows and decide(left, condition.operator, right) is not True:
                shown = f"{condition.left} {condition.operator} {condition.right}"
                here.report(errors.loop_condition(guard.span, shown, loop))
                return False
    return True


def bound(statements: Sequence[ir.Statement]) -> dict[str, Span]:
    """What statements bind or append to, and where, those in branches and loops too."""
    found: dict[str, Span] = {}
    for each in statements:
        match each:
            case ir.Bind() | ir.Append() | ir.State() | ir.Declare():
                found.setdefault(each.name, each.span)
            case ir.Unpack(target=target):
                found |= _names(target)
            case ir.If(then=then, otherwise=otherwise):
                found |= bound((*then, *otherwise))
            case ir.For(body=body):
                found |= bound(body)
    return found


def _names(target: tuple[Any, ...]) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for part in target:
        if isinstance(part, tuple):
            found |= _names(part)
        elif part.name != "_":
            found[part.name] = part.span
    return found
