"""Loops of a constructor: in a network for all hyperparameters one turn stands for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .. import ir, opened
from ..dims import Dim, dim, maximum, name
from ..record import replaced
from ..source import Span
from . import lists
from .changing import AXES, Changing, among, known_behind, words_of
from .changing import changed as changes
from .closed import Counter, counter, never_negative
from .evaluation import Evaluation
from .values import NotGeneric, holds_tensors

ATTEMPTS = 10
LEAST = 3  # entries of a list in the text that make a loop


@dataclass(frozen=True, slots=True)
class _Saved:
    """What one attempt changes."""

    fields: dict[str, Any]


KEPT = (
    *"turning branching lets carried names guards counts attributes".split(),
    *"shared made_by layers weights kept popped bound behind read_behind steady".split(),
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
    repeats: bool = False,
) -> None:
    """Go through one turn for all; `changed` are the names that a turn may bind.

    One that `repeats` has no negative number of them.
    A size that changes from turn to turn is a formula of the turn's number, or gets a name of its
    own, which the constructor counts.
    """
    begun = lists.begin(here, listed, span)
    before = {each: here.names[each] for each in changed if each in here.names}
    stacks = {each: value for each, value in here.names.items() if isinstance(value, ir.Stack)}
    before = {each: value for each, value in before.items() if each not in stacks}
    outside, counts = here.turning, dict(here.counts)
    here.turning = f"@{len(here.attributes)}"
    outer_lets, outer_carried, steady = here.lets, here.carried, here.steady
    here.carried |= before.keys()
    changing, unready = Changing(), set[str]()
    for _ in range(ATTEMPTS):
        saved = _save(here)
        inside = {each: changing.inside(value, each) for each, value in before.items()}
        outer, here.steps = here.steps, []
        here.lets = {}
        here.names |= inside
        names = _entered(here, target, over, over.sample)
        here.steady = frozenset(here.reserved)
        by = counter(over, target, names, partial(_count, here, over))
        ready = _ready(here, stacks, unready, over, _words(target, names), by)
        try:
            body()
        except NotGeneric:
            if not changing.formulas:
                raise
            _restore(here, saved)
            changing.refused |= changing.formulas.keys()
            changing.formulas = {}
            continue
        steps, here.steps = here.steps, outer
        if saved.fields["names"].keys() - here.names.keys() - {*_targets(target)}:
            raise NotGeneric  # the target of a loop within, which was something else before
        after = {each: here.names.get(each) for each in before}
        if any(isinstance(s, ir.StateStep | ir.LoopStep) for s in ir.every(tuple(steps))):
            raise NotGeneric(opened.names(over, here.atoms))
        more = changes(inside, after, changing.words)
        late = {each for each in ready if not lists.alone(stacks[each], steps, "pop")}
        own = frozenset({*names, *changing.words.values(), *here.lets}) | words_of(steps)
        pairs = [*changing.pairs(before, after)]
        if not more and not late and changing.settled(here, span, by, pairs, own):
            break
        _restore(here, saved)
        unready |= late
        here.reserved |= {*changing.words.values()}
        for key in more:
            if isinstance(key, tuple):
                axes = AXES[len(inside[key[0]].type.shape)]
                changing.words[key] = fresh(here, axes[key[1]], ours=True)
            else:
                changing.words[key] = fresh(here, key)
    else:
        raise NotGeneric(opened.names(over, here.atoms))
    here.turning, here.counts = outside, counts
    own_lets, here.lets = here.lets, outer_lets
    here.carried, here.steady = outer_carried, steady
    filled = {each: here.names.get(each) for each in stacks}
    turn = _Turn(span, over, target, names, steps, own_lets, own, by, repeats)
    _close(here, turn, before, inside, after, changing, saved)
    for each in _targets(target):
        # What it is behind the loop depends on whether there was a turn.
        here.names.pop(each, None)
    for each, value in filled.items():
        if not isinstance(value, ir.Stack):
            raise NotGeneric
        if lists.alone(value, steps, "append"):
            last = lists.Filled(over, _words(target, names), by, value.types[-1])
            value = replaced(value, filled=last)
        here.names[each] = value
        if each in begun:
            count = partial(_count, here, over)
            here.names[each] = lists.counted(here, value, steps, count)


def _ready(
    here: Evaluation,
    stacks: dict[str, ir.Stack],
    unready: set[str],
    over: ir.Open,
    words: tuple[str, ...],
    by: Counter | None,
) -> list[str]:
    """Tell the sizes of what lists hold that the loop may empty; gives the names of those lists."""
    found = []
    for each, stack in stacks.items():
        known = () if each in unready else lists.ready(here, stack, over, words, by)
        here.names[each] = replaced(stack, filled=None, ready=known)
        found += [each] if known else []
    return found


def _targets(target: Any) -> list[str]:
    """The names that a loop binds, as the author wrote them."""
    if isinstance(target, tuple):
        return [name for part in target for name in _targets(part)]
    return [target.name]


def _words(target: Any, names: Iterable[str]) -> tuple[str, ...]:
    """The names that the constructor binds, in their places; nothing where it binds none."""
    words = iter(names)
    return tuple("" if each == "_" else next(words) for each in _targets(target))


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


@dataclass(frozen=True, slots=True)
class _Turn:
    """One turn that stands for all; `own` are the names that it gives to numbers."""

    span: Span
    over: ir.Open
    target: Any
    names: tuple[str, ...]
    steps: list[ir.TypedStep]
    lets: dict[str, Any]
    own: frozenset[str]
    by: Counter | None
    repeats: bool


def _close(
    here: Evaluation,
    turn: _Turn,
    before: dict[str, Any],
    inside: dict[str, Any],
    after: dict[str, Any],
    changing: Changing,
    saved: _Saved,
) -> None:
    """What goes on behind the loop."""
    here.behind = dict(saved.fields["behind"])
    sizes: list[tuple[str, Any, Any]] = []
    ends: dict[str, Dim] = {}
    for word, first, then in changing.pairs(before, after):
        formula = changing.formulas.get(word)
        if formula is not None and turn.by is not None:
            if known_behind(here, turn.by, first, formula):
                ends[word] = formula.behind
                continue
            none = among(here, turn.by.count, first, 2)
            if here.depth:
                ends[word] = _either(here, turn.by.count, formula.behind, dim(none))
                continue
            here.behind[word] = turn.by.count, formula.behind, none
            here.read_behind[word] = turn.span
        sizes.append((word, first, then))
        ends[word] = name(word) if formula else _end(here, turn, word, first, then)
    own = turn.own
    carried = []
    outputs = []
    known = saved.fields["names"]
    here.names = dict(known)
    for each, value in before.items():
        then = after[each]
        if isinstance(value, ir.Value) and then is not inside[each]:
            carried.append((value, inside[each], then))
            shape = tuple(
                ends.get(changing.words.get((each, axis), ""), size)
                for axis, size in enumerate(inside[each].type.shape)
            )
            meaning = then.type.meaning if then.type.meaning == value.type.meaning else ""
            kind = replace(then.type, shape=shape, meaning=meaning, grown=frozenset())
            outputs.append(ir.Value(kind, turn.span, value.name))
            here.names[each] = outputs[-1]
        elif each in changing.words:
            last = inside[each]
            here.names[each] = ends[changing.words[each]] if isinstance(last, Dim) else last
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
    here.reserved -= {*turn.names}
    if not turn.steps and not carried and not sizes:
        return
    step = ir.Turns(
        turn.span,
        turn.target,
        turn.names,
        turn.over,
        tuple(sizes),
        tuple(carried),
        tuple(turn.steps),
        tuple(outputs),
        shared,
        turn.lets,
    )
    here.did(step, *outputs)


def _end(here: Evaluation, turn: _Turn, word: str, first: Any, then: Any) -> Dim:
    """A size behind the last turn, where that is known without the names of the loop."""
    if not isinstance(first, int | Dim) or not isinstance(then, int | Dim):
        return name(word)
    count = _count(here, turn.over)
    stays = turn.own.isdisjoint(opened.names(then, here.atoms) | dim(then).names)
    if stays and ((count.value or 0) >= 1 or dim(first) == dim(then)):
        return dim(then)
    if here.depth:
        # A caller has to know it, also where there is no turn.
        more = dim(then) - name(word)
        if turn.own.isdisjoint(opened.names(more, here.atoms) | more.names):
            least = turn.repeats or never_negative(here, count)
            return dim(first) + more * (count if least else maximum(count, 0))
        if stays:
            return _either(here, count, dim(then), dim(first))
    return name(word)


def _either(here: Evaluation, count: Dim, some: Dim, none: Dim) -> Dim:
    """A size where a loop has had turns, or none."""
    turned = here.computed(opened.operation, ">", count, 0)
    return dim(here.computed(opened.choice, turned, some, none))


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
