"""Sizes of tensors: integer polynomials over names and floors, their bounds and solutions."""

from .bounds import decide, lower, upper
from .factored import factored
from .factors import factors
from .size import Dim, constant, dim, maximum, minimum, name
from .solve import solve
from .text import text

__all__ = [
    "Dim",
    "constant",
    "decide",
    "dim",
    "factored",
    "factors",
    "lower",
    "maximum",
    "minimum",
    "name",
    "solve",
    "text",
    "upper",
]
