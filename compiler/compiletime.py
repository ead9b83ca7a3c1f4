"""Functions of compile-time values: Python's own, on numbers, lists and open sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from . import arithmetic
from .arithmetic import ArithmeticFault, described
from .dims import Dim, dim, maximum, minimum
from .ir.typed import OpenRange

LONGEST = 100_000  # entries of a list, turns of a loop


def call(name: str, values: tuple[Any, ...]) -> Any:
    """The value of a function; raises `ArithmeticFault` with the reason where it has none."""
    try:
        return BUILTINS[name](*values)
    except TypeError:
        shown = " and ".join(map(described, values)) or "no argument"
        raise ArithmeticFault(f"`{name}` has no value for {shown}") from None
    except (ValueError, OverflowError, ZeroDivisionError):
        shown = " and ".join(map(described, values))
        raise ArithmeticFault(f"`{name}` of {shown} has no value") from None


def _listed(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise TypeError
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, Dim) and value.value is not None:
        return value.value
    if isinstance(value, Dim):
        raise ArithmeticFault(f"{value} is open until data comes: only sizes known now have this")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def _len(value: Any) -> int:
    if not isinstance(value, tuple | str):
        raise TypeError
    return len(value)


def _range(*bounds: Any) -> Any:
    for bound in bounds:
        if isinstance(bound, bool) or not isinstance(bound, int | Dim):
            raise TypeError
    known = [each for bound in bounds if (each := dim(bound).value) is not None]
    if len(known) < len(bounds):
        if len(bounds) > 2:
            raise ArithmeticFault("a loop over an open size has a step of 1")
        start, stop = (dim(0), bounds[0]) if len(bounds) == 1 else bounds
        return OpenRange(dim(start), dim(stop))
    if not 1 <= len(known) <= 3:
        raise TypeError
    found = range(*known)
    if len(found) > LONGEST:
        raise ArithmeticFault(f"{len(found):,} turns are more than {LONGEST:,}")
    return tuple(found)


def _enumerate(values: Any, start: Any = 0) -> tuple[Any, ...]:
    return tuple(enumerate(_listed(values), start))


def _zip(*lists: Any) -> tuple[Any, ...]:
    return tuple(zip(*map(_listed, lists), strict=False))


def _reversed(values: Any) -> tuple[Any, ...]:
    return _listed(values)[::-1]


def _extreme(of_sizes: Callable[[Dim, Dim], Dim], of_numbers: Callable[..., Any]) -> Any:
    def extreme(*values: Any) -> Any:
        found = _listed(values[0]) if len(values) == 1 else values
        if not found:
            raise ArithmeticFault("an empty list has neither a least nor a greatest")
        if not any(isinstance(each, Dim) for each in found):
            return of_numbers(*map(_number, found)) if len(found) > 1 else _number(found[0])
        first = dim(found[0])
        for other in found[1:]:
            first = of_sizes(first, dim(other))
        return first if first.value is None else first.value

    return extreme


def _int(value: Any) -> Any:
    return value if isinstance(value, Dim) else int(_number(value))


def _abs(value: Any) -> Any:
    return value if isinstance(value, Dim) else abs(_number(value))


def _round(value: Any, digits: Any = None) -> Any:
    return value if isinstance(value, Dim) else round(_number(value), digits)


def _sum(values: Any) -> Any:
    total: Any = 0
    for each in _listed(values):
        total = arithmetic.apply("+", total, each)
    return total


def _log(value: Any, base: Any = None) -> float:
    found = _number(value)
    return math.log(found) if base is None else math.log(found, _number(base))


BUILTINS: dict[str, Callable[..., Any]] = {
    "len": _len,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "min": _extreme(minimum, min),
    "max": _extreme(maximum, max),
    "int": _int,
    "float": lambda value: float(_number(value)),
    "abs": _abs,
    "round": _round,
    "sum": _sum,
    "log": _log,
    "sqrt": lambda value: math.sqrt(_number(value)),
    "exp": lambda value: math.exp(_number(value)),
}
