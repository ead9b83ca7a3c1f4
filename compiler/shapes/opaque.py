"""What only some layers take: packed sequences, and complex numbers where a model ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import ir
from ..errors import shapes as errors
from ..layers.record import Mismatch, still_packed
from ..source import Span
from ..tensor import COMPLEX, Type
from .values import NotGeneric

if TYPE_CHECKING:
    from .evaluation import Evaluation


def has_axes(here: Evaluation, span: Span, name: str, value: ir.Value) -> bool:
    """Whether a value is a tensor, with axes; a packed sequence is reported."""
    if not value.type.packed:
        return True
    _report(here, span, name, still_packed(name), value)
    return False


def leaves(here: Evaluation, port: ir.Port, value: ir.Value) -> bool:
    """Whether a value may be an output; packed and, of a model, complex ones are reported."""
    if not has_axes(here, port.span, f"output {port.name}", value):
        return False
    if not here.is_model or value.type.dtype not in COMPLEX:
        return True
    why = Mismatch(
        "a model gives real numbers: no loss, metric or prediction takes complex ones",
        write=f"output {port.name} = view_as_real(…), or `real`, `imag`, `abs` of it",
        code="D0202",
    )
    _report(here, port.span, f"output {port.name}", why, value)
    return False


def _report(here: Evaluation, span: Span, name: str, why: Mismatch, value: ir.Value) -> None:

    if here.generic:
        raise NotGeneric
    comes, trail = str(value.type), here.trail(value)
    here.report(errors.mismatch(why.code, span, name, why.why, comes, why.write, (), trail))


def packed_operand(*operands: object) -> str:
    """What is wrong with a packed sequence beside an operator, and what to write behind `|`."""
    if not any(isinstance(each, Type) and each.packed for each in operands):
        return ""
    why = still_packed("an operator")
    return f"{why.why}|{why.write}"
