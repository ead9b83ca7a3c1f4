"""How operands of several shapes and dtypes go together: torch's rules, without its traps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..dims import Dim, decide
from ..tensor import COMPLEX, FLOATS, INTEGERS, Type
from .record import BATCH, LENIENT, Condition, Mismatch, Shape

ORDER = ("bool", *INTEGERS, *FLOATS, *COMPLEX)
# What a dtype can hold; floats also hold infinity.
RANGES = {
    "u8": (0, 255),
    "i32": (-(2**31), 2**31 - 1),
    "i64": (-(2**63), 2**63 - 1),
    "f16": (-65504.0, 65504.0),
    "bf16": (-3.3895313892515355e38, 3.3895313892515355e38),
    "f32": (-3.4028234663852886e38, 3.4028234663852886e38),
}


def promoted(dtypes: Iterable[str]) -> str:
    """The dtype that takes in all these, as `torch.promote_types` finds it."""
    several = set(dtypes)
    widest = max(several, key=ORDER.index)
    if widest == "c64" and "f64" in several:
        return "c128"
    return "f32" if widest == "bf16" and "f16" in several else widest


def result_type(*operands: Any) -> str:
    """The dtype of operands taken together, as `torch.result_type` finds it.

    An operand is a `Type` or a number; what is neither a whole number nor a size counts as a float.
    Tensors with axes come first: scalars can make floats of them, and numbers of truths, but never
    change the width; plain numbers come last.
    """
    tensors = [x for x in operands if isinstance(x, Type)]
    numbers = [x for x in operands if not isinstance(x, Type)]
    ranked = (
        [x.dtype for x in tensors if x.shape],
        [x.dtype for x in tensors if not x.shape],
        [_of_number(x) for x in numbers],
    )
    found = ""
    for dtypes in ranked:
        if not dtypes:
            continue
        lower = promoted(dtypes)
        if not found:
            found = lower
        elif found == "bool" or (found in INTEGERS and lower in (*FLOATS, *COMPLEX)):
            found = promoted((found, lower))
        elif found in FLOATS and lower in COMPLEX:
            found = "c128" if found == "f64" else "c64"
    return found


def _of_number(number: Any) -> str:
    if isinstance(number, bool):
        return "bool"
    return "i64" if isinstance(number, int | Dim) else "f32"


def overflows(dtype: str, number: Any) -> bool:
    """Whether a number that is known now is beyond what a dtype holds."""
    number = number.value if isinstance(number, Dim) else number
    if dtype not in RANGES or not isinstance(number, int | float):
        return False
    low, high = RANGES[dtype]
    if dtype == "u8" and isinstance(number, int):
        low = -high  # torch lets them wrap around
    return not low <= number <= high and not (dtype in FLOATS and abs(number) == float("inf"))


def broadcast(
    shapes: Sequence[Shape],
    written: Sequence[frozenset[int]] = (),
    conditions: list[Condition] | None = None,
) -> Shape | str:
    """The common shape, or what is wrong and, behind `|`, what to write.

    One operand at least has the common shape already: where all would grow, each value would meet
    all others. The axes in `written`, counted from the end, one set for each operand, may grow, for
    the author says so. Two names for sizes never meet; two sizes of the same names that may be
    equal join `conditions`, where the caller has them asked for.
    """
    rank = max(map(len, shapes))
    grows = [len(shape) < rank for shape in shapes]
    found: list[Dim] = []
    for axis in range(1, rank + 1):
        sizes = [shape[-axis] if axis <= len(shape) else None for shape in shapes]
        common: Dim | None = None
        for size in sizes:
            if size is None or (common is not None and decide(common, "==", size)):
                continue
            if common is None or common.value == 1:
                common = size
            elif size.value != 1:
                if conditions is not None and _may_be_equal(common, size):
                    conditions.append(Condition(common, "==", size))
                    common = min(common, size, key=lambda each: (each.depth, each.size))
                    continue
                why = f"axis {rank - axis}: {common} and {size} are different sizes"
                return f"{why}|{_alike(shapes, common, size, axis)}"
        assert common is not None
        found.append(common)
        for place, size in enumerate(sizes):
            if size is not None and size.value == 1 and common.value != 1:
                grows[place] |= not written or axis not in written[place]
    if all(grows):
        every = "both sides" if len(shapes) == 2 else "all operands"
        return (
            f"{every} would grow, so each value would meet all others"
            "|give both the same shape: `reshape(N, 1)`"
        )
    return tuple(reversed(found))


def _may_be_equal(one: Dim, other: Dim) -> bool:
    if LENIENT.get() and decide(one, "==", other) is None:
        return BATCH not in one.names | other.names
    return one.names == other.names and BATCH not in one.names and decide(one, "==", other) is None


def _alike(shapes: Sequence[Shape], one: Dim, other: Dim, axis: int) -> str:
    """What to write where two sizes differ on an axis, counted from the end."""
    rank = max(map(len, shapes))
    short = next((shape for shape in shapes if len(shape) < rank), None)
    if BATCH in one.names | other.names:
        if short and BATCH in short[0].names:
            between = ", ".join(["None"] * (rank - len(short)))
            return (
                f"the batch is axis 0 on both sides: write `[:, {between}]` behind the shorter one"
            )
        return "what is alike for all records has no axis there, or one of 1"
    if axis == 1 and one.value is not None and other.value is not None:
        return f"`-> Linear({one})` or `-> Linear({other})` gives both the same width"
    if one.value is not None and other.value is not None:
        return f"give both {max(one.value, other.value)} there"
    return f"give both the same size: write {one}, or {other}, for the two"


def together(*operands: Any) -> Shape | Mismatch:
    """The common shape of operands, of which one at least is a tensor; the others are numbers."""
    tensors = [x for x in operands if isinstance(x, Type)]
    shape = broadcast([x.shape for x in tensors], [x.grown for x in tensors])
    if not isinstance(shape, str):
        return shape
    why, _, write = shape.partition("|")
    return Mismatch(why, write=write)


def spatial(*operands: Any) -> int:
    """Whether the result is still a feature map, where one operand is."""
    return max(x.spatial if isinstance(x, Type) else 0 for x in operands)
