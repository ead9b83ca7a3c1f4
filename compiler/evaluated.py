"""What the values that a constructor computes are for known names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from . import arithmetic, compiletime, ir
from .dims import Dim, dim
from .opened import MATH, Atoms, NoForm

Function = Callable[..., Any]


def evaluate(
    value: Any, known: Mapping[str, Any], atoms: Atoms, functions: Mapping[str, Function]
) -> Any:
    """What a value is for known names; sizes that no name tells stay as they are.

    Raises `arithmetic.ArithmeticFault` or `NoForm` where it has no value.
    """

    def of(part: Any) -> Any:
        return evaluate(part, known, atoms, functions)

    match value:
        case Dim():
            if value.value is not None:
                return value.value
            given = {each: of(atoms[each]) for each in value.names if each in atoms}
            given |= {each: known[each] for each in value.names if each in known}
            found = value.substitute({each: dim(size) for each, size in given.items()})
            return found if found.value is None else found.value
        case ir.Open(operator="", text=word):
            if word not in known:
                raise NoForm
            return known[word]
        case ir.Open(operator="literal" | "let", operands=(inner,)):
            return of(inner)
        case ir.Open(operator="if", operands=(condition, then, otherwise)):
            return of(then) if of(condition) else of(otherwise)
        case ir.Open(operator="and" | "or" as operator, operands=(left, right)):
            first = of(left)
            return first if bool(first) is (operator == "or") else of(right)
        case ir.Open(operator="[]", operands=(target, index)):
            return of(target)[of(index)]
        case ir.Open(operator="[:]", operands=(target, *ends)):
            return of(target)[slice(*ends)]
        case ir.Open(operator=operator, operands=operands):
            values = tuple(map(of, operands))
            if operator.endswith("()"):
                return functions[operator[:-2]](*values)
            if operator in MATH:
                return _by_math(operator, values)
            if operator in compiletime.BUILTINS:
                return compiletime.call(operator, values)
            return arithmetic.apply(operator, *values)
        case tuple():
            return tuple(map(of, value))
    return value


def _by_math(name: str, values: tuple[Any, ...]) -> Any:
    try:
        return getattr(math, name)(*values)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        shown = " and ".join(map(arithmetic.described, values))
        raise arithmetic.ArithmeticFault(f"`{name}` of {shown} has no value") from None
