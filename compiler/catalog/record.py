"""What a loss, optimizer, metric, source, split or data step is: one record each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..layers.record import Parameter, parameters


@dataclass(frozen=True, slots=True)
class Record:
    """A word of the catalogue: `code` is what emitted code calls it, below `module`.

    `signature` is written as in the layers' records. What only one kind of record has is in
    its subclass.
    """

    name: str
    signature: str
    summary: str
    example: str
    module: str = ""
    code: str = ""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments that a spec may state."""
        return parameters(self.signature)

    @property
    def callable(self) -> str:
        """The name of what emitted code calls."""
        return self.code or self.name


@dataclass(frozen=True, slots=True)
class Step(Record):
    """A data step. `gives` maps dtype and shape of one record's value to what the step makes."""

    gives: Callable[..., Any] | None = None
    learns: bool = False


@dataclass(frozen=True, slots=True)
class SourceRecord(Record):
    """A source; `columns` are the raw columns it is known to have, with dtype and shape.

    `parts` are its own splits; `downloads` says that it may fetch what is not there.
    """

    columns: tuple[tuple[str, str, tuple[int, ...], int | None], ...] = ()
    parts: tuple[str, ...] = ()
    downloads: bool = False


@dataclass(frozen=True, slots=True)
class Metric(Record):
    """A metric: whether it compares labels, scores of two classes, or numbers."""

    compares: str = "labels"
