"""Typed: every value has its type; only `shapes` makes these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ..dims import Dim
from ..layers.indexing import Slice
from ..layers.record import Condition, Layer
from ..record import Record, Single, unseen
from ..source import Span
from ..tensor import Type, Unknown


class Open(Record):
    """A value that a constructor is given or computes, in a generic network: `text` is Python.

    A name has no `operator`; the others are made by `opened`. Whole numbers go on as sizes, under
    names that `Network.atoms` explains. `sample` is what a list or a tuple is in one use.
    """

    text: str
    kind: str = "float"
    operator: str = ""
    operands: tuple[Any, ...] = ()
    sample: Any = None


class Op(Record):
    """A layer, function or block by its name, as a value of a spec."""

    name: str


class OpenRange(Record):
    """`range` over a size that is open: it makes a loop at run time."""

    start: Dim
    stop: Dim


class Value(Single):
    """A tensor at one place of a body; `name` is what the author called it."""

    type: Type
    span: Span = unseen()
    name: str = ""


class Gathered(Single):
    """A list that a loop appends to once a turn: `value` is one entry; `first` stand before it."""

    value: Value
    count: Dim
    first: tuple[Type, ...] = ()


class Results(Single):
    """Several results of one step, in torch's structure.

    `made_by` is what gave them, `pattern` how a person may name them: `y, (h, c)`.
    """

    items: tuple[Value | Results | Unknown, ...]
    made_by: str
    pattern: str


class Initial(Single):
    """How weights are set: an initializer of torch with its arguments, or `keras`."""

    name: str
    arguments: Mapping[str, Any]


class LayerStep(Single):
    """A layer or function with every size known; `attribute` names its state.

    Tensors among the `arguments` stand there as values. `structure` is what torch returns, with
    the places of `outputs` in it: `(0, (1, 2))`; a single result is 0. `declared` is the name that
    a `layer` statement gave it: in a loop a layer of each turn has it.
    """

    span: Span = unseen()
    layer: Layer
    arguments: Mapping[str, Any]
    inferred: Mapping[str, Dim]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    attribute: str
    structure: Any = 0
    init: Initial | None = None
    declared: str = ""

    @property
    def output(self) -> Value:
        """The first result, which flows on."""
        return self.outputs[0]

    @property
    def types(self) -> tuple[Type, ...]:
        """The types of what flows in."""
        return tuple(value.type for value in self.inputs)

    @property
    def known(self) -> dict[str, Any]:
        """All arguments as a layer's rules see them: a tensor is its type."""
        return {name: seen(value) for name, value in {**self.arguments, **self.inferred}.items()}

    @property
    def reads(self) -> tuple[Value, ...]:
        """Every tensor that the step reads."""
        return (*self.inputs, *(each for value in self.arguments.values() for each in held(value)))


class ArithmeticStep(Single):
    """An operator on tensors and numbers; numbers and sizes stand as they are."""

    span: Span = unseen()
    operator: str
    operands: tuple[Any, ...]
    output: Value

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The one result."""
        return (self.output,)

    @property
    def reads(self) -> tuple[Value, ...]:
        """Every tensor that the step reads."""
        return tuple(value for value in self.operands if isinstance(value, Value))


class BlockStep(Single):
    """A block in use; `body` is the block as typed for these inputs."""

    span: Span = unseen()
    block: str
    arguments: Mapping[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    attribute: str
    body: Network
    declared: str = ""

    @property
    def reads(self) -> tuple[Value, ...]:
        """Every tensor that the step reads."""
        return self.inputs


class StateStep(Single):
    """A tensor of the model's own: a `weight`, or a constant `buffer`; `value` is its start.

    That is a number, an initializer, or a network without inputs.
    """

    span: Span = unseen()
    kind: str
    attribute: str
    value: int | float | Initial | Network
    output: Value

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The tensor."""
        return (self.output,)

    @property
    def reads(self) -> tuple[Value, ...]:
        """Nothing: it is there before any data."""
        return ()


class ReadStep(Single):
    """A parameter of a layer, read by its name: `words.weight`."""

    span: Span = unseen()
    attribute: str
    name: str
    output: Value

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The tensor."""
        return (self.output,)

    @property
    def reads(self) -> tuple[Value, ...]:
        """Nothing that flows."""
        return ()


class LoopStep(Single):
    """A loop at run time over `count` turns.

    `carried` are triples: what comes in, what the body sees, what the body makes of it; `outputs`
    are the carried values after the last turn, then the `gathered` lists, which hold one value a
    turn and are taken as one tensor by `stack` or `cat` only. `turn` is a size that counts the
    turns from 1; their numbers begin with `start`.
    """

    span: Span = unseen()
    turn: str
    start: Dim
    count: Dim
    carried: tuple[tuple[Value, Value, Value], ...]
    gathered: tuple[tuple[str, Value], ...]
    steps: tuple[TypedStep, ...]
    outputs: tuple[Value, ...]

    @property
    def reads(self) -> tuple[Value, ...]:
        """What comes in, and what the body reads from outside."""
        inside = tuple(value for _, value, _ in self.carried)
        ends = (value for _, _, value in self.carried)
        return (
            *(first for first, _, _ in self.carried),
            *_from_outside(self.steps, inside, ends),
        )


class Stack(Record):
    """A list of tensors that loops of a constructor append to or pop from, in a generic network.

    `types` are those of what is appended; names that are not in `known` change from turn to turn.
    Where it is as long as a loop has turns, `count` says how long. `filled` is the loop that has
    appended the last entries, one a turn; `ready` are the sizes of the next entry as far as known.
    """

    handle: Value
    types: tuple[Type, ...]
    known: frozenset[str]
    count: Dim | None = None
    filled: Any = None
    ready: tuple[Dim | None, ...] = ()


class ListStep(Single):
    """A list of tensors is begun, appended to, or popped from, or is taken as it is (`all`).

    `sizes` are the names that popped axes have: their sizes change from turn to turn.
    """

    span: Span = unseen()
    action: str
    handle: Value
    value: Value | None = None
    output: Value | None = None
    sizes: tuple[tuple[int, str], ...] = ()

    @property
    def outputs(self) -> tuple[Value, ...]:
        """What is popped, or the list."""
        if self.action == "begin":
            return (self.handle,)
        return () if self.output is None else (self.output,)

    @property
    def reads(self) -> tuple[Value, ...]:
        """The list, and what is appended."""
        begun = () if self.action == "begin" else (self.handle,)
        return begun if self.value is None else (*begun, self.value)


class Choice(Single):
    """An `if` of the constructor, in a generic network; each branch has layers of its own.

    `merged` are triples: what goes on, and what it is in either branch. `sizes` are numbers that
    have a name behind it: the name, and what it is in either branch.
    """

    span: Span = unseen()
    condition: Any
    then: tuple[TypedStep, ...]
    otherwise: tuple[TypedStep, ...]
    merged: tuple[tuple[Value, Value, Value], ...]
    sizes: tuple[tuple[str, Any, Any], ...] = ()

    @property
    def outputs(self) -> tuple[Value, ...]:
        """What goes on."""
        return tuple(value for value, _, _ in self.merged)

    @property
    def reads(self) -> tuple[Value, ...]:
        """What either branch reads from outside."""
        ends = (each for _, *both in self.merged for each in both)
        return _from_outside((*self.then, *self.otherwise), (), ends)


class Turns(Single):
    """A loop of the constructor, in a generic network: each turn has layers of its own.

    `target` is what the turns of `over` are bound to, `names` those in it. `sizes` are numbers
    that change from turn to turn: the name, its start, what a turn makes of it. `carried` are
    triples as in `LoopStep`; `outputs` are the carried values after the last turn. Layers of
    `shared` names were declared before the loop, and are the same in each turn; `lets` are values
    that a turn computes first, under names of the spec.
    """

    span: Span = unseen()
    target: Any
    names: tuple[str, ...]
    over: Open
    sizes: tuple[tuple[str, Any, Any], ...]
    carried: tuple[tuple[Value, Value, Value], ...]
    steps: tuple[TypedStep, ...]
    outputs: tuple[Value, ...]
    shared: frozenset[str] = frozenset()
    lets: Mapping[str, Any] = {}

    @property
    def reads(self) -> tuple[Value, ...]:
        """What comes in, and what the body reads from outside."""
        inside = tuple(value for _, value, _ in self.carried)
        ends = (value for _, _, value in self.carried)
        return (
            *(first for first, _, _ in self.carried),
            *_from_outside(self.steps, inside, ends),
        )


TypedStep: TypeAlias = (
    LayerStep
    | ArithmeticStep
    | BlockStep
    | StateStep
    | ReadStep
    | LoopStep
    | Choice
    | Turns
    | ListStep
)


def _from_outside(
    steps: tuple[TypedStep, ...], inside: tuple[Value, ...], ends: Iterable[Value]
) -> tuple[Value, ...]:
    """What steps read, and what goes on from them, that none of them makes."""
    made = {id(value) for step in steps for value in step.outputs} | set(map(id, inside))
    read = (*(value for step in steps for value in step.reads), *ends)
    return tuple(value for value in read if id(value) not in made)


def held(value: Any) -> tuple[Value, ...]:
    """The tensors in an argument: itself, or those in a list."""
    if isinstance(value, Value):
        return (value,)
    if isinstance(value, Slice):
        value = (value.start, value.stop, value.step)
    return tuple(each for item in value for each in held(item)) if isinstance(value, tuple) else ()


def seen(value: Any) -> Any:
    """An argument as the rules see it: types instead of tensors."""
    if isinstance(value, tuple):
        return tuple(map(seen, value))
    return value.type if isinstance(value, Value) else value


class Guard(Single):
    """A condition on open sizes, to be asserted at run time."""

    span: Span = unseen()
    condition: Condition


class Network(Single):
    """A model or block with types: straight steps from inputs to outputs.

    In a generic network the hyperparameters are names in sizes and arguments, but for those that
    it is fixed for; `sizes` maps the dimension names of the inputs to what they are here.
    `defaults` are the numbers that inputs are filled with where nothing flows into them. `atoms`
    explains the names in sizes that are none of the spec, `lets` are values under names of it, and
    `requires` what it asks of hyperparameters and sizes, with the author's words.
    """

    name: str
    span: Span = unseen()
    hyperparameters: Mapping[str, Any]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    steps: tuple[TypedStep, ...]
    guards: tuple[Guard, ...]
    sizes: Mapping[str, Dim]
    init: Initial | None = None
    defaults: Mapping[str, int | float] = {}
    atoms: Mapping[str, Open] = {}
    lets: Mapping[str, Any] = {}
    requires: tuple[tuple[Span, Any, str], ...] = ()
