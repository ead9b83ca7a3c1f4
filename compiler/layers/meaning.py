"""What is still known of values of several types once they stand in one tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from ..dims import Dim, dim
from ..tensor import FLOATS, INTEGERS, Type
from .record import Shape

Operand: TypeAlias = "Type | Dim | int | float"


def in_common(values: Sequence[Operand], dtype: str, shape: Shape) -> Type:
    """The type of values put together: what they all are stays, what differs is forgotten.

    Numbers stay what the tensors are if they can be: below 1 a probability, from 0 on an index.
    """
    tensors = [each for each in values if isinstance(each, Type)]
    numbers = [each for each in values if not isinstance(each, Type)]
    kinds = {replace(each, shape=(), spatial=0) for each in tensors}
    if len(kinds) == 1 and not numbers:
        return replace(tensors[0], dtype=dtype, shape=shape, spatial=0)
    if dtype in FLOATS:
        meanings = {each.meaning for each in tensors}
        kept = meanings.pop() if len(meanings) == 1 else ""
        return Type(dtype, shape, kept if all(_may_be(kept, each) for each in numbers) else "")
    bounds = [_bound(each) for each in values]
    known = [each for each in bounds if each is not None]
    tokens = max(known) if dtype in INTEGERS and known and len(known) == len(bounds) else None
    return Type(dtype, shape, tokens=tokens)


def bound_of(value: Type) -> int | None:
    """What all these whole numbers lie below, from 0 on; None where that is not known."""
    return value.classes if value.tokens is None else value.tokens


def _bound(value: Operand) -> int | None:
    if isinstance(value, Type):
        return bound_of(value)
    number = None if isinstance(value, float) else dim(value).value
    return number + 1 if number is not None and number >= 0 else None


def _may_be(meaning: str, value: Dim | float) -> bool:
    """Whether a number can be one of this meaning."""
    if isinstance(value, Dim):
        return meaning == ""
    match meaning:
        case "probabilities":
            return 0 <= value <= 1
        case "log_probabilities":
            return value <= 0
    return meaning == ""
