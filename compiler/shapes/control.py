"""Statements of a body, and what is decided when the network is built: choices, loops, lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from .. import ir, opened
from ..diagnostics import Diagnostic, Label
from ..dims import Dim
from ..errors import control as errors
from ..errors import shapes as shape_errors
from ..record import replaced
from ..source import Span
from ..tensor import UNKNOWN, Unknown
from . import lists
from .binding import assign, bind
from .branches import either
from .evaluation import Evaluation
from .loops import bound, open_loop
from .state import state
from .turns import attempted, over_list, turns
from .values import NotGeneric, described, holds_tensors

FEW = 3  # turns below which they are written out


def run(here: Evaluation, statements: Sequence[ir.Statement]) -> None:
    """The statements in order."""
    for each in statements:
        match each:
            case ir.Bind() | ir.Unpack():
                bind(here, each)
            case ir.Require():
                require(here, each)
            case ir.If(condition=condition, then=then, otherwise=otherwise):
                decided = truth(here, condition)
                if isinstance(decided, Unknown):
                    _forget(here, (*then, *otherwise))
                elif isinstance(decided, ir.Open):
                    paths = (partial(run, here, branch) for branch in (then, otherwise))
                    either(here, each.span, decided, *paths)
                else:
                    missed = bound(otherwise if decided else then)
                    here.skipped |= dict.fromkeys(missed, condition.span)
                    run(here, then if decided else otherwise)
            case ir.For():
                _loop(here, each)
            case ir.Append():
                _append(here, each, here.value(each.value))
            case ir.Declare():
                declare(here, each)
            case ir.State():
                state(here, each)


def require(here: Evaluation, node: ir.Require) -> None:
    """A condition on hyperparameters and sizes; of open sizes it becomes one at run time."""
    if here.generic and not here.depth and not here.turning:
        value = truth(here, node.condition)
        if isinstance(value, ir.Open):
            here.requires.append((node.span, value, node.message))
    if not here.generic and not _holds(here, node.condition):
        at, written = here.at or node.span, node.condition.span.text
        values = tuple(f"{name} = {here.names[name]}" for name in _sizes_in(here, written))
        here.report(shape_errors.requirement(node.span, node.message, at, written, values))


def _holds(here: Evaluation, node: ir.Expression) -> bool:
    """Whether a condition may hold: False where it is known not to, True after a report."""
    if isinstance(node, ir.Operation):
        if node.operator == "and":
            return all(_holds(here, each) for each in node.operands)
        guard = here.condition(node)
        if guard is not None:
            here.guards.append(guard)
            return True
    return bool(truth(here, node))


def _sizes_in(here: Evaluation, written: str) -> list[str]:
    """The names in a condition that stand for numbers."""
    names = dict.fromkeys(re.findall(r"[A-Za-z_]\w*", written))
    return [each for each in names if isinstance(here.names.get(each), int | float | Dim)]


def truth(here: Evaluation, node: ir.Expression) -> bool | ir.Open | Unknown:
    """Whether a condition holds; UNKNOWN after a report where that is not known now.

    In a generic network it may be for the constructor to decide.
    """
    value = here.value(node)
    if isinstance(value, Unknown | ir.Open):
        return value
    if here.generic and opened.is_open(value):
        value = here.computed(opened.operation, "!=", value, 0)
        return value if isinstance(value, ir.Open) else bool(value)
    if holds_tensors(value):
        here.report(errors.undecided(node.span, "this depends on the values of a tensor"))
        return UNKNOWN
    if isinstance(value, Dim):
        why = f"the size {value} is open until data come"
        here.report(errors.undecided(node.span, why, here.opened(value)))
        return UNKNOWN
    return bool(value)


def choose(here: Evaluation, node: ir.Conditional) -> Any:
    """The value of the branch that counts."""
    decided = truth(here, node.condition)
    if isinstance(decided, Unknown):
        return UNKNOWN
    if isinstance(decided, ir.Open):
        before = _common(node.then, node.otherwise)
        value = None if before is None else here.value(before)

        def path(branch: ir.Expression) -> Any:
            if before is not None:
                # What flows into either branch is there already.
                here.given[id(before)] = value
            return here.value(branch)

        paths = (partial(path, each) for each in (node.then, node.otherwise))
        return either(here, node.span, decided, *paths)
    return here.value(node.then if decided else node.otherwise)


def _common(then: ir.Expression, otherwise: ir.Expression) -> ir.Expression | None:
    """The last step before two branches, of chains that go on from one."""
    first = {id(each) for each in _chain(then)}
    return next((each for each in _chain(otherwise) if id(each) in first), None)


def _chain(node: ir.Expression) -> Iterator[ir.Apply | ir.Use]:
    """A chain from its end to its start."""
    while isinstance(node, ir.Apply | ir.Use):
        yield node
        if not node.inputs:
            return
        node = node.inputs[0]


def repeat(here: Evaluation, node: ir.Repeat) -> Any:
    """What `repeat` gives: each turn has layers of its own."""
    count = here.value(node.count)
    value = here.value(node.flowing)
    if count is UNKNOWN:
        return UNKNOWN
    if here.generic and not isinstance(count, bool):
        found = _repeated(here, node, count, value)
        if found is not None:
            return found
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        help = f"write `max(0, {node.count.span.text})`" if isinstance(count, int) else ""
        here.report(errors.turns(node.count.span, described(count), help))
        return UNKNOWN
    before = here.budget.layers
    for turn in range(count):
        here.budget.turn(node.span)
        while isinstance(value, ir.Results):
            value = value.items[0]
        here.names[node.carried] = value
        with _turn(here, node.count.span, turn, count):
            value = here.value(node.body)
        if value is UNKNOWN:
            break
        if turn == 0:
            here.budget.foresee(node.span, before - here.budget.layers, count - 1)
    return value


def _repeated(here: Evaluation, node: ir.Repeat, count: Any, value: Any) -> Any:
    """What `repeat` gives as a loop of the constructor; None where its turns are written out."""
    while isinstance(value, ir.Results):
        value = value.items[0]
    few = FEW - 1 if here.turning else FEW
    if isinstance(count, int) and (count < few or here.unrolling):
        return None
    if not isinstance(value, ir.Value):
        return None
    over = here.computed(opened.call, "range", (count,))
    if isinstance(over, tuple):
        over = over_list(here, over)

    def body() -> None:
        found = here.value(node.body)
        while isinstance(found, ir.Results):
            found = found.items[0]
        if found is UNKNOWN:
            raise NotGeneric
        here.names[node.carried] = found

    def loop() -> None:
        here.names[node.carried] = value
        listed = tuple(lists.used(node.body))
        target = ir.Local(node.span, "_")
        turns(here, node.span, over, target, body, [node.carried], listed, repeats=True)

    if isinstance(count, int):
        return here.names[node.carried] if attempted(here, loop) else None
    loop()
    return here.names[node.carried]


@contextmanager
def _turn(here: Evaluation, span: Span, turn: int, count: int) -> Iterator[None]:
    """What is reported meanwhile says in which turn it is."""
    outer = here.report

    def report(diagnostic: Diagnostic) -> None:
        label = Label(span, f"this is turn {turn + 1} of {count}")
        outer(replace(diagnostic, others=(*diagnostic.others, label)))

    here.report = report
    try:
        yield
    finally:
        here.report = outer


def pop(here: Evaluation, node: ir.Pop) -> Any:
    """One entry of a list, which loses it; without an index the last."""
    found = here.names.get(node.name, UNKNOWN)
    if isinstance(found, ir.Stack) and node.index is None:
        here.names[node.name] = replaced(found, count=None, filled=None, ready=())
        return lists.pop(here, found, node.span)
    place = -1 if node.index is None else here.static(node.index)
    if found is UNKNOWN or place is UNKNOWN:
        return UNKNOWN
    if not isinstance(found, tuple):
        here.report(errors.no_list(node.span, node.name, described(found), _bound_at(here, node)))
        return UNKNOWN
    if not found:
        popped = here.popped.get(node.name, 0)
        here.report(errors.empty_list(node.span, node.name, popped, _bound_at(here, node)))
        return UNKNOWN
    if not isinstance(place, int) or not -len(found) <= place < len(found):
        here.report(errors.no_entry(node.span, node.name, described(place), len(found)))
        return UNKNOWN
    here.popped[node.name] = here.popped.get(node.name, 0) + 1
    place %= len(found)
    here.names[node.name] = (*found[:place], *found[place + 1 :])
    return found[place]


def _bound_at(here: Evaluation, node: ir.Pop | ir.Append) -> tuple[Label, ...]:
    """Where the name of a list was bound."""
    return (Label(here.bound[node.name], "bound here"),) if node.name in here.bound else ()


def declare(here: Evaluation, node: ir.Declare) -> None:
    """A layer by a name: its arguments are computed here, and in a loop it is new each turn."""
    value = node.value
    if isinstance(value, ir.Call):
        arguments: Any = tuple(
            replaced(each, value=here.evaluated(each.value)) for each in value.arguments
        )
        callee = here.evaluated(value.callee)
        here.layers[node.name] = replaced(value, callee=callee, arguments=arguments)
    else:
        arguments = {name: here.evaluated(each) for name, each in value.arguments.items()}
        here.layers[node.name] = replaced(value, arguments=arguments)
    here.shared.pop(node.name, None)


def _append(here: Evaluation, node: ir.Append, value: Any) -> None:
    name = node.name
    found = here.names.get(name, UNKNOWN)
    if found is UNKNOWN:
        return
    while isinstance(value, ir.Results):
        value = value.items[0]
    if isinstance(found, ir.Stack):
        here.names[name] = lists.append(here, found, value, node.span)
        return
    if not isinstance(found, tuple):
        here.report(errors.no_list(node.span, name, described(found), _bound_at(here, node)))
        here.names[name] = UNKNOWN
        return
    here.keep(value)
    here.names[name] = UNKNOWN if value is UNKNOWN else (*found, value)


def _loop(here: Evaluation, node: ir.For) -> None:
    over = here.value(node.over)
    if over is UNKNOWN:
        _forget(here, node.body)
        return
    if here.generic and _looped(here, node, over):
        return
    if isinstance(over, ir.OpenRange):
        open_loop(here, node, over, run)
        return
    if not isinstance(over, tuple):
        here.report(errors.not_listed(node.over.span, described(over)))
        _forget(here, node.body)
        return
    if not over:
        here.skipped |= dict.fromkeys(bound(node.body), node.over.span)
    before = here.budget.layers
    for turn, each in enumerate(over):
        here.budget.turn(node.span)
        target = node.target
        if isinstance(target, ir.Local):
            here.names[target.name] = each
        elif not _counted(here, node, target, each) or not assign(
            here, node.over.span, target, each
        ):
            _forget(here, node.body)
            return
        with _turn(here, node.over.span, turn, len(over)):
            run(here, node.body)
        if turn == 0:
            here.budget.foresee(node.span, before - here.budget.layers, len(over) - 1)


def _looped(here: Evaluation, node: ir.For, over: Any) -> bool:
    """Whether a loop is one of the constructor now; its turns are written out otherwise."""
    told = here.born.keys() - here.hyperparameters
    if isinstance(over, ir.OpenRange) and (over.start.names | over.stop.names) & told:
        return False  # its turns are counted by data
    found = None if here.unrolling and isinstance(over, tuple) else over_list(here, over)
    if found is None:
        if isinstance(over, tuple):
            return False
        raise NotGeneric(opened.names(over, here.atoms))
    body = partial(run, here, node.body)
    names = bound(node.body), tuple(lists.used(node.body))
    loop = partial(turns, here, node.span, found, node.target, body, *names)
    if isinstance(over, tuple) and not opened.is_open(over):
        return attempted(here, loop)
    loop()
    return True


def _counted(here: Evaluation, node: ir.For, target: tuple[Any, ...], each: Any) -> bool:
    """Whether an entry has parts for several names; two names for a number want `enumerate`."""
    if isinstance(each, tuple | ir.Results) or len(target) != 2:
        return True
    names = ", ".join(part.name if isinstance(part, ir.Local) else "…" for part in target)
    here.report(errors.no_pairs(node.over.span, names, described(each), node.over.span.text))
    return False


def _forget(here: Evaluation, statements: Sequence[ir.Statement]) -> None:
    """What a branch or loop would have bound, which cannot be gone through, is unknown."""
    for each in statements:
        match each:
            case ir.Bind(name=name) | ir.Append(name=name) | ir.State(name=name):
                here.names[name] = UNKNOWN
            case ir.Unpack(target=target):
                for name in _names(target):
                    here.names[name] = UNKNOWN
            case ir.If(then=then, otherwise=otherwise):
                _forget(here, (*then, *otherwise))
            case ir.For(body=body):
                _forget(here, body)
            case ir.Declare():
                here.layers.setdefault(each.name, each.value)


def _names(target: tuple[Any, ...]) -> list[str]:
    found: list[str] = []
    for part in target:
        found += _names(part) if isinstance(part, tuple) else [part.name]
    return found
