"""A network for all hyperparameters against one with numbers: they must be step by step the same.

The first is written by loops and branches, the second as it runs. Going through the first with the
numbers of the second gives its steps in order; a difference in any layer, argument, size or wire
means that no class of the first may stand for the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from . import ir, opened
from .arithmetic import ArithmeticFault
from .dims import Dim, dim, name
from .evaluated import Function, evaluate
from .layers.indexing import Slice

# The attribute of a generic network, and the turn of each loop that it stands in.
Place = tuple[str, tuple[int, ...]]


class Unlike(Exception):
    """Two networks differ; `names` may be to blame."""

    def __init__(self, why: str, names: frozenset[str] = frozenset()) -> None:
        super().__init__(why)
        self.names = names


def same(
    generic: ir.Network, concrete: ir.Network, functions: Mapping[str, Function]
) -> dict[str, Place]:
    """Where each attribute of a network with numbers stands in the one for all; raises `Unlike`."""
    told = {opened.safe(each): value for each, value in concrete.hyperparameters.items()}
    walk = _Walk(generic.atoms, functions, {**told, **concrete.sizes})
    if len(generic.inputs) != len(concrete.inputs) or generic.defaults != concrete.defaults:
        raise Unlike("inputs")
    for one, other in zip(generic.inputs, concrete.inputs, strict=True):
        walk.twins[id(one)] = other
    walk.walk(generic.steps, iter(concrete.steps), whole=True)
    for one, other in zip_longest(generic.outputs, concrete.outputs):
        if one is None or other is None or walk.twins.get(id(one)) is not other:
            raise Unlike("outputs")
    if not walk.equal_initial(generic.init, concrete.init):
        raise Unlike("init")
    return walk.places


class _Walk:
    """One network followed along the other."""

    def __init__(
        self,
        atoms: opened.Atoms,
        functions: Mapping[str, Function],
        known: dict[str, Any],
    ) -> None:
        self.atoms, self.functions, self.known = atoms, functions, known
        self.twins: dict[int, ir.Value] = {}
        self.places: dict[str, Place] = {}
        self.made: dict[str, ir.BlockStep] = {}
        self.lists: dict[int, list[ir.Value]] = {}
        self.turns: tuple[tuple[int, frozenset[str]], ...] = ()

    def of(self, value: Any) -> Any:
        """A value with these numbers."""
        try:
            return evaluate(value, self.known, self.atoms, self.functions)
        except (ArithmeticFault, opened.NoForm, OverflowError) as why:
            raise Unlike(str(why), opened.names(value, self.atoms)) from None

    def walk(
        self, steps: tuple[ir.TypedStep, ...], others: Iterator[ir.TypedStep], whole: bool = False
    ) -> None:
        """Go through steps; each has its twin among the others, in order."""
        for step in steps:
            match step:
                case ir.Choice():
                    self._branch(step, others)
                case ir.Turns():
                    self._loop(step, others)
                case ir.ListStep():
                    self._list(step)
                case _:
                    other = next(others, None)
                    if other is None or not self._alike(step, other):
                        raise Unlike(f"{step} is not {other}")
        if whole and next(others, None) is not None:
            raise Unlike("a step more")

    def _branch(self, step: ir.Choice, others: Iterator[ir.TypedStep]) -> None:
        holds = bool(self.of(step.condition))
        self.walk(step.then if holds else step.otherwise, others)
        for merged, then, otherwise in step.merged:
            self.twins[id(merged)] = self.twin(then if holds else otherwise)
        self.known |= {word: self.of(one if holds else other) for word, one, other in step.sizes}

    def _loop(self, step: ir.Turns, others: Iterator[ir.TypedStep]) -> None:
        over = self.of(step.over)
        if not isinstance(over, tuple):
            raise Unlike("no list", opened.names(step.over, self.atoms))
        outer = dict(self.known), self.turns
        current = [self.twin(first) for first, _, _ in step.carried]
        self.known |= {word: self.of(start) for word, start, _ in step.sizes}
        for number, each in enumerate(over):
            self.turns = (*outer[1], (number, step.shared))
            words = iter(step.names)
            self._enter(step.target, each, words)
            for (_, inside, _), value in zip(step.carried, current, strict=True):
                self.twins[id(inside)] = value
            self.walk(step.steps, others)
            current = [self.twin(after) for _, _, after in step.carried]
            self.known |= {word: self.of(then) for word, _, then in step.sizes}
        last = {word: self.known[word] for word, _, _ in step.sizes}
        self.known, self.turns = {**outer[0], **last}, outer[1]
        for output, value in zip(step.outputs, current, strict=True):
            self.twins[id(output)] = value

    def _list(self, step: ir.ListStep) -> None:
        if step.action == "begin":
            self.lists[id(step.handle)] = []
            return
        entries = self.lists[id(step.handle)]
        if step.value is not None:
            entries.append(self.twin(step.value))
        elif step.output is not None and step.action == "pop":
            if not entries:
                raise Unlike("an empty list")
            found = self.twins[id(step.output)] = entries.pop()
            self.known |= {word: found.type.shape[axis] for axis, word in step.sizes}
        elif step.output is not None:
            self.lists[id(step.output)] = entries

    def _enter(self, target: Any, value: Any, words: Iterator[str]) -> None:
        if not isinstance(target, tuple):
            if target.name != "_":
                self.known[next(words)] = value
            return
        if not isinstance(value, tuple) or len(value) != len(target):
            raise Unlike("unlike entries")
        for part, each in zip(target, value, strict=True):
            self._enter(part, each, words)

    def twin(self, value: ir.Value) -> ir.Value:
        """The other network's tensor."""
        if id(value) not in self.twins:
            raise Unlike("a tensor that is not there")
        return self.twins[id(value)]

    def _alike(self, step: ir.TypedStep, other: ir.TypedStep) -> bool:
        match step, other:
            case ir.LayerStep(), ir.LayerStep():
                good = (
                    step.layer.name == other.layer.name
                    and self._wired(step.inputs, other.inputs)
                    and self._equal_all(step.arguments, other.arguments)
                    and self._equal_all(step.inferred, other.inferred)
                    and step.structure == other.structure
                    and self.equal_initial(step.init, other.init)
                )
            case ir.ArithmeticStep(), ir.ArithmeticStep():
                good = step.operator == other.operator and self._equal(
                    step.operands, other.operands
                )
            case ir.BlockStep(), ir.BlockStep():
                good = (
                    step.block == other.block
                    and self._wired(step.inputs, other.inputs)
                    and self._equal_all(step.arguments, other.arguments)
                    and self._equal_all(step.body.sizes, other.body.sizes)
                )
            case ir.StateStep(), ir.StateStep():
                good = step.kind == other.kind and self._start(step.value, other.value)
                good = good and self._equal(step.output.type.shape, other.output.type.shape)
            case ir.ReadStep(), ir.ReadStep():
                good = step.name == other.name
            case ir.LoopStep(), ir.LoopStep():
                return self._open_loop(step, other)
            case _:
                return False
        if not good or len(step.outputs) != len(other.outputs):
            return False
        for one, two in zip(step.outputs, other.outputs, strict=True):
            self.twins[id(one)] = two
        return self._same_place(step, other)

    def _same_place(self, step: Any, other: Any) -> bool:
        """Whether what is one layer here is one layer there."""
        attribute = getattr(step, "attribute", "")
        if not attribute or isinstance(step, ir.ReadStep):
            return bool(attribute) is bool(getattr(other, "attribute", ""))
        turns = tuple(turn for turn, shared in self.turns if attribute not in shared)
        place = attribute, turns
        known = self.places.setdefault(other.attribute, place)
        if isinstance(other, ir.BlockStep):
            first = self.made.setdefault(other.attribute, other)
            if first.body.sizes != other.body.sizes and _has_state(other.body):
                return False  # made for the sizes of its first use
        return known == place and list(self.places.values()).count(place) <= 1

    def _open_loop(self, step: ir.LoopStep, other: ir.LoopStep) -> bool:
        self.known[step.turn] = name(other.turn)
        if not self._equal((step.start, step.count), (other.start, other.count)):
            return False
        if len(step.carried) != len(other.carried) or len(step.gathered) != len(other.gathered):
            return False
        for (first, inside, _), (one, seen, _) in zip(step.carried, other.carried, strict=True):
            if self.twin(first) is not one:
                return False
            self.twins[id(inside)] = seen
        self.walk(step.steps, iter(other.steps), whole=True)
        ends = [(a[2], b[2]) for a, b in zip(step.carried, other.carried, strict=True)]
        ends += [(a[1], b[1]) for a, b in zip(step.gathered, other.gathered, strict=True)]
        for one, two in zip(step.outputs, other.outputs, strict=True):
            self.twins[id(one)] = two
        return all(self.twin(a) is b for a, b in ends)

    def _start(self, value: Any, other: Any) -> bool:
        if isinstance(value, ir.Initial) or isinstance(other, ir.Initial):
            return self.equal_initial(value, other)
        if isinstance(value, ir.Network) and isinstance(other, ir.Network):
            self.walk(value.steps, iter(other.steps), whole=True)
            return self._wired(value.outputs, other.outputs)
        return self._equal(value, other)

    def equal_initial(self, one: Any, other: Any) -> bool:
        """Whether weights are set alike."""
        if one is None or other is None:
            return one is other
        if not isinstance(one, ir.Initial) or not isinstance(other, ir.Initial):
            return False
        return one.name == other.name and self._equal_all(one.arguments, other.arguments)

    def _wired(self, values: tuple[ir.Value, ...], others: tuple[ir.Value, ...]) -> bool:
        twins: list[ir.Value] = []
        for value in values:
            # A list that is taken as it is stands for its entries.
            twins += self.lists[id(value)] if id(value) in self.lists else [self.twin(value)]
        pairs = zip(twins, others, strict=False)
        return len(twins) == len(others) and all(twin is other for twin, other in pairs)

    def _equal_all(self, values: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
        return values.keys() == others.keys() and all(
            self._equal(value, others[key]) for key, value in values.items()
        )

    def _equal(self, value: Any, other: Any) -> bool:
        if isinstance(value, ir.Value) or isinstance(other, ir.Value):
            return isinstance(value, ir.Value) and self.twin(value) is other
        if isinstance(value, Slice) and isinstance(other, Slice):
            return self._equal(
                (value.start, value.stop, value.step), (other.start, other.stop, other.step)
            )
        if isinstance(value, tuple) and isinstance(other, tuple):
            pairs = zip(value, other, strict=False)
            return len(value) == len(other) and all(self._equal(a, b) for a, b in pairs)
        found = self.of(value)
        if isinstance(found, int | Dim) and isinstance(other, int | Dim):
            return isinstance(found, bool) is isinstance(other, bool) and dim(found) == dim(other)
        return bool(found == other)


def _has_state(network: ir.Network) -> bool:
    """Whether a block has layers with weights, or values, of its own."""
    return any(
        _has_state(step.body)
        if isinstance(step, ir.BlockStep)
        else isinstance(step, ir.StateStep) or bool(getattr(step, "attribute", ""))
        for step in ir.every(network.steps)
    )
