"""What a loss, optimizer, metric, source, split or data step is: one record each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..dims import Dim
from ..layers.record import Parameter, parameters


@dataclass(frozen=True, slots=True)
class Record:
    """A word of the catalogue: `code` is what emitted code calls it, below `module`.

    `signature` is written as in the layers' records; so many `positional` arguments go without
    their name. What only one kind of record has is in
    its subclass.
    """

    name: str
    signature: str
    summary: str
    example: str
    module: str = ""
    code: str = ""
    positional: int = 1

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
    """A data step. `gives` maps dtype and shape of one record's value to what the step makes.

    `completed` fills in arguments from what comes and what the field declares.
    """

    gives: Callable[..., Any] | None = None
    learns: bool = False
    completed: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class SourceRecord(Record):
    """A source; `columns` are the raw columns it is known to have, with dtype and shape.

    `parts` are its own splits; `downloads` says that reading it may take so long that progress is
    shown; its paths name `folders`; `skips` says that it can leave out what cannot be read.
    """

    columns: tuple[tuple[str, str, tuple[Dim | int, ...], int | None], ...] = ()
    parts: tuple[str, ...] = ()
    downloads: bool = False
    folders: bool = False
    skips: bool = False


@dataclass(frozen=True, slots=True)
class Metric(Record):
    """A metric: whether it compares labels, scores of two classes, or numbers.

    `better` is "higher", "lower", or empty where values cannot be ranked (a matrix).
    """

    compares: str = "labels"
    better: str = "higher"
