"""Loops of a constructor: in a network for all hyperparameters one turn stands for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .. import ir, opened
from ..dims import Dim, dim, lower, name
from ..source import Span
from ..tensor import Type
from . import lists
from .evaluation import Evaluation
from .values import NotGeneric, holds_tensors

ATTEMPTS = 6
# What the axes of a value are called where their sizes change from turn to turn.
AXES = {1: ("size",), 2: ("rows", "features"), 3: ("rows", "steps", "features")}
AXES |= {4: ("rows", "channels", "h", "w")}
AXES |= {5: ("rows", "channels", "d", "h", "w")}
LEAST = 3  # entries of a list in the text that make a loop


@dataclass(frozen=True, slots=True)
class _Saved:
    """What one attempt changes."""

    fields: dict[str, Any]


KEPT = (
    *"turning branching lets carried names guards counts attributes".split(),
    *"shared made_by layers weights kept popped bound".split(),
)


def _save(here: Evaluation) -> _Saved:
    found = {
        each: type(value)(value) for each in KEPT if (value := getattr(here, each)) is not None
    }
    return _Saved({**found, "steps": list(here.steps), "reserved": set(here.reserved)})


def _restore(here: Evaluation, saved: _Saved) -> None:
    for each, value in saved.fields.items():
        copied = type(value)(value)
        if each == "reserved":
            here.reserved.clear()
            here.reserved |= copied
        else:
            setattr(here, each, copied)


def over_list(here: Evaluation, value: Any) -> ir.Open | None:
    """What a loop of the constructor goes over; None where its turns are better written out."""
    if isinstance(value, ir.Open) and value.kind == "list":
        return value
    if isinstance(value, ir.OpenRange):
        return opened.ranged(value)
    least = 2 if here.turning else LEAST
    if isinstance(value, tuple) and len(value) >= least and not holds_tensors(value):
        if any(isinstance(each, ir.Op) for each in value) or not opened.alike(value):
            return None
        return _literal(value)
    return None


def _literal(value: tuple[Any, ...]) -> ir.Open:
    """The list as a person writes it: `range(3)`, `enumerate((64, 128))`, or entry by entry."""
    if all(isinstance(each, tuple) and len(each) == 2 for each in value):
        places, others = zip(*value, strict=True)
        if places == tuple(range(len(value))) and all(type(each) is int for each in places):
            inner = _literal(others)
            return ir.Open(f"enumerate({inner.text})", "list", "enumerate", (inner,), value)
    return ir.Open(_listed(value), "list", "literal", (value,), value)


def _listed(value: tuple[Any, ...]) -> str:
    whole = all(isinstance(each, int) and not isinstance(each, bool) for each in value)
    if whole and value == tuple(range(len(value))):
        return f"range({len(value)})"
    if whole and value == tuple(range(value[0], value[0] + len(value))):
        return f"range({value[0]}, {value[0] + len(value)})"
    if whole and value[::-1] == tuple(range(len(value))):
        return f"reversed(range({len(value)}))"
    return opened.written(value)


def attempted(here: Evaluation, loop: Callable[[], None]) -> bool:
    """Whether a loop can be one of the constructor; nothing has changed where it cannot."""
    saved = _save(here)
    try:
        loop()
    except NotGeneric:
        _restore(here, saved)
        return False
    return True


def turns(
    here: Evaluation,
    span: Span,
    over: ir.Open,
    target: Any,
    body: Callable[[], None],
    changed: Iterable[str],
    listed: Iterable[str] = (),
) -> None:
    """Go through one turn for all; `changed` are the names that a turn may bind.

    A size that changes from turn to turn gets a name of its own, which the constructor counts.
    """
    begun = lists.begin(here, listed, span)
    before = {each: here.names[each] for each in changed if each in here.names}
    stacks = {each: value for each, value in here.names.items() if isinstance(value, ir.Stack)}
    before = {each: value for each, value in before.items() if each not in stacks}
    outside, counts = here.turning, dict(here.counts)
    here.turning = f"@{len(here.attributes)}"
    outer_lets, outer_carried = here.lets, here.carried
    here.carried |= before.keys()
    wide: dict[tuple[str, int], str] = {}
    counted: dict[str, str] = {}
    for _ in range(ATTEMPTS):
        saved = _save(here)
        inside = {each: _inside(value, each, wide, counted) for each, value in before.items()}
        outer, here.steps = here.steps, []
        here.lets = {}
        here.names |= inside
        names = _entered(here, target, over, over.sample)
        body()
        steps, here.steps = here.steps, outer
        if saved.fields["names"].keys() - here.names.keys() - {*_targets(target)}:
            raise NotGeneric  # the target of a loop within, which was something else before
        after = {each: here.names.get(each) for each in before}
        if any(isinstance(s, ir.StateStep | ir.LoopStep) for s in ir.every(tuple(steps))):
            raise NotGeneric(opened.names(over, here.atoms))
        more = _changed(inside, after, wide, counted)
        if not more:
            break
        _restore(here, saved)
        here.reserved |= {*wide.values(), *counted.values()}
        for key in more:
            if isinstance(key, tuple):
                axes = AXES[len(inside[key[0]].type.shape)]
                wide[key] = fresh(here, axes[key[1]], ours=True)
            else:
                counted[key] = fresh(here, key)
    else:
        raise NotGeneric(opened.names(over, here.atoms))
    here.turning, here.counts = outside, counts
    own_lets, here.lets = here.lets, outer_lets
    here.carried = outer_carried
    filled = {each: here.names.get(each) for each in stacks}
    turn = names, steps, own_lets
    _close(here, span, over, target, turn, before, inside, after, wide, counted, saved)
    for each in _targets(target):
        # What it is behind the loop depends on whether there was a turn.
        here.names.pop(each, None)
    for each, value in filled.items():
        if not isinstance(value, ir.Stack):
            raise NotGeneric
        here.names[each] = value
        if each in begun:
            count = partial(_count, here, over)
            here.names[each] = lists.counted(here, value, steps, count)


def _targets(target: Any) -> list[str]:
    """The names that a loop binds, as the author wrote them."""
    if isinstance(target, tuple):
        return [name for part in target for name in _targets(part)]
    return [target.name]


def _inside(
    value: Any,
    called: str,
    wide: dict[tuple[str, int], str],
    counted: dict[str, str],
) -> Any:
    if isinstance(value, ir.Value):
        shape = tuple(
            name(wide[called, axis]) if (called, axis) in wide else size
            for axis, size in enumerate(value.type.shape)
        )
        kind = replace(value.type, shape=shape, meaning="", grown=frozenset())
        # What flows into `repeat` has a name that no text has.
        return ir.Value(kind, value.span, called if called.isidentifier() else "")
    if called in counted:
        sort = opened.kind(value)
        return name(counted[called]) if sort == "int" else ir.Open(counted[called], sort)
    return value


def _entered(here: Evaluation, target: Any, over: ir.Open, sample: Any) -> tuple[str, ...]:
    """Bind what a turn is given; gives the names that the constructor binds."""
    if not isinstance(sample, tuple) or not sample or not opened.alike(sample):
        raise NotGeneric(opened.names(over, here.atoms))
    return tuple(_bound(here, target, sample[0], over))


def _bound(here: Evaluation, target: Any, sample: Any, over: ir.Open) -> list[str]:
    if isinstance(target, tuple):
        if not isinstance(sample, tuple) or len(sample) != len(target):
            raise NotGeneric
        pairs = zip(target, sample, strict=True)
        return [each for part, one in pairs for each in _bound(here, part, one, over)]
    if target.name == "_":
        return []
    word = fresh(here, target.name)
    kind = opened.kind(sample)
    if not kind:
        raise NotGeneric(opened.names(over, here.atoms))
    leaf = ir.Open(word, kind, sample=sample)
    here.names[target.name] = name(word) if kind == "int" else leaf
    return [word]


def named(here: Evaluation, word: str, value: Any) -> Any:
    """A value under the author's name, which the constructor computes first."""
    word = fresh(here, word) if word not in here.hyperparameters else opened.safe(word)
    here.lets[word] = value
    return here.computed(opened.let, word, value)


def fresh(here: Evaluation, wanted: str, ours: bool = False) -> str:
    """A name that the constructor has not: in a block of a network, one that no text has.

    One of `ours` is not one that the author has for anything.
    """
    wanted = opened.safe(wanted)
    if here.depth:
        wanted = f"{wanted}@{here.depth}"
    found, count = wanted, 1
    while found in here.reserved or (ours and found in here.spoken):
        count += 1
        found = f"{wanted}{count}"
    here.reserved.add(found)
    return found


def _changed(
    inside: dict[str, Any],
    after: dict[str, Any],
    wide: dict[tuple[str, int], str],
    counted: dict[str, str],
) -> list[str | tuple[str, int]]:
    """What a turn changes that was thought to stay: names of numbers, and axes of tensors."""
    found: list[str | tuple[str, int]] = []
    for each, value in inside.items():
        then = after[each]
        if then is None:
            raise NotGeneric
        if then is value or (not holds_tensors(value) and then == value):
            continue
        if isinstance(value, ir.Value) and isinstance(then, ir.Value):
            if not _alike(value.type, then.type):
                raise NotGeneric
            pairs = zip(value.type.shape, then.type.shape, strict=True)
            differ = [axis for axis, (one, other) in enumerate(pairs) if one != other]
            found += [(each, axis) for axis in differ if (each, axis) not in wide]
        elif holds_tensors(value) or holds_tensors(then) or opened.kind(value) in ("", "list"):
            raise NotGeneric
        elif each not in counted:
            found.append(each)
    return found


def _alike(one: Type, other: Type) -> bool:
    return (
        (one.dtype, len(one.shape), one.tokens, one.classes, one.packed)
        == (other.dtype, len(other.shape), other.tokens, other.classes, other.packed)
    ) and len(one.shape) in AXES


def _close(
    here: Evaluation,
    span: Span,
    over: ir.Open,
    target: Any,
    turn: tuple[tuple[str, ...], list[ir.TypedStep], dict[str, Any]],
    before: dict[str, Any],
    inside: dict[str, Any],
    after: dict[str, Any],
    wide: dict[tuple[str, int], str],
    counted: dict[str, str],
    saved: _Saved,
) -> None:
    """What goes on behind the loop."""
    names, steps, lets = turn
    sizes: list[tuple[str, Any, Any]] = []
    for (each, axis), word in wide.items():
        sizes.append((word, before[each].type.shape[axis], after[each].type.shape[axis]))
    sizes += [(word, before[each], after[each]) for each, word in counted.items()]
    own = {*names, *(word for word, _, _ in sizes), *lets}
    ends = {word: _end(here, over, word, own, *pair) for word, *pair in sizes}
    carried = []
    outputs = []
    known = saved.fields["names"]
    here.names = dict(known)
    for each, value in before.items():
        then = after[each]
        if isinstance(value, ir.Value) and then is not inside[each]:
            carried.append((value, inside[each], then))
            shape = tuple(size.substitute(ends) for size in inside[each].type.shape)
            meaning = then.type.meaning if then.type.meaning == value.type.meaning else ""
            kind = replace(then.type, shape=shape, meaning=meaning, grown=frozenset())
            outputs.append(ir.Value(kind, span, value.name))
            here.names[each] = outputs[-1]
        elif each in counted:
            last = inside[each]
            here.names[each] = last.substitute(ends) if isinstance(last, Dim) else last
    here.guards = [
        *saved.fields["guards"],
        *(
            guard
            for guard in here.guards[len(saved.fields["guards"]) :]
            if own.isdisjoint(guard.condition.left.names | guard.condition.right.names)
        ),
    ]
    layers = saved.fields["layers"]
    here.layers = {each: value for each, value in here.layers.items() if each in layers}
    shared = frozenset(word for each, word in here.shared.items() if each in layers)
    here.reserved -= {*names}
    if not steps and not carried and not sizes:
        return
    step = ir.Turns(
        span,
        target,
        names,
        over,
        tuple(sizes),
        tuple(carried),
        tuple(steps),
        tuple(outputs),
        shared,
        lets,
    )
    here.did(step, *outputs)


def _end(here: Evaluation, over: ir.Open, word: str, own: set[str], first: Any, then: Any) -> Dim:
    """A size behind the last turn: where a caller has to know it, without the loop's names."""
    if not here.depth or not isinstance(first, int | Dim) or not isinstance(then, int | Dim):
        return name(word)
    more = dim(then) - name(word)
    count = _count(here, over)
    if own.isdisjoint(opened.names(more, here.atoms) | more.names):
        return dim(first) + more * count
    stays = own.isdisjoint(opened.names(then, here.atoms) | dim(then).names)
    if stays and ((lower(count) or 0) >= 1 or dim(first) == dim(then)):
        return dim(then)
    return name(word)


def _count(here: Evaluation, over: ir.Open) -> Dim:
    """How many turns a loop has."""
    if over.operator in ("enumerate", "reversed") and len(over.operands) == 1:
        inner = over.operands[0]
        return _count(here, inner) if isinstance(inner, ir.Open) else dim(len(inner))
    if over.operator == "range":
        *start, stop = over.operands[:2]
        return dim(stop) - (dim(start[0]) if start else 0)
    if over.operator == "literal":
        return dim(len(over.sample))
    return dim(here.computed(opened.call, "len", (over,)))
