"""What a compile-time value or a tensor is, in words, and the way out of a generic network."""

from __future__ import annotations

from typing import Any

from .. import arithmetic, ir


class NotGeneric(Exception):
    """A body that no constructor can build for all hyperparameters; `names` are to blame."""

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        super().__init__(", ".join(sorted(names)))
        self.names = names


def holds_tensors(value: Any) -> bool:
    """Whether it is a tensor, or a list or several results with one in it."""
    if isinstance(value, tuple):
        return any(map(holds_tensors, value))
    return isinstance(value, ir.Value | ir.Results | ir.Gathered)


def described(value: Any) -> str:
    """A value in a message: a compile-time value, or several tensors."""
    if isinstance(value, ir.Value):
        return f"a tensor {value.type}"
    if isinstance(value, ir.Op):
        return f"`{value.name}` by its name"
    if isinstance(value, ir.OpenRange):
        return "a range of an open size"
    if isinstance(value, ir.Gathered):
        return "a list of as many tensors as there were turns"
    return "a list of tensors" if holds_tensors(value) else arithmetic.described(value)
