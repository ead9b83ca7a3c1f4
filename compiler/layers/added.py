"""Products of matrices with something added, each times a factor."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, text
from ..tensor import INTEGERS, Type
from .grids import same
from .products import Gives, multiplication, numbers, ranked
from .record import Args, Condition, Mismatch, Result, Shape, elementwise, under


def added(name: str, *ranks: int) -> Gives:
    """The type rule of `addmm` and its kin: a product, and something that broadcasts to it."""
    multiply = ranked(name, *ranks)

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        base, *factors = x
        made = multiply(tuple(factors), a)
        if isinstance(made, Mismatch):
            return made
        found, conditions = result(made)
        if name == "addbmm":
            found = found.shaped(*found.shape[1:])
        if wrong := numbers((found, base), name) or _beta(a, found, name):
            return wrong
        more = spreads(base.shape, found.shape)
        return more if isinstance(more, Mismatch) else under(found, conditions + more)

    return gives


def result(made: Any) -> tuple[Type, list[Condition]]:
    """A type and its conditions."""
    return (made, []) if isinstance(made, Type) else (made.type, [*made.conditions])


def _beta(a: Args, found: Type, name: str) -> Mismatch | None:
    """A fraction of whole numbers would be cut off."""
    for key in ("beta", "alpha"):
        if found.dtype in INTEGERS and isinstance(a[key], float):
            return Mismatch(
                f"{name} of {found.dtype} has whole numbers as factors, and {key} is {a[key]}",
                write="-> to(f32) before",
                code="D0202",
            )
    return None


def spreads(base: Shape, wanted: Shape) -> list[Condition] | Mismatch:
    """What must hold for a shape to broadcast to the wanted one."""
    conditions: list[Condition] = []
    if len(base) > len(wanted):
        return Mismatch(f"what is added has {len(base)} axes, and the product {len(wanted)}")
    for have, want in zip(reversed(base), reversed(wanted), strict=False):
        if have.value == 1:
            continue
        equal = same(have, want)
        if equal is None:
            return Mismatch(f"what is added has {text(have)}, and the product {text(want)}")
        conditions += equal
    return conditions


def added_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """The product, and one addition for each value of the result."""
    each = elementwise(x, y, a)
    inside = x[1].shape[-1] * (x[1].shape[0] if len(x[1].shape) > len(y.shape) == 2 else 1)
    return each * 2 * inside + each


_FACTORS = "beta: float = 1, alpha: float = 1"

ADDED = (
    multiplication(
        "addmm",
        "input mat1 mat2",
        added("addmm", 2, 2),
        "a product of matrices, and something added",
        "addmm(ones(3), x, ones(784, 3))",
        added_flops,
        _FACTORS,
    ),
    multiplication(
        "addmv",
        "input mat vec",
        added("addmv", 2, 1),
        "a matrix times a vector, and something added",
        "addmv(ones(1), x, ones(784))",
        added_flops,
        _FACTORS,
    ),
    multiplication(
        "baddbmm",
        "input batch1 batch2",
        added("baddbmm", 3, 3),
        "a product of matrices for each record, and something added",
        "baddbmm(ones(4, 4), signal, signal.mT)",
        added_flops,
        _FACTORS,
    ),
    multiplication(
        "addbmm",
        "input batch1 batch2",
        added("addbmm", 3, 3),
        "the sum of the products of matrices, and something added",
        "addbmm(ones(4, 4), signal, signal.mT)",
        added_flops,
        _FACTORS,
    ),
)
