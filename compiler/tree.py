"""The tree: what the author wrote, node by node, with exact places.

Places take no part in equality, so that `parse(fmt(text)) == parse(text)` can be said directly.
"""

from __future__ import annotations

from typing import TypeAlias

# isort: off
from .expressions import (
    Argument as Argument,
    Attribute as Attribute,
    Binary as Binary,
    Call as Call,
    Chain as Chain,
    Compare as Compare,
    Conditional as Conditional,
    Constant as Constant,
    Ellipsis as Ellipsis,
    Expression as Expression,
    Index as Index,
    ListOf as ListOf,
    Node as Node,
    Number as Number,
    Reference as Reference,
    Repeat as Repeat,
    Slice as Slice,
    String as String,
    TupleOf as TupleOf,
    Type as Type,
    Unary as Unary,
)

# isort: on
from .record import Record, unseen
from .source import Source

# Statements of models, blocks, steps and predictions.


class Name(Node):
    """A name that is being given."""

    name: str


class Pattern(Node):
    """`a, (b, c)` on the left of `=`; one name alone is a `Name`."""

    parts: tuple[Name | Pattern, ...]


class Bind(Node):
    """`name = value`."""

    target: Name | Pattern
    value: Expression


class Method(Node):
    """`skips.append(h)` as a statement."""

    target: Name
    method: Name
    arguments: tuple[Argument, ...]


class Input(Node):
    """`input x: f32[N, 4] = default`."""

    name: Name
    type: Type
    default: Expression | None


class Output(Node):
    """`output y: f32[N, 4] = value`; type and value may be missing."""

    name: Name
    type: Type | None
    value: Expression | None


class Layer(Node):
    """`layer proj = Linear(64)`."""

    name: Name
    value: Expression


class Weight(Node):
    """`weight scale: f32[D] = ones(D)`."""

    name: Name
    type: Type
    value: Expression


class Buffer(Node):
    """`buffer mask: bool[T, T] = …`."""

    name: Name
    type: Type
    value: Expression


class Require(Node):
    """`require condition, "message"`."""

    condition: Expression
    message: String | None


class For(Node):
    """`for target in iterable { body }`."""

    target: Name | Pattern
    iterable: Expression
    body: Body


class If(Node):
    """`if condition { then } else { otherwise }` as a statement."""

    condition: Expression
    then: Body
    otherwise: Body | If | None


Statement: TypeAlias = Bind | Method | Input | Output | Layer | Weight | Buffer | Require | For | If


class Body(Node):
    """Statements in braces."""

    statements: tuple[Statement, ...]


# Declarations.


class Parameter(Node):
    """One hyperparameter, or one argument of a compile-time function."""

    name: Name
    type: Type | None
    default: Expression | None


class Import(Node):
    """`from "blocks.dl" import Residual`."""

    path: String
    names: tuple[Name, ...]


class Param(Node):
    """`param lr = 1e-3`."""

    name: Name
    value: Expression


class Function(Node):
    """`function eights(v: float) = …`."""

    name: Name
    parameters: tuple[Parameter, ...]
    value: Expression


class Field(Node):
    """`image: f32[1, 28, 28] = image -> scale(1 / 255)`."""

    name: Name
    type: Type
    value: Expression | None


class Option(Node):
    """`epochs = 5`: a key of a data, train or sweep block."""

    name: Name
    value: Expression


class Data(Node):
    """`data NAME from SOURCE { fields and options }`."""

    name: Name
    origin: Expression | None
    entries: tuple[Field | Option, ...]


class Block(Node):
    """`block NAME(…) { … }`, or `block NAME(…) = chain`."""

    name: Name
    parameters: tuple[Parameter, ...]
    body: Body | Expression


class Model(Node):
    """`model NAME(…) { … }`."""

    name: Name
    parameters: tuple[Parameter, ...]
    body: Body


class Extern(Node):
    """`extern NAME(…) = python("package.module:Callable") { input … output … }`."""

    name: Name
    parameters: tuple[Parameter, ...]
    target: Expression
    body: Body


class ModelUse(Node):
    """A model that is trained: `Cnn`, `Cnn(image=photo)`, `G = Generator()`."""

    name: Name | None
    value: Expression


class Step(Node):
    """`step D updates D every 1 { … }`."""

    name: Name
    updates: tuple[Name, ...]
    every: Expression | None
    body: Body


class Copy(Node):
    """`copy T = Q every 1000`, or `ema 0.995`."""

    name: Name
    original: Name
    mode: str
    value: Expression


class Train(Node):
    """`train MODELS on DATA { … }`."""

    models: tuple[ModelUse, ...]
    data: Name
    entries: tuple[Option | Step | Copy, ...]


class Predict(Node):
    """`predict NAME { … }`."""

    name: Name
    body: Body


class Comparison(Node):
    """`test.accuracy >= 0.985`."""

    left: Expression
    operator: str
    right: Expression


class Within(Node):
    """`predict(x=7).y within 0.5 of 14`."""

    left: Expression
    tolerance: Expression
    target: Expression


class Expect(Node):
    """`expect { … }`."""

    entries: tuple[Comparison | Within, ...]


class Search(Node):
    """`lr in log(1e-4, 1e-1)`."""

    name: Name
    values: Expression


class Goal(Node):
    """`maximize validation.accuracy`."""

    direction: str
    value: Expression


class Sweep(Node):
    """`sweep { … }`."""

    entries: tuple[Search | Goal | Option, ...]


Declaration: TypeAlias = (
    Import | Param | Function | Data | Block | Model | Extern | Train | Predict | Expect | Sweep
)


class Comment(Record):
    """`# text`, as it stands."""

    text: str
    start: int = unseen()
    end: int = unseen()


class Spec(Record):
    """A whole file; comments stand apart, in order."""

    source: Source = unseen()
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = ()
