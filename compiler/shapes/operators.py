"""Operators on tensors: torch's broadcasting, without its traps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ir
from ..arithmetic import described
from ..dims import Dim
from ..errors import shapes as errors
from ..layers.binary import as_promoted, difference, power, quotient, scaled, whole_parts
from ..layers.broadcasting import broadcast, result_type, spatial
from ..layers.indexing import INDEX, Slice
from ..layers.products import matmul
from ..layers.record import Condition, Given, Mismatch, Shape, Types, under
from ..source import Span
from ..tensor import COMPLEX, UNKNOWN, Type
from .advice import unlike
from .opaque import packed_operand

if TYPE_CHECKING:
    from .evaluation import Evaluation

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
RULES = {
    "+": scaled,
    "-": difference,
    "*": as_promoted,
    "/": quotient,
    "//": whole_parts,
    "%": whole_parts,
    "**": power,
}


def operate(here: Evaluation, span: Span, operator: str, values: list[Any]) -> Any:
    """The tensor that an operator gives, with the step written down; UNKNOWN after a report."""
    types = [value.type if isinstance(value, ir.Value) else value for value in values]
    found: Types | Given | str
    if wrong := packed_operand(*types):
        found = wrong
    elif len(types) == 1:
        found = _unary(operator, types[0])
    else:
        left, right = types
        found = _binary(operator, left, right, (written(here, values[0]), written(here, values[1])))
    if isinstance(found, str):
        why, _, help = found.partition("|")
        help = (unlike(here, *values) if len(values) == 2 else "") or help
        shown = [str(t) if isinstance(t, Type) else described(t) for t in types]
        if len(shown) == 1:
            shown.append("")
        here.report(
            errors.operands(span, operator, shown[0], shown[1], why, help, here.trail(*values))
        )
        return UNKNOWN
    if isinstance(found, Given):
        here.guards += [ir.Guard(span, condition) for condition in found.conditions]
        found = found.type
    assert isinstance(found, Type)
    output = ir.Value(found, span)
    here.did(ir.ArithmeticStep(span, operator, tuple(values), output), output)
    return output


def _unary(operator: str, x: Type) -> Type | str:
    if operator == "~":
        return x if x.dtype == "bool" else "`~` takes bool|compare first: `~(x > 0)`"
    if operator == "not":
        return "a tensor is not one truth|write `~`"
    return x.plain if x.dtype != "bool" else "bool has no sign"


def written(here: Evaluation, value: Any) -> frozenset[int]:
    """The axes, counted from the end, that this expression writes as None: `b[:, None]`."""
    step = here.made_by.get(id(value))
    if not isinstance(step, ir.LayerStep) or step.layer is not INDEX or step.output.name:
        return frozenset()
    rank = len(step.output.type.shape)
    found = set()
    axis = 0
    items = step.arguments["items"]
    if ir.held(items):
        return frozenset()
    kept = sum(item is None or isinstance(item, Slice) for item in items)
    for item in items:
        if item is ...:
            axis = rank - (kept - axis)
        elif item is None or isinstance(item, Slice):
            found |= {rank - axis} if item is None else set()
            axis += 1
    return frozenset(found)


def _binary(
    operator: str,
    left: Any,
    right: Any,
    written: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset()),
) -> Types | Given | str:
    """The type, or what is wrong and, behind `|`, what to write."""
    if operator in ("and", "or", "in", "not in"):
        if operator in ("and", "or"):
            return f"a tensor is not one truth|element by element: `logical_{operator}(a, b)`"
        return "a tensor is not one truth|compare its elements: `x == 1`"
    if operator == "@":
        return _matmul(left, right)
    if operator not in (*RULES, *COMPARISONS):
        return "tensors have no such operator"
    for other in (left, right):
        if not isinstance(other, Type | int | float | Dim | ir.Open) or isinstance(other, bool):
            return "only numbers and tensors go together"
    pairs = zip((left, right), written, strict=True)
    shapes, grown = zip(*((x.shape, w) for x, w in pairs if isinstance(x, Type)), strict=True)
    conditions: list[Condition] = []
    shape = broadcast(shapes, grown, conditions)
    if isinstance(shape, str):
        return shape
    found = _elementwise(operator, left, right, shape)
    return under(found, conditions) if isinstance(found, Type) else found


def _elementwise(operator: str, left: Any, right: Any, shape: Shape) -> Type | str:
    """What the elements of a common shape become."""
    if any(isinstance(x, Type) and x.dtype in COMPLEX for x in (left, right)):
        return _complex(operator, left, right, shape)
    if operator in COMPARISONS:
        return Type("bool", shape)
    dtype = RULES[operator](result_type(left, right), (left, right), {"alpha": 1})
    if isinstance(dtype, Mismatch):
        return f"{dtype.why}|{dtype.write}"
    return Type(dtype, shape, _meaning(operator, left, right), spatial=spatial(left, right))


def _complex(operator: str, left: Any, right: Any, shape: Shape) -> Type | str:
    if operator not in ("+", "-", "*", "/"):
        return "complex numbers have no such operator|take `abs`, `real` or `imag` of them"
    dtypes = {x.dtype for x in (left, right) if isinstance(x, Type)}
    return Type("c128" if dtypes & {"c128", "f64"} else "c64", shape)


def _meaning(operator: str, left: Any, right: Any) -> str:
    """What is left of probabilities: their complement and their products are some too."""
    chances = [isinstance(x, Type) and x.meaning == "probabilities" for x in (left, right)]
    complement = operator == "-" and chances[1] and isinstance(left, int | float) and left == 1
    return "probabilities" if complement or (operator == "*" and all(chances)) else ""


def _matmul(left: Any, right: Any) -> Type | Given | str:
    if not isinstance(left, Type) or not isinstance(right, Type):
        return "`@` takes two tensors"
    found = matmul((left, right), {})
    if isinstance(found, Mismatch):
        return f"{found.why}|{found.write}"
    assert isinstance(found, Type | Given)
    return found
