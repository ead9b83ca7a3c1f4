"""Mathematical functions, element by element; of plain numbers they are computed right away."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..dims import dim
from ..tensor import COMPLEX, DTYPES, FLOATS, INTEGERS, Type
from .activation import several
from .broadcasting import overflows
from .record import Args, Layer, Mismatch, Result, floats

# What the results of a function mean, where it undoes what made the numbers.
MEANINGS = {
    ("exp", "log_probabilities"): "probabilities",
    ("log", "probabilities"): "log_probabilities",
    ("nan_to_num", "probabilities"): "probabilities",
    ("nan_to_num", "log_probabilities"): "log_probabilities",
}
# dtype of the values: dtype of the result; what is missing is refused
KEPT = {dtype: dtype for dtype in DTYPES}
SIGNED = {dtype: dtype for dtype in DTYPES if dtype != "bool"}
FRACTIONS = {dtype: dtype for dtype in FLOATS}
SQUARED = {**SIGNED, "bool": "i64"}
JUDGED = dict.fromkeys(DTYPES, "bool")
BITS = {dtype: dtype for dtype in (*INTEGERS, "bool")}


def mathematical(name: str) -> Any:
    """The type rule: floats stay what they are, whole numbers become f32."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if value.tokens or value.classes:
            return Mismatch(
                f"{name} computes with numbers, and {value} are indices",
                write="`-> Embedding(64)` before it makes floats of indices",
                code="D0202",
            )
        dtype = value.dtype if value.floating else "f32"
        meaning = MEANINGS.get((name, value.meaning), "")
        return Type(dtype, value.shape, meaning, spatial=value.spatial)

    return gives


def kept(name: str, dtypes: Mapping[str, str]) -> Any:
    """The type rule of what does not make floats: signs, whole parts, truths."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        dtype = dtypes.get(value.dtype)
        if dtype is None:
            return _refused(name, value)
        meaning = MEANINGS.get((name, value.meaning), "")
        return Type(dtype, value.shape, meaning, spatial=value.spatial)

    return gives


def _refused(name: str, value: Type) -> Mismatch:
    if value.dtype == "bool" and name != "frac":
        return Mismatch(
            f"{name} takes numbers, and a truth has no sign",
            write="logical_not" if name == "neg" else "`-> to(f32)` before it",
            code="D0202",
        )
    if value.floating:
        return Mismatch(
            f"{name} takes truths and whole numbers",
            write="a comparison before it: `x > 0`",
            code="D0202",
        )
    return floats(value, name) or Mismatch(f"{name} takes other numbers", code="D0202")


def rounded(x: tuple[Type, ...], a: Args) -> Result:
    """To so many decimals; whole numbers have none to round."""
    (value,) = x
    if not value.floating and dim(a["decimals"]).value != 0:
        return Mismatch("whole numbers have no decimals", write="round without them", code="D0202")
    return kept("round", SIGNED)(x, a)  # type: ignore[no-any-return]


def logit(x: tuple[Type, ...], a: Args) -> Result:
    """The scores whose sigmoid is x; `eps` keeps it from 0 and 1."""
    dtype = x[0].dtype if x[0].floating else "f32"
    if overflows(dtype, a["eps"]):
        return Mismatch(f"{dtype} cannot hold eps={a['eps']}", write="1e-6", code="D0202")
    return mathematical("logit")(x, a)  # type: ignore[no-any-return]


def to(x: tuple[Type, ...], a: Args) -> Result:
    """The same values in another dtype; bounds stay with whole numbers, meanings with floats."""
    (value,) = x
    target = Type(a["dtype"], value.shape, spatial=value.spatial)
    if target.floating and value.floating:
        return replace(target, meaning=value.meaning)
    if target.dtype in ("i64", "i32") and value.dtype in ("i64", "i32"):
        return replace(value, dtype=target.dtype, meaning="")
    return target


def _function(
    name: str,
    summary: str,
    cost: int = 1,
    of_number: Callable[[float], float] | None = None,
    gives: Any = None,
    signature: str = "",
) -> Layer:
    return Layer(
        name,
        signature,
        gives or mathematical(name),
        f"torch.{name}",
        summary,
        f"{'tokens' if name == 'bitwise_not' else 'x'} -> {name}",
        positional=0,
        flops=several(cost),
        of_number=of_number,
        complex=name == "abs",
    )


def _kept(
    name: str,
    dtypes: Mapping[str, str],
    summary: str,
    of_number: Callable[[float], float] | None = None,
) -> Layer:
    return _function(name, summary, 1, of_number, kept(name, dtypes))


# Powers, roots and angles: 4 operations for what a polynomial approximates, 1 for an instruction.
ELEMENTWISE = (
    _function("exp", "e to the power of x", 4, math.exp),
    _function("exp2", "2 to the power of x", 4),
    _function("expm1", "exp(x) - 1, exact near 0", 4),
    _function("log", "the natural logarithm of x", 4, math.log),
    _function("log2", "the logarithm of x to base 2", 4),
    _function("log10", "the logarithm of x to base 10", 4),
    _function("log1p", "log(1 + x), exact near 0", 4),
    _function("sqrt", "the square root of x", 1, math.sqrt),
    _function("rsqrt", "1 / sqrt(x)", 2),
    _function("reciprocal", "1 / x"),
    _function("sin", "the sine of x", 4, math.sin),
    _function("cos", "the cosine of x", 4, math.cos),
    _function("tan", "the tangent of x", 4),
    _function("asin", "the angle whose sine is x", 4),
    _function("acos", "the angle whose cosine is x", 4),
    _function("atan", "the angle whose tangent is x", 4),
    _function("sinh", "the hyperbolic sine of x", 4),
    _function("cosh", "the hyperbolic cosine of x", 4),
    _function("asinh", "the number whose hyperbolic sine is x", 4),
    _function("acosh", "the number whose hyperbolic cosine is x", 4),
    _function("atanh", "the number whose hyperbolic tangent is x", 4),
    _function("erf", "the error function of x", 4),
    _function("erfc", "1 - erf(x), exact far out", 4),
    _function("erfinv", "the number whose error function is x", 4),
    _function("lgamma", "the logarithm of the gamma function", 4),
    _function("digamma", "the derivative of lgamma", 4),
    _function("sinc", "sin(pi x) / (pi x)", 6),
    _function("deg2rad", "degrees as radians"),
    _function("rad2deg", "radians as degrees"),
    _function("logit", "log(x / (1 - x))", 6, None, logit, "eps: float? = None"),
    _kept("abs", SIGNED | COMPLEX, "x without its sign", abs),
    _kept("square", SQUARED, "x times x"),
    _kept("neg", SIGNED, "-x"),
    _kept("sign", KEPT, "-1, 0 or 1"),
    _kept("sgn", KEPT, "-1, 0 or 1"),
    _kept("floor", SIGNED, "rounded down", math.floor),
    _kept("ceil", SIGNED, "rounded up", math.ceil),
    _kept("trunc", SIGNED, "what stands before the point"),
    _kept("frac", FRACTIONS, "what stands behind the point, with the sign of x"),
    _function("round", "rounded to so many decimals", 1, None, rounded, "decimals: int = 0"),
    _kept("isnan", JUDGED, "where x is no number"),
    _kept("isinf", JUDGED, "where x is infinite"),
    _kept("isposinf", JUDGED, "where x is infinite and above 0"),
    _kept("isneginf", JUDGED, "where x is infinite and below 0"),
    _kept("isfinite", JUDGED, "where x is a number and finite"),
    _kept("signbit", JUDGED, "where x has a minus sign"),
    _kept("logical_not", JUDGED, "where x is 0"),
    _kept("bitwise_not", BITS, "every bit turned around"),
    _function(
        "nan_to_num",
        "numbers in place of nan and infinity",
        1,
        None,
        kept("nan_to_num", KEPT),
        "nan: float = 0.0, posinf: float? = None, neginf: float? = None",
    ),
    Layer(
        "to",
        "dtype: dtype",
        to,
        ".to",
        "the same values in another dtype",
        "tokens -> to(f32)",
        positional=1,
        flops=several(1),
    ),
)
