"""Operators on tensors: torch's broadcasting, without its traps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ir
from ..arithmetic import described
from ..dims import Dim, decide
from ..errors import shapes as errors
from ..layers.indexing import INDEX, Slice
from ..source import Span
from ..tensor import FLOATS, UNKNOWN, Type

if TYPE_CHECKING:
    from .evaluation import Evaluation

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**")
ORDER = ("bool", "u8", "i32", "i64", "f16", "bf16", "f32", "f64")


def operate(here: Evaluation, span: Span, operator: str, values: list[Any]) -> Any:
    """The tensor that an operator gives, with the step written down; UNKNOWN after a report."""
    types = [value.type if isinstance(value, ir.Value) else value for value in values]
    if len(types) == 1:
        found = _unary(operator, types[0])
    else:
        left, right = types
        found = _binary(operator, left, right, (written(here, values[0]), written(here, values[1])))
    if isinstance(found, str):
        why, _, help = found.partition("|")
        shown = [str(t) if isinstance(t, Type) else described(t) for t in types]
        if len(shown) == 1:
            shown.append("nothing else")
        here.report(
            errors.operands(span, operator, shown[0], shown[1], why, help, here.trail(*values))
        )
        return UNKNOWN
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
) -> Type | str:
    """The type, or what is wrong and, behind `|`, what to write."""
    if operator in ("and", "or", "in", "not in"):
        return "a tensor is not one truth|compare its elements: `x == 1`"
    if operator == "@":
        return _matmul(left, right)
    if operator not in (*ARITHMETIC, *COMPARISONS):
        return "tensors have no such operator"
    for other in (left, right):
        if not isinstance(other, Type | int | float | Dim | ir.Open) or isinstance(other, bool):
            return "only numbers and tensors go together"
    shape = _broadcast(left, right, written)
    if isinstance(shape, str):
        return shape
    if operator in COMPARISONS:
        return Type("bool", shape)
    return Type(_promoted(operator, left, right), shape, spatial=_spatial(left, right))


def _spatial(left: Any, right: Any) -> int:
    return max(x.spatial if isinstance(x, Type) else 0 for x in (left, right))


def _promoted(operator: str, left: Any, right: Any) -> str:
    """torch's promotion: tensors by rank, a Python float lifts integers to f32."""
    dtypes = [x.dtype for x in (left, right) if isinstance(x, Type)]
    widest = max(dtypes, key=ORDER.index)
    if set(dtypes) == {"f16", "bf16"}:
        widest = "f32"
    lifted = operator == "/" or any(isinstance(x, float | ir.Open) for x in (left, right))
    if widest not in FLOATS and lifted:
        return "f32"
    return "i64" if widest == "bool" else widest


def _broadcast(
    left: Any,
    right: Any,
    written: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset()),
) -> tuple[Dim, ...] | str:
    """The common shape; `written` axes may grow, for the author says so."""
    shapes = [x.shape for x in (left, right) if isinstance(x, Type)]
    if len(shapes) == 1:
        return shapes[0]
    first, second = shapes
    rank = max(len(first), len(second))
    shape: list[Dim] = []
    grows = [len(first) < rank, len(second) < rank]
    for axis in range(1, rank + 1):
        a = first[-axis] if axis <= len(first) else None
        b = second[-axis] if axis <= len(second) else None
        if a is None or b is None:
            shape.append(a or b)  # type: ignore[arg-type]
        elif decide(a, "==", b):
            shape.append(a)
        elif a.value == 1:
            grows[0] |= axis not in written[0]
            shape.append(b)
        elif b.value == 1:
            grows[1] |= axis not in written[1]
            shape.append(a)
        else:
            return f"axis {rank - axis}: {a} and {b} are different sizes"
    if all(grows):
        return (
            "both sides would grow, so each value would meet all others"
            "|give both the same shape: `reshape(N, 1)`"
        )
    return tuple(reversed(shape))


def _matmul(left: Any, right: Any) -> Type | str:
    if not isinstance(left, Type) or not isinstance(right, Type):
        return "`@` takes two tensors"
    if len(left.shape) < 2 or len(right.shape) < 2:
        return "`@` takes matrices: two axes at least"
    if decide(left.shape[-1], "==", right.shape[-2]) is not True:
        return f"the inner sizes differ: {left.shape[-1]} and {right.shape[-2]}"
    if left.dtype != right.dtype:
        return "the dtypes differ|convert one: `x -> to(f32)`"
    outer = _broadcast(Type(left.dtype, left.shape[:-2]), Type(right.dtype, right.shape[:-2]))
    if isinstance(outer, str):
        return outer
    return Type(left.dtype, (*outer, left.shape[-2], right.shape[-1]))
