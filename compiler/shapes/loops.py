"""Loops at run time: over a size that is open until data come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .. import ir
from ..errors import names as name_errors

if TYPE_CHECKING:
    from .evaluation import Evaluation

Run = Callable[["Evaluation", Sequence[ir.Statement]], None]


def open_loop(here: Evaluation, node: ir.For, over: ir.OpenRange, run: Run) -> None:
    """A `for` over an open size: one turn is typed, and stands for all."""
    here.report(name_errors.not_yet(node.span, "a loop over an open size"))
