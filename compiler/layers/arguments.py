"""The kinds of arguments: what a value must be to be taken, in words and as a check."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..dims import Dim, decide, dim, lower
from ..tensor import DTYPES, Type

WORDS = {
    "int": "a whole number",
    "size": "a whole number above 0",
    "count": "a whole number, 0 or above",
    "float": "a number",
    "positive": "a number above 0",
    "nonnegative": "a number, 0 or above",
    "probability": "a number from 0 to 1",
    "bool": "True or False",
    "string": "a string",
    "strings": "strings",
    "numbers": "a list of numbers",
    "window1": "a whole number above 0",
    "window2": "a whole number above 0, or two of them in brackets",
    "window3": "a whole number above 0, or three of them in brackets",
    "padding1": 'a whole number, 0 or above, "same" or "valid"',
    "padding2": 'a whole number, 0 or above, two of them in brackets, "same" or "valid"',
    "padding3": 'a whole number, 0 or above, three of them in brackets, "same" or "valid"',
    "pad1": "a whole number, 0 or above",
    "pad2": "a whole number, 0 or above, or two of them in brackets",
    "pad3": "a whole number, 0 or above, or three of them in brackets",
    "output1": "a whole number above 0",
    "output2": "a whole number above 0, or two of them in brackets (None keeps an axis)",
    "output3": "a whole number above 0, or three of them in brackets (None keeps an axis)",
    "extent": "sizes in brackets, one for each axis or those of a whole shape",
    "ratio2": "a number above 0 and below 1, or two of them in brackets",
    "ratio3": "a number above 0 and below 1, or three of them in brackets",
    "ratios2": "two numbers above 0 and below 1 in brackets",
    "ratios3": "three numbers above 0 and below 1 in brackets",
    "sizes": "sizes, at most one of them -1",
    "expanded": "sizes above 0, -1 for an axis that stays",
    "shape": "sizes above 0",
    "parts": "a size above 0, or a list of them",
    "cuts": "a size above 0, or a list of places to cut at",
    "shifts": "a whole number, or several of them in brackets",
    "scalar": "a number, True or False",
    "bound": "a number or a size",
    "axis": "the number of an axis",
    "index": "a whole number",
    "axes": "numbers of axes",
    "pair": "two numbers in brackets",
    "edges": "whole numbers in brackets, two for each axis",
    "edges1": "a whole number, or two of them in brackets",
    "edges2": "a whole number, or four of them in brackets",
    "edges3": "a whole number, or six of them in brackets",
    "scales": "a number above 0, or a list of them",
    "order": 'a number, "fro" or "nuc"',
    "contraction": "a whole number, 0 or above, or two lists with numbers of axes",
    "betas": "two numbers from 0 to below 1 in brackets",
    "tensor": "a tensor",
    "operand": "a tensor or a number",
    "dtype": f"a dtype: {', '.join(DTYPES)}",
    "columns": "names of columns",
    "column": "the name of a field or a column",
    "values": "a value, or a list of values",
    "folds": "a whole number from 2 on",
    "share": "a number above 0 and below 1",
    "watched": "a measure of a split, such as `validation.loss`",
    "length": "a share of the training (0.05, at most 1.0) or a whole number of epochs",
    "milestones": "a list of epochs or of shares of the training, in rising order",
    "nonpositive": "a number, 0 or below",
    "atleast1": "a number, 1 or above",
    "etas": "two numbers above 0 in brackets, the first below 1 and the second above",
    "epsilons": "two numbers in brackets, 0 or above; the first may be None",
    "iterations": "a whole number from 1 to 99",
    "triple": "three numbers in brackets",
    "imputation": "mean, median, most_frequent, a number or a text",
}


def words(kind: str) -> str:
    """The kind as a person says it."""
    optional = kind.endswith("?")
    kind = kind.rstrip("?")
    if "|" in kind:
        *first, last = (f'"{choice}"' for choice in kind.split("|"))
        text = f"{', '.join(first)} or {last}"
    else:
        text = WORDS[kind]
    return f"{text}, or None" if optional else text


def is_size(value: Any, least: int) -> bool:
    """Whether it is a whole number or an open size that may be at least `least`."""
    if isinstance(value, Dim):
        bound = lower(value)
        return bound is None or bound >= least or value.value is None
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    """Whether it is a whole number that is known now."""
    if isinstance(value, Dim):
        return value.value is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _each(value: Any, rank: int, least: int) -> bool:
    if isinstance(value, tuple):
        return len(value) == rank and all(is_size(each, least) for each in value)
    return is_size(value, least)


def _rising(value: Any) -> bool:
    """Whether these are lengths of one kind, epochs or shares, each longer than the one before."""
    if not isinstance(value, tuple) or not value or not all(fits("length", v) for v in value):
        return False
    alike = len({isinstance(each, float) for each in value}) == 1
    return alike and all(first < second for first, second in pairwise(value))


def fits(kind: str, value: Any) -> bool:
    """Whether `value` is of the kind."""
    if kind.endswith("?"):
        return value is None or fits(kind[:-1], value)
    if "|" in kind:
        return value in kind.split("|")
    match kind:
        case "int":
            return is_size(value, -(2**63))
        case "axis" | "index":
            return _whole(value)
        case "size":
            return is_size(value, 1)
        case "count":
            return is_size(value, 0)
        case "float":
            return _number(value)
        case "tensor":
            return isinstance(value, Type)
        case "operand":
            return isinstance(value, Type | Dim) or _number(value)
        case "positive":
            return _number(value) and value > 0
        case "nonnegative":
            return _number(value) and value >= 0
        case "probability":
            return _number(value) and 0 <= value <= 1
        case "bool":
            return isinstance(value, bool)
        case "string" | "dtype":
            return isinstance(value, str) and (kind == "string" or value in DTYPES)
        case "watched":
            return isinstance(value, str) and value.count(".") == 1
        case "strings" | "columns":
            return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
        case "numbers":
            return isinstance(value, tuple) and all(map(_number, value))
        case "pair":
            return isinstance(value, tuple) and len(value) == 2 and all(map(_number, value))
        case "betas":
            return fits("pair", value) and all(0 <= each < 1 for each in value)
        case "padding1" | "padding2" | "padding3":
            return value in ("same", "valid") or _each(value, int(kind[-1]), 0)
        case "window1" | "window2" | "window3":
            return _each(value, int(kind[-1]), 1)
        case "output2" | "output3" if isinstance(value, tuple):
            rank = int(kind[-1])
            return len(value) == rank and all(each is None or is_size(each, 1) for each in value)
        case "output1" | "output2" | "output3":
            return _each(value, 1, 1)
        case "pad1" | "pad2" | "pad3":
            return _each(value, int(kind[-1]), 0)
        case "extent":
            return isinstance(value, tuple) and all(is_size(each, 1) for each in value)
        case "ratio2" | "ratio3" if not isinstance(value, tuple):
            return fits("share", value)
        case "ratio2" | "ratio3" | "ratios2" | "ratios3":
            several = isinstance(value, tuple) and len(value) == int(kind[-1])
            return several and all(fits("share", each) for each in value)
        case "sizes" | "expanded":
            parts = value if isinstance(value, tuple) else (value,)
            return all(is_size(each, 1) or each == -1 for each in parts)
        case "cuts" if not isinstance(value, tuple):
            return is_size(value, 1)
        case "cuts" | "shifts":
            parts = value if isinstance(value, tuple) else (value,)
            return all(is_size(each, -(2**63)) for each in parts)
        case "scalar":
            return _number(value) or isinstance(value, bool)
        case "bound":
            return isinstance(value, Dim) or _number(value)
        case "shape" | "parts":
            parts = value if isinstance(value, tuple) else (value,)
            return all(is_size(each, 1) for each in parts)
        case "axes":
            parts = value if isinstance(value, tuple) else (value,)
            return all(map(_whole, parts))
        case "edges" | "edges1" | "edges2" | "edges3" if isinstance(value, tuple):
            count = len(value) if kind == "edges" else 2 * int(kind[-1])
            return len(value) == count and all(is_size(each, -(2**63)) for each in value)
        case "edges" | "edges1" | "edges2" | "edges3":
            return kind != "edges" and is_size(value, -(2**63))
        case "scales":
            parts = value if isinstance(value, tuple) else (value,)
            return bool(parts) and all(fits("positive", each) for each in parts)
        case "order":
            return _number(value) or value in ("fro", "nuc")
        case "contraction" if isinstance(value, tuple):
            return len(value) == 2 and all(fits("axes", each) for each in value)
        case "contraction":
            return _whole(value) and decide(dim(value), ">=", 0) is True
        case "share":
            return _number(value) and 0 < value < 1
        case "length":
            return 0 < value <= 1 if isinstance(value, float) else is_size(value, 1)
        case "milestones":
            return _rising(value)
        case "nonpositive":
            return _number(value) and value <= 0
        case "atleast1":
            return _number(value) and value >= 1
        case "etas":
            return fits("pair", value) and 0 < value[0] < 1 < value[1]
        case "epsilons" if isinstance(value, tuple) and len(value) == 2:
            return fits("nonnegative?", value[0]) and fits("nonnegative", value[1])
        case "epsilons":
            return False
        case "iterations":
            return is_size(value, 1) and not isinstance(value, Dim) and value < 100
        case "triple":
            return fits("numbers", value) and len(value) == 3
        case "column":
            return isinstance(value, str)
        case "imputation":
            return _number(value) or isinstance(value, str)
        case "values":
            parts = value if isinstance(value, tuple) else (value,)
            return bool(parts) and all(isinstance(each, str | int | float) for each in parts)
        case "folds":
            return is_size(value, 2)
    raise AssertionError(kind)


def spread(value: Any, rank: int) -> tuple[Any, ...]:
    """One value for each of `rank` axes."""
    return value if isinstance(value, tuple) else (value,) * rank
