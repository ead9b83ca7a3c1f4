"""A whole spec: resolved, then typed."""

from __future__ import annotations

from collections.abc import Mapping

from ..record import Record, Single
from .data import Data, Expectation, Training
from .resolved import Definition, Function
from .stepped import Procedure, Stepped, TypedProcedure, TypedStepped
from .sweep import Sweep
from .trained import TypedData, TypedModel, TypedTraining, Whole


class Program(Record):
    """A whole spec with its names resolved."""

    stem: str
    definitions: Mapping[str, Definition]
    data: Mapping[str, Data]
    trainings: tuple[Training | Stepped, ...]
    expectations: tuple[Expectation, ...]
    procedures: Mapping[str, Procedure] = {}
    functions: Mapping[str, Function] = {}
    sweeps: tuple[Sweep, ...] = ()


class TypedProgram(Single):
    """A whole spec with its types."""

    program: Program
    models: Mapping[str, TypedModel]
    whole: Whole
    data: Mapping[str, TypedData]
    trainings: tuple[TypedTraining | TypedStepped, ...]
    expectations: tuple[Expectation, ...]
    procedures: Mapping[str, TypedProcedure] = {}
