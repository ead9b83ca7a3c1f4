"""Elementwise functions of two: arithmetic, comparisons, logic, and the larger of two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..dims import Dim
from ..tensor import FLOATS, INTEGERS, Type
from .activation import several
from .broadcasting import overflows, result_type, spatial, together
from .record import Args, Layer, Mismatch, Result

# What lies between two probabilities is one.
CHOICES = ("maximum", "minimum", "fmax", "fmin")
WIDTHS = {"u8": 2**8, "i32": 2**32, "i64": 2**64}
CONVERT = "convert one: `x -> to(f32)`"


def wrong_dtype(why: str, write: str = CONVERT) -> Mismatch:
    """Operands of a dtype that a function does not take."""
    return Mismatch(why, write=write, code="D0202")


def too_large(name: str, number: Any, dtype: str) -> Mismatch:
    """A number that does not fit what it is put together with."""
    return wrong_dtype(f"{dtype} cannot hold {number}, which {name} makes it")


# What a function says about the dtype of its operands taken together: its result's, or a fault.
Rule = Callable[[str, tuple[Any, Any], Args], "str | Mismatch"]


def as_promoted(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """The dtype that both have together."""
    return dtype


def truth(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """A truth, whatever is compared."""
    return "bool"


def quotient(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """Floats stay what they are, all else becomes f32."""
    return dtype if dtype in FLOATS else "f32"


def floats_alone(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """Only floats, at least one of the two."""
    return dtype if dtype in FLOATS else wrong_dtype("only floats are taken")


def bits(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """Truths and whole numbers have bits, floats have none."""
    return wrong_dtype("floats have no bits here", "") if dtype in FLOATS else dtype


def whole_parts(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """Division that leaves a rest: not of truths, and of whole numbers not by 0."""
    if dtype == "bool":
        return wrong_dtype("truths are not divided")
    by = operands[1].value if isinstance(operands[1], Dim) else operands[1]
    # A number wraps around where the dtype is too small for it.
    if dtype in INTEGERS and isinstance(by, int) and by % WIDTHS[dtype] == 0:
        return Mismatch("whole numbers are not divided by 0", write="another number")
    return dtype


def rounded(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """A quotient, or one without its rest where `rounding_mode` is given."""
    rule = quotient if a["rounding_mode"] is None else whole_parts
    return rule(dtype, operands, a)


def scaled(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """The first and `alpha` times the second."""
    alpha = a["alpha"]
    if dtype not in FLOATS and isinstance(alpha, float):
        return wrong_dtype(f"alpha={alpha} is a float, and these are whole numbers")
    return too_large("alpha", alpha, dtype) if overflows(dtype, alpha) else dtype


def difference(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """As a sum, but not of truths."""
    if any(isinstance(x, Type) and x.dtype == "bool" for x in operands):
        return wrong_dtype("truths are not subtracted", "logical_not or logical_xor")
    return scaled(dtype, operands, a)


def power(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """Whole numbers have no negative powers, which would be fractions."""
    if dtype == "bool":
        return wrong_dtype("truths have no powers")
    exponent = operands[1].value if isinstance(operands[1], Dim) else operands[1]
    if dtype in INTEGERS and isinstance(exponent, int) and exponent < 0:
        why = f"{dtype} to the power of {exponent} would be fractions"
        return wrong_dtype(why, f"pow({exponent}.0) for floats")
    # Only these compute with the exponent in their own dtype.
    if dtype not in ("f32", "f64") and overflows(dtype, exponent):
        return too_large("the exponent", exponent, dtype)
    return dtype


def alike(dtype: str, operands: tuple[Any, Any], a: Args) -> str | Mismatch:
    """A truth about two of the same dtype."""
    first, second = operands
    if first.dtype != second.dtype:
        return wrong_dtype(f"one is {first.dtype}, the other {second.dtype}")
    return "bool"


def of_two(name: str, rule: Rule, key: str = "other") -> Any:
    """The type rule: both operands flow in, or the second one is the argument `key`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        operands = (x[0], x[1] if len(x) > 1 else a[key])
        shape = together(*operands)
        if isinstance(shape, Mismatch):
            return shape
        dtype = rule(result_type(*operands), operands, a)
        if isinstance(dtype, Mismatch):
            return dtype
        meanings = {each.meaning for each in operands if isinstance(each, Type)}
        meaning = meanings.pop() if name in CHOICES and len(meanings) == 1 else ""
        return Type(dtype, shape, meaning, spatial=spatial(*operands))

    return gives


def _operand(name: str, rule: Rule, summary: str, cost: int = 1, more: str = "") -> Layer:
    """A function whose second operand may be a number."""
    key = "exponent" if name == "pow" else "other"
    return Layer(
        name,
        f"{key}: operand{more and f', {more}'}",
        of_two(name, rule, key),
        f"torch.{name}",
        summary,
        f"x -> {name}(2)" if rule is not bits else f"tokens -> {name}(2)",
        positional=1,
        flops=several(cost),
    )


def _tensors(name: str, rule: Rule, summary: str, cost: int = 1, more: str = "") -> Layer:
    """A function of two tensors."""
    return Layer(
        name,
        more,
        of_two(name, rule),
        f"torch.{name}",
        summary,
        f"(x, x) -> {name}",
        inputs=("input", "other"),
        positional=0,
        flops=several(cost),
    )


ALPHA = "alpha: float = 1"
CLOSE = "rtol: nonnegative = 1e-05, atol: nonnegative = 1e-08, equal_nan: bool = False"
BINARY = (
    _operand("add", scaled, "both added; the second may be taken `alpha` times", 1, ALPHA),
    _operand("sub", difference, "the second taken from the first", 1, ALPHA),
    _operand("mul", as_promoted, "both multiplied"),
    _operand(
        "div",
        rounded,
        "the first divided by the second",
        1,
        "rounding_mode: trunc|floor? = None",
    ),
    _operand("floor_divide", whole_parts, "how often the second goes into the first, rounded down"),
    _operand("fmod", whole_parts, "what division leaves, with the sign of the first"),
    _operand("remainder", whole_parts, "what division leaves, with the sign of the second"),
    # A logarithm, a product and an exponential.
    _operand("pow", power, "the first to the power of the second", 9),
    _operand("copysign", quotient, "the size of the first with the sign of the second"),
    _operand("xlogy", quotient, "x * log(y), and 0 where x is 0", 5),
    _operand("eq", truth, "where both are equal"),
    _operand("ne", truth, "where both differ"),
    _operand("lt", truth, "where the first is smaller"),
    _operand("le", truth, "where the first is not larger"),
    _operand("gt", truth, "where the first is larger"),
    _operand("ge", truth, "where the first is not smaller"),
    _operand("bitwise_and", bits, "the bits that both have"),
    _operand("bitwise_or", bits, "the bits that one of both has"),
    _operand("bitwise_xor", bits, "the bits that only one of both has"),
    _tensors("maximum", as_promoted, "the larger one of two; nan where one is"),
    _tensors("minimum", as_promoted, "the smaller one of two; nan where one is"),
    _tensors("fmax", as_promoted, "the larger one of two; the other where one is nan"),
    _tensors("fmin", as_promoted, "the smaller one of two; the other where one is nan"),
    _tensors("atan2", quotient, "the angle of a point: the first is its height", 5),
    _tensors("hypot", floats_alone, "the length of a hypotenuse", 4),
    _tensors("logaddexp", floats_alone, "log(exp(x) + exp(y)), computed safely", 10),
    _tensors("logical_and", truth, "where neither is 0"),
    _tensors("logical_or", truth, "where one is not 0"),
    _tensors("logical_xor", truth, "where just one is 0"),
    _tensors("isclose", alike, "where both are almost equal", 4, CLOSE),
)
