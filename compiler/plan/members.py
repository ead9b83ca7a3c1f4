"""What a module has: an attribute for each layer, one for all turns of a loop."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .. import ir
from .names import attribute

HasState = Callable[[ir.BlockStep], bool]


@dataclass(slots=True)
class Members:
    """Attributes of a module, by the names that layers have in the typed network.

    `elements` are what a layer in a loop is called within a turn. `chains` are the loops and
    branches, by identity, that are one attribute, for data flow straight through them. `tied` are
    layers that stand in more than one place: they are no part of a row.
    """

    has_state: HasState = lambda step: True
    names: dict[str, str] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)
    chains: dict[int, str] = field(default_factory=dict)
    tied: frozenset[str] = frozenset()

    @property
    def every(self) -> set[str]:
        """All attributes."""
        return {*self.names.values(), *self.chains.values()}


def members(network: ir.Network, has_state: HasState) -> Members:
    """The attributes of a network's class, none of which `nn.Module` has."""
    found = Members(has_state, tied=_tied(network.steps))
    _walk(network.steps, found, ())
    return found


def _tied(steps: tuple[ir.TypedStep, ...]) -> frozenset[str]:
    """Layers that are used or read more than once, or in loops that they were declared before."""
    found: set[str] = set()
    seen: set[str] = set()
    for step in ir.every(steps):
        if isinstance(step, ir.Turns):
            found |= step.shared
        if isinstance(step, ir.LayerStep | ir.BlockStep | ir.ReadStep):
            found |= {step.attribute} & seen
            seen.add(step.attribute)
    return frozenset(found)


def _walk(
    steps: tuple[ir.TypedStep, ...],
    found: Members,
    loops: tuple[frozenset[str], ...],
) -> None:
    for step in steps:
        match step:
            case ir.Turns():
                if not loops and flows_through(step, found):
                    found.chains[id(step)] = attribute(_of_all(step), found.every)
                elif loops and flows_through(step, found):
                    _element(found, id(step), _of_all(step))
                else:
                    _walk(step.steps, found, (*loops, step.shared))
            case ir.Choice():
                chosen = passing(step, found)
                if chosen is None:
                    _walk((*step.then, *step.otherwise), found, loops)
                elif len(chosen) == 1 and not loops:
                    _named(found, chosen[0])
                    found.chains[id(step)] = found.names[chosen[0].attribute]
                elif not loops:
                    found.chains[id(step)] = attribute(_of_all(step), found.every)
                else:
                    _element(found, id(step), singular(chosen[0].attribute))
            case ir.LoopStep():
                _walk(step.steps, found, loops)
            case ir.LayerStep() | ir.BlockStep() | ir.StateStep() | ir.ReadStep():
                if not step.attribute or step.attribute in found.names:
                    continue
                if isinstance(step, ir.BlockStep) and not found.has_state(step):
                    continue
                if any(step.attribute not in shared for shared in loops):
                    _element(found, step.attribute, singular(step.attribute))
                else:
                    _named(found, step)


def _named(found: Members, step: ir.LayerStep | ir.BlockStep | ir.StateStep | ir.ReadStep) -> None:
    found.names[step.attribute] = attribute(step.attribute, found.every)


def _element(found: Members, key: str | int, word: str) -> None:
    """A layer of a loop: the list of all of them, and what one is called in a turn."""
    number, many = "", plural(word)
    while many + number in found.every:
        number = str(int(number or 1) + 1)
    held, word = attribute(many + number, found.every), word + number
    if isinstance(key, str):
        found.names[key] = held
        found.elements[key] = word
    else:
        found.chains[key] = held
        found.elements[str(key)] = word


def singular(name: str) -> str:
    return re.sub(r"\d*(@\d+)?$", "", name) or name


def plural(word: str) -> str:
    """Several of them: `layers`, `boxes`, `entries`."""
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|ch|sh)$", word) else f"{word}s"


def _of_all(step: ir.TypedStep) -> str:
    """What a row of layers is called: after them if they are of one kind."""
    words = {singular(each.attribute) for each in inside(step)}
    return plural(words.pop()) if len(words) == 1 else "layers"


def inside(step: ir.TypedStep) -> Iterator[ir.LayerStep | ir.BlockStep]:
    """The layers and blocks of loops and branches."""
    match step:
        case ir.Turns(steps=steps):
            for each in steps:
                yield from inside(each)
        case ir.Choice(then=then, otherwise=otherwise):
            for each in (*then, *otherwise):
                yield from inside(each)
        case ir.LayerStep() | ir.BlockStep():
            yield step


def flows_through(loop: ir.Turns, members: Members) -> bool:
    """Whether a loop is a row of modules, each of which takes what the one before gives."""
    if len(loop.carried) != 1 or any(each.attribute in loop.shared for each in inside(loop)):
        return False
    _, start, end = loop.carried[0]
    return _row(loop.steps, start, end, members)


def _row(steps: tuple[ir.TypedStep, ...], value: ir.Value, end: ir.Value, members: Members) -> bool:
    for step in steps:
        match step:
            case ir.Turns():
                if step.reads[:1] != (value,) or not flows_through(step, members):
                    return False
                if any(each is not value for each in step.reads):
                    return False
            case ir.Choice(merged=(), then=(), otherwise=()):
                continue  # of numbers alone
            case ir.Choice():
                if passing(step, members) is None or any(e is not value for e in step.reads):
                    return False
            case ir.LayerStep() | ir.BlockStep():
                if not is_module(step, members) or step.reads != (value,):
                    return False
            case _:
                return False
        if len(step.outputs) != 1:
            return False
        value = step.outputs[0]
    return value is end and bool(steps)


def is_module(step: ir.TypedStep, members: Members) -> bool:
    """Whether a step is the plain call of a module with one input and one output."""
    match step:
        case ir.LayerStep():
            later = {each.name for each in step.layer.called_with}
            told = any(step.arguments.get(n) not in (None, False) for n in later)
            alone = bool(step.attribute) and step.attribute not in members.tied
            return alone and step.structure == 0 and not told
        case ir.BlockStep():
            return step.attribute not in members.tied and members.has_state(step)
    return False


def acting(
    steps: tuple[ir.TypedStep, ...], end: ir.Value
) -> tuple[tuple[ir.TypedStep, ...], ir.Value]:
    """The steps of a branch, none where it is `Identity` alone, and then what it lets pass."""
    if len(steps) == 1 and steps[0].outputs == (end,):
        (only,) = steps
        if isinstance(only, ir.LayerStep) and only.layer.name == "Identity":
            return (), only.inputs[0]
    return steps, end


def passing(step: ir.Choice, members: Members) -> tuple[ir.LayerStep | ir.BlockStep, ...] | None:
    """The modules of the only branch that does something, where the other lets a value pass."""
    if len(step.merged) != 1:
        return None
    _, then, otherwise = step.merged[0]
    first, then_start = acting(step.then, then)
    second, other_start = acting(step.otherwise, otherwise)
    if not first and second:
        steps, start, end = second, then_start, otherwise
    elif first and not second:
        steps, start, end = first, other_start, then
    else:
        return None
    plain = tuple(each for each in steps if isinstance(each, ir.LayerStep | ir.BlockStep))
    if len(plain) != len(steps) or any(getattr(each, "init", None) for each in plain):
        return None
    return plain if _row(steps, start, end, members) else None
