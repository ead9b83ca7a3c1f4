"""Resolved: names are known, arguments are bound to parameters, types are not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..layers.record import Layer
from ..record import Record, unseen
from ..source import Span


class Literal(Record):
    """A constant of the text: a number, a string, True, False or None."""

    span: Span = unseen()
    value: int | float | str | bool | None


class Local(Record):
    """A name bound in this body: an input, a value, a hyperparameter or a size."""

    span: Span = unseen()
    name: str


class Operation(Record):
    """Arithmetic or a comparison on compile-time values or tensors."""

    span: Span = unseen()
    operator: str
    operands: tuple[Expression, ...]


class Several(Record):
    """A list or a tuple."""

    span: Span = unseen()
    items: tuple[Expression, ...]


class Initializer(Record):
    """`init=normal_(std=0.02)`."""

    span: Span = unseen()
    name: str
    arguments: Mapping[str, Expression]


class Apply(Record):
    """A layer or function of the catalogue, applied; each occurrence is a layer of its own.

    `shared` is the name that a `layer` statement gave it, `init` how its weights are set.
    """

    span: Span = unseen()
    layer: Layer
    arguments: Mapping[str, Expression]
    inputs: tuple[Expression, ...]
    shared: str = ""
    init: Initializer | None = None


class Use(Record):
    """A block or a model, applied."""

    span: Span = unseen()
    block: str
    arguments: Mapping[str, Expression]
    inputs: tuple[Expression, ...]
    shared: str = ""


class Slice(Record):
    """`start:stop:step` in an index."""

    span: Span = unseen()
    start: Expression | None
    stop: Expression | None
    step: Expression | None


class Dots(Record):
    """`...` in an index."""

    span: Span = unseen()


class Index(Record):
    """`target[items]`."""

    span: Span = unseen()
    target: Expression
    items: tuple[Expression | Slice | Dots, ...]


class Sizes(Record):
    """`target.shape`."""

    span: Span = unseen()
    target: Expression


class Conditional(Record):
    """`if condition { then } else { otherwise }` as a value."""

    span: Span = unseen()
    condition: Expression
    then: Expression
    otherwise: Expression


class Repeat(Record):
    """`x -> repeat(count) { body }`; in the body `carried` is what has come so far."""

    span: Span = unseen()
    count: Expression
    flowing: Expression
    carried: str
    body: Expression


class Named(Record):
    """A layer, function or block by its name, as a value: `act=relu`."""

    span: Span = unseen()
    name: str


class Given(Record):
    """One argument as written; without a name it is positional."""

    span: Span = unseen()
    name: str | None
    value: Expression


class Call(Record):
    """A call whose callee is known when its arguments are: `act(x)`, `max(8, x)`."""

    span: Span = unseen()
    callee: Expression
    inputs: tuple[Expression, ...]
    arguments: tuple[Given, ...]


class Shared(Record):
    """A layer that a `layer` statement declared, applied."""

    span: Span = unseen()
    name: str
    inputs: tuple[Expression, ...]
    arguments: tuple[Given, ...] = ()


class Pop(Record):
    """`skips.pop()`: the last of a list, which loses it."""

    span: Span = unseen()
    name: str
    index: Expression | None


class Parameter(Record):
    """`words.weight`: a parameter of a declared layer, by torch's name."""

    span: Span = unseen()
    layer: str
    name: str


class Evaluated(Record):
    """A value that is known already."""

    span: Span = unseen()
    value: Any


class Faulty(Record):
    """What stands where a fault was reported."""

    span: Span = unseen()


Expression: TypeAlias = (
    Literal
    | Local
    | Operation
    | Several
    | Apply
    | Use
    | Index
    | Sizes
    | Conditional
    | Repeat
    | Named
    | Call
    | Shared
    | Pop
    | Parameter
    | Evaluated
    | Faulty
)


class TypeSpec(Record):
    """A type as written: sizes are expressions, `classes` and `tokens` the bounds of integers."""

    span: Span = unseen()
    dtype: str
    sizes: tuple[Expression | Dots, ...]
    classes: Expression | None = None
    labels: tuple[str, ...] | None = None
    tokens: Expression | None = None


class Port(Record):
    """An input or an output as declared; an input may have a default."""

    span: Span = unseen()
    name: str
    type: TypeSpec | None
    default: Expression | None = None


class Bind(Record):
    """A name gets a value."""

    span: Span = unseen()
    name: str
    value: Expression
    type: TypeSpec | None = None


class Unpack(Record):
    """Several names get the results of one step; `target` has them in nested tuples, `_` drops."""

    span: Span = unseen()
    target: tuple[Any, ...]
    value: Expression


class Require(Record):
    """A condition that a caller must meet."""

    span: Span = unseen()
    condition: Expression
    message: str


class Declare(Record):
    """`layer proj = Linear(64)`: arguments are evaluated here, each use is the same layer."""

    span: Span = unseen()
    name: str
    value: Apply | Use | Call


class State(Record):
    """`weight scale: f32[D] = …` or `buffer mask: bool[T, T] = …`."""

    span: Span = unseen()
    kind: str
    name: str
    type: TypeSpec
    value: Expression | Initializer


class Append(Record):
    """`skips.append(h)`."""

    span: Span = unseen()
    name: str
    value: Expression


class If(Record):
    """`if condition { … } else { … }`, decided when the network is built."""

    span: Span = unseen()
    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


class For(Record):
    """`for target in iterable { … }`; `target` is a name or names in nested tuples."""

    span: Span = unseen()
    target: Local | tuple[Any, ...]
    over: Expression
    body: tuple[Statement, ...]


Statement: TypeAlias = Bind | Unpack | Require | Declare | State | Append | If | For


class Hyperparameter(Record):
    """One hyperparameter: its kind (int, float, bool, str, list, op …) and its default."""

    span: Span = unseen()
    name: str
    kind: str
    default: Expression | None


class Definition(Record):
    """A model or a block. A block that is one chain has no declared inputs: `chained`."""

    span: Span = unseen()
    name: str
    is_model: bool
    hyperparameters: tuple[Hyperparameter, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    body: tuple[Statement, ...]
    sizes: Mapping[str, Span]
    chained: bool = False
    init: Initializer | None = None
    extern: str = ""


class Function(Record):
    """A compile-time function."""

    span: Span = unseen()
    name: str
    parameters: tuple[Hyperparameter, ...]
    value: Expression
