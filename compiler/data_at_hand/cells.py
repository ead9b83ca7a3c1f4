"""What a cell of a text table is: a hole, a number, or a text that may be a label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf, nan

Cells = list[str | None]


def held(cells: Sequence[str], missing: Iterable[str]) -> Cells:
    """Cells without the spaces around them; None for holes."""
    markers = set(missing)
    stripped = map(str.strip, cells)
    return [None if cell in markers else cell for cell in stripped]


def number(cell: str) -> float | None:
    """The number that a cell holds; Python's `1_000` is none."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def label(cell: str) -> str:
    """The text of a label: one for `3`, `3.0` and `03`."""
    value = number(cell)
    return str(int(value)) if value is not None and value.is_integer() else cell


def rank(text: str) -> tuple[bool, float, str]:
    """What labels are sorted by: numbers by their value, before texts."""
    value = number(text)
    return (True, 0.0, text) if value is None or value != value else (False, value, text)


def first_text(cells: Cells) -> int | None:
    """The first cell that is neither a number nor a hole."""
    found = (row for row, cell in enumerate(cells) if cell is not None and number(cell) is None)
    return next(found, None)


def numbers(cells: Cells) -> list[float] | None:
    """The numbers of cells, nan for holes; None where one of them is a text."""
    try:
        found = [nan if cell is None else float(cell) for cell in cells]
    except ValueError:
        return None
    return found if all(cell is None or "_" not in cell for cell in cells) else None


def arithmetic(operator: str, left: float, right: float) -> float:
    """As arrays of floats compute: division by zero gives an infinity, or nan for 0 / 0."""
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right:
        return left / right
    # A zero has a sign of its own, which alone tells the sign of the infinity.
    return nan if left == 0 or left != left else inf * left if str(right) == "0.0" else -inf * left


def size(values: Iterable[float]) -> float:
    """The root of the mean square of those that are finite; 0 where there are none."""
    squares = [value * value for value in values if -inf < value < inf]
    return (sum(squares) / len(squares)) ** 0.5 if squares else 0.0
