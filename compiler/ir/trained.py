"""Models, data and trainings with types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..dims import Dim
from ..record import Single
from ..tensor import Type
from .data import Data, DataField, Training
from .resolved import Definition, Function, Port
from .typed import Network, Open


class Whole(Protocol):
    """Networks for all hyperparameters, found when they are asked for: compiling alone does."""

    def fixed(self, block: str) -> tuple[str, ...] | None:
        """The hyperparameters that the classes of a block are made for; None for each use one."""

    def of(self, block: str, values: Mapping[str, Any]) -> Network | None:
        """A block for all its hyperparameters but those fixed, which have these values."""

    def model(self, name: str, network: Network | None = None) -> Network | None:
        """A model for all its hyperparameters, as far as that goes."""

    def places(self, whole: Network, network: Network) -> Mapping[str, tuple[str, tuple[int, ...]]]:
        """Where each attribute of a network with numbers stands in the one for all, by turns."""

    def function(self, name: str) -> tuple[Function, Any, Mapping[str, Open]]:
        """A function of the spec: what it computes of its parameters, and what names in it mean."""

    def called(self, function: str) -> str:
        """What a function of the spec is called in emitted code."""

    def refuse(self, name: str) -> bool:
        """Take each use of a block or model for itself; False where that is so already."""


class TypedModel(Single):
    """A model as checked with its defaults."""

    definition: Definition
    network: Network


class TypedField(Single):
    """A field with its type (no batch dimension)."""

    field: DataField
    type: Type


class TypedData(Single):
    """A data block with types; `augmented` are the fields that are pictures to be augmented."""

    data: Data
    fields: Mapping[str, TypedField]
    augmented: tuple[str, ...] = ()


class Pairing(Single):
    """Which output predicts which field, as the loss says, and how to decode it.

    `axis` of the output is over the classes, where its meaning is that.
    """

    output: str
    field: str
    meaning: str
    axis: int = 1


class TypedTraining(Single):
    """A training whose loss is a network of its own, from outputs and fields to a scalar.

    `frozen` has the shapes of the parameters that are held fast.
    """

    training: Training
    outputs: tuple[Port, ...]
    network: Network
    data: TypedData
    inputs: Mapping[str, str]
    loss: Network
    pairings: tuple[Pairing, ...]
    options: Mapping[str, Any]
    frozen: tuple[tuple[Dim, ...], ...] = ()
