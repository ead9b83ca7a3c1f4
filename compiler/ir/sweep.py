"""Sweeps: what is searched, and for what."""

from __future__ import annotations

from ..record import Record, unseen
from ..source import Span
from .data import Expectation


class Search(Record):
    """One name and what is tried for it.

    `kind` is "choice", "log", "uniform" or "range". The text of each choice stands in `choices`;
    of the others `least` and `greatest` are the ends, and `step` parts the numbers of a range.
    """

    span: Span = unseen()
    name: str
    kind: str
    choices: tuple[str, ...]
    places: tuple[Span, ...] = unseen()
    least: int | float = 0
    greatest: int | float = 0
    step: int = 1


class Sweep(Record):
    """`sweep { … }`; `goal` is what is measured, as in an expectation."""

    span: Span = unseen()
    searches: tuple[Search, ...]
    direction: str
    goal: Expectation | None
    trials: int
    seed: int = 0
