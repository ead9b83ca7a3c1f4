"""Expectations: what a spec demands of the trained model, against what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any

# By split and metric; of a training in steps by split, step and metric. Where several trainings
# follow each other, the name of the training comes first.
Results = Mapping[str, Mapping[str, Any]]
# By the names that trainings give them.
Models = Mapping[str, Any]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation: the spec's words, what was measured, whether it holds, and its place."""

    words: str
    measured: Any
    holds: bool
    place: str

    def text(self) -> str:
        """One line for a person."""
        shown = f"{self.measured:.6g}" if isinstance(self.measured, float) else self.measured
        verdict = "holds" if self.holds else "DOES NOT HOLD"
        return f"{self.place}: expect {self.words}: {verdict}, measured {shown}"

    def as_json(self) -> dict[str, Any]:
        """The object that `status.json` keeps."""
        return {
            "expect": self.words,
            "measured": self.measured,
            "holds": self.holds,
            "place": self.place,
        }


def expected(
    words: str,
    measured: Any,
    *,
    operator: str = "",
    bound: Any = None,
    of: float = 0.0,
    tolerance: float = 0.0,
    place: str = "",
) -> Expected:
    """Hold `measured` against a bound, or against being within `tolerance` of `of`.

    What is no number, or nan, meets no bound; a label meets its own text.
    """
    if operator:
        holds = _compared(operator, measured, bound)
    else:
        holds = _is_number(measured) and abs(measured - of) <= tolerance
    return Expected(words, measured, holds, place)


def _compared(operator: str, measured: Any, bound: Any) -> bool:
    if _is_number(measured) and _is_number(bound):
        return bool(OPERATORS[operator](measured, bound))
    label = isinstance(measured, str | int) and isinstance(bound, str)
    if not label or operator not in ("==", "!="):
        return False
    # A label that is a number is measured as one, and may be written as text.
    return bool(OPERATORS[operator](str(measured), bound))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value
