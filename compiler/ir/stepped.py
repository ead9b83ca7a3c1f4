"""Trainings in steps, and predictions of one's own: resolved, then typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..record import Record, Single, unseen
from ..source import Span
from .data import Setting
from .resolved import Bind, Expression, Port
from .typed import Network, TypedData


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
    body: tuple[Bind, ...]
    loss: Expression
    optimizer: Setting


class Stepped(Record):
    """`train G = …, D = … on DATA { step … }`; `whole` where no step was left out for a fault."""

    span: Span = unseen()
    models: tuple[Trained, ...]
    data: str
    data_span: Span = unseen()
    steps: tuple[TrainStep, ...]
    sample: Expression | None
    options: Mapping[str, Any]
    whole: bool


class Procedure(Record):
    """`predict NAME { … }`: its inputs have values, so that only a number of records is asked."""

    span: Span = unseen()
    name: str
    inputs: tuple[Port, ...]
    values: Mapping[str, Expression]
    outputs: tuple[Port, ...]
    body: tuple[Bind, ...]


class TypedTrainStep(Single):
    """A step whose loss is a network from the fields and drawn numbers to a scalar."""

    step: TrainStep
    network: Network
    used: tuple[str, ...]


class TypedStepped(Single):
    """A training in steps with types; `models` are those that it calls, by their names there."""

    training: Stepped
    data: TypedData
    models: Mapping[str, Network]
    steps: tuple[TypedTrainStep, ...]
    sample: Network | None


class TypedProcedure(Single):
    """A prediction of one's own, as a network without inputs; `uses` are the models it calls."""

    procedure: Procedure
    network: Network
    uses: tuple[str, ...]
