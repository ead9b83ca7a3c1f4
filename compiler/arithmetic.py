"""Compile-time arithmetic on numbers, strings, lists and open sizes."""

from __future__ import annotations

from typing import Any

from .dims import Dim, decide, dim

LARGEST = 2**63
INFINITE = float("inf")


class ArithmeticFault(Exception):
    """An operation that has no value; the text says why."""


class Undecided(ArithmeticFault):
    """A comparison whose answer only data have: of these sizes."""

    def __init__(self, left: Dim, operator: str, right: Dim) -> None:
        super().__init__(f"whether {left} {operator} {right} is open until data come")
        self.sizes = (left, right)


def apply(operator: str, *operands: Any) -> Any:
    """The value of an operator; sizes stay symbolic. Raises `ArithmeticFault`."""
    operands = tuple(map(_as_number, operands))
    try:
        value = _unary(operator, *operands) if len(operands) == 1 else _binary(operator, *operands)
    except ZeroDivisionError:
        raise ArithmeticFault("this divides by zero") from None
    except OverflowError:
        raise ArithmeticFault("this number is too large") from None
    except TypeError:
        shown = " and ".join(map(described, operands))
        raise ArithmeticFault(f"`{operator}` has no meaning for {shown}") from None
    if isinstance(value, Dim) and value.value is not None:
        value = value.value
    if isinstance(value, float) and abs(value) == INFINITE and not any(map(_endless, operands)):
        raise ArithmeticFault("this number is too large")
    if isinstance(value, int) and abs(value) >= LARGEST:
        raise ArithmeticFault("this number is too large")
    if isinstance(value, str | tuple) and len(value) > 1_000_000:
        raise ArithmeticFault("this list is too long")
    return value


def _as_number(value: Any) -> Any:
    """A size that is known, as `x.shape[1]` may be, is a number like any other."""
    return value.value if isinstance(value, Dim) and value.value is not None else value


def _endless(value: Any) -> bool:
    """Whether an author wrote `inf`, as masks do."""
    return isinstance(value, float) and abs(value) == INFINITE


def described(value: Any) -> str:
    """What a compile-time value is, in words."""
    match value:
        case bool() | None:
            return str(value)
        case Dim():
            return f"the size {value}"
        case str():
            return f'the string "{value}"'
        case tuple():
            return "a list"
        case _:
            return f"the number {value}"


def _unary(operator: str, value: Any) -> Any:
    if operator == "not":
        return not value
    _numbers(value)
    return -value if operator == "-" else value


def _binary(operator: str, left: Any, right: Any) -> Any:
    match operator:
        case "and":
            return left and right
        case "or":
            return left or right
        case "in":
            return left in right
        case "not in":
            return left not in right
        case "==" | "!=" | "<" | "<=" | ">" | ">=":
            return _compare(operator, left, right)
        case "+" if isinstance(left, str) and isinstance(right, str):
            return left + right
        case "+" if isinstance(left, tuple) and isinstance(right, tuple):
            return left + right
        case "*" if isinstance(left, str | tuple) and isinstance(right, int):
            if len(left) * right > 1_000_000:
                raise ArithmeticFault("this list is too long")
            return left * right
    _numbers(left, right)
    symbolic = isinstance(left, Dim) or isinstance(right, Dim)
    if symbolic and (isinstance(left, float) or isinstance(right, float)):
        raise TypeError
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if not symbolic:
            return left / right
        case "//":
            return left // right
        case "%":
            return left % right
        case "**":
            return _power(left, right)
    raise TypeError


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if abs(base) > 1 and exponent * (abs(base).bit_length() - 1) > 64:
            raise OverflowError
        return base**exponent
    if isinstance(base, Dim) and isinstance(exponent, int) and exponent >= 0:
        return base**exponent
    value = float(base) ** float(exponent)
    if isinstance(value, complex):
        raise ArithmeticFault("this has no real value")
    return value


def _compare(operator: str, left: Any, right: Any) -> bool:
    if isinstance(left, Dim) or isinstance(right, Dim):
        known = decide(dim(left), operator, dim(right))
        if known is None:
            raise Undecided(dim(left), operator, dim(right))
        return known
    answers = {
        "==": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
    }
    return bool(answers[operator]())


def _numbers(*values: Any) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float | Dim):
            raise TypeError
