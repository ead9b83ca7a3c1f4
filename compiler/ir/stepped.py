"""Trainings in steps, and predictions of one's own: resolved, then typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dims import Dim
from ..record import Record, Single, unseen
from ..source import Span
from .data import Setting
from .resolved import Expression, Port, Statement
from .trained import TypedData
from .typed import Network


class Trained(Record):
    """A model under the name that it has in steps: `G = Generator(width=64)`."""

    span: Span = unseen()
    name: str
    definition: str
    arguments: Mapping[str, Expression]


class TrainStep(Record):
    """One step of a loop: what it computes, and which models' parameters it updates."""

    span: Span = unseen()
    name: str
    updates: tuple[str, ...]
    every: int
    body: tuple[Statement, ...]
    loss: Expression
    optimizer: Setting


class Copy(Record):
    """`copy T = Q every 1000` or `ema 0.995`: a second network, which no gradient changes."""

    span: Span = unseen()
    name: str
    original: str
    mode: str
    value: int | float


class Stepped(Record):
    """`train G = …, D = … on DATA { step … }`; `whole` where no step was left out for a fault.

    `places` are where the keys stand.
    """

    span: Span = unseen()
    models: tuple[Trained, ...]
    data: str
    data_span: Span = unseen()
    steps: tuple[TrainStep, ...]
    sample: Expression | None
    options: Mapping[str, Any]
    whole: bool
    places: Mapping[str, Span] = unseen()
    copies: tuple[Copy, ...] = ()


class Procedure(Record):
    """`predict NAME { … }`: where all inputs have values, only a number of records is asked.

    `sizes` are the names of sizes that the inputs bind.
    """

    span: Span = unseen()
    name: str
    inputs: tuple[Port, ...]
    values: Mapping[str, Expression]
    outputs: tuple[Port, ...]
    body: tuple[Statement, ...]
    sizes: tuple[str, ...] = ()


class TypedTrainStep(Single):
    """A step whose loss is a network from the fields and drawn numbers to a scalar."""

    step: TrainStep
    network: Network
    used: tuple[str, ...]


class TypedStepped(Single):
    """A training in steps with types; `models` are those that it calls, by their names there.

    `copies` are the networks of the copies that it calls, `frozen` the shapes of the parameters of
    each model that are held fast.
    """

    training: Stepped
    data: TypedData
    models: Mapping[str, Network]
    steps: tuple[TypedTrainStep, ...]
    sample: Network | None
    copies: Mapping[str, Network] = {}
    frozen: Mapping[str, tuple[tuple[Dim, ...], ...]] = {}


class TypedProcedure(Single):
    """A prediction of one's own; `uses` are the models it calls.

    The inputs of its network are those that have no value.
    """

    procedure: Procedure
    network: Network
    uses: tuple[str, ...]
