"""Functions that make tensors of sizes alone, or like another one."""

from __future__ import annotations

from math import ceil, isfinite
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import FLOATS, Type
from .arguments import spread
from .broadcasting import overflows, result_type
from .record import Args, Layer, Mismatch, Result, floats, free

STATED = "dtype: dtype? = None"


def _dtype(a: Args, otherwise: str) -> str:
    stated = a["dtype"]
    return otherwise if stated is None else str(stated)


def _sizes(asked: Any) -> tuple[Dim, ...]:
    return tuple(dim(size) for size in spread(asked, 1))


def _no_floats(name: str, dtype: str) -> Mismatch | None:
    """What is wrong with a dtype that random numbers cannot have."""
    if dtype in FLOATS:
        return None
    return Mismatch(f"{name} draws floats, not {dtype}", write=f"-> to({dtype})", code="D0202")


def creation(name: str) -> Any:
    """The type rule of functions that make a tensor of the sizes asked for: f32, or the dtype."""
    random = name.startswith("rand")

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        dtype = _dtype(a, "f32")
        if random and (wrong := _no_floats(name, dtype)):
            return wrong
        return Type(dtype, _sizes(a["size"]))

    return gives


def randint(x: tuple[Type, ...], a: Args) -> Result:
    """Whole numbers from `low` up to, not including, `high`: indices where none is negative."""
    low, high = dim(a["low"]).value, dim(a["high"]).value
    dtype = _dtype(a, "i64")
    if low is not None and high is not None and low >= high:
        return Mismatch(
            f"there is no whole number from {low} to below {high}",
            write=f"randint({high}, {low + 1}, …)" if low > high else f"high={low + 1} at least",
        )
    if wrong := _beyond(dtype, low, high):
        return wrong
    bound = high if low is not None and low >= 0 and dtype in ("i64", "i32") else None
    return Type(dtype, _sizes(a["size"]), tokens=bound)


def _beyond(dtype: str, low: int | None, high: int | None) -> Mismatch | None:
    """What is wrong with bounds that a dtype cannot hold; torch wraps no random number around."""
    least = 0 if dtype in ("u8", "bool") else None
    most = {"bool": 1, "u8": 255, "i32": 2**31 - 1, "f16": 2048, "bf16": 256, "f32": 2**24}
    wrong = low is not None and (
        (least is not None and low < least) or (dtype in most and -low > most[dtype])
    )
    wrong |= high is not None and dtype in most and high - 1 > most[dtype]
    return Mismatch(f"{dtype} does not hold these numbers", code="D0202") if wrong else None


def like(name: str) -> Any:
    """The type rule of functions that make a tensor of another one's shape and dtype."""
    random = name.startswith("rand")

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        dtype = _dtype(a, value.dtype)
        if random and (wrong := _no_floats(name, dtype)):
            return wrong
        return Type(dtype, value.shape)

    return gives


def detach(x: tuple[Type, ...], a: Args) -> Result:
    """The same numbers; no gradient flows back through them."""
    return x[0]


def fill(x: tuple[Type, ...], a: Args) -> Result:
    """A new tensor of one number: f32 for a float, i64 for a whole one, bool for a truth."""
    dtype = _dtype(a, result_type(a["fill_value"]))
    return _not_held(dtype, a["fill_value"]) or Type(dtype, _sizes(a["size"]))


def fill_like(x: tuple[Type, ...], a: Args) -> Result:
    """A tensor of one number in another one's shape and dtype."""
    dtype = _dtype(a, x[0].dtype)
    return _not_held(dtype, a["fill_value"]) or Type(dtype, x[0].shape)


def _not_held(dtype: str, number: Any) -> Mismatch | None:
    # Half floats become infinite here, in torch too.
    if dtype in ("f16", "bf16") or not overflows(dtype, number):
        return None
    return Mismatch(f"{dtype} has no {number}", write="dtype=f32", code="D0202")


def arange(x: tuple[Type, ...], a: Args) -> Result:
    """Numbers from `start` to below `end`; with one bound from 0 on. Whole ones are indices."""
    start, end, step = a["start"], a["end"], a["step"]
    if end is None:
        start, end = 0, start
    if not isinstance(step, Dim) and step == 0:
        return Mismatch("a step of 0 goes nowhere", write="1")
    fractions = any(isinstance(each, float) for each in (start, end, step))
    dtype = _dtype(a, "f32" if fractions else "i64")
    if dtype == "bool":
        return Mismatch("arange counts, and bool has no numbers", code="D0202")
    if not fractions:
        return _counted(dim(start), dim(end), dim(step), dtype)
    if dtype not in FLOATS:
        return Mismatch(
            f"{dtype} would cut the numbers before they are counted",
            write=f"arange(…) -> to({dtype})",
            code="D0202",
        )
    bounds = [each.value if isinstance(each, Dim) else each for each in (start, end, step)]
    if None in bounds:
        return Mismatch("how many fractions there are must be known", write="arange(T) * 0.5")
    low, high, stride = (float(each) for each in bounds if each is not None)
    if not all(map(isfinite, (low, high, stride))):
        return Mismatch("arange counts from one number to another, and infinity is none")
    return _some(ceil((high - low) / stride), low, high, dtype)


def _some(count: int, start: Any, end: Any, dtype: str) -> Type | Mismatch:
    if count >= 1:
        return Type(dtype, (dim(count),))
    return Mismatch(f"there is nothing from {start} to {end} with this step", write="a step of -1")


def _counted(start: Dim, end: Dim, step: Dim, dtype: str) -> Type | Mismatch:
    """How many whole numbers there are: ceil((end - start) / step)."""
    stride = step.value
    if stride is None:
        if decide(step, ">=", 1) is not True:
            return Mismatch(f"whether the step {text(step)} goes up or down must be known")
        count = (end - start + step - 1) // step
    elif stride > 0:
        count = (end - start + (stride - 1)) // stride
    else:
        count = (start - end - (stride + 1)) // -stride
    if count.value is not None and count.value < 1:
        return _some(count.value, text(start), text(end), dtype)
    last = start + (count - 1) * step
    bound = max((each.value if each.value is not None else -1) for each in (start, last)) + 1
    known = None not in (start.value, last.value) and min(_both(start, last)) >= 0
    if overflows(dtype, bound - 1):
        return Mismatch(f"{dtype} does not hold these numbers", code="D0202")
    return Type(dtype, (count,), tokens=bound if known and dtype in ("i64", "i32") else None)


def _both(*sizes: Dim) -> list[int]:
    return [size.value for size in sizes if size.value is not None]


def steps(x: tuple[Type, ...], a: Args) -> Result:
    """So many numbers at equal distances, or their powers."""
    dtype = _dtype(a, "f32")
    if dtype == "bool":
        return Mismatch("bool has no numbers between", code="D0202")
    return Type(dtype, (dim(a["steps"]),))


def eye(x: tuple[Type, ...], a: Args) -> Result:
    """1 on the diagonal of `n` rows and `m` columns."""
    rows = dim(a["n"])
    return Type(_dtype(a, "f32"), (rows, rows if a["m"] is None else dim(a["m"])))


def randperm(x: tuple[Type, ...], a: Args) -> Result:
    """The numbers 0 … n-1 in an order drawn at random: indices."""
    size, dtype = dim(a["n"]), _dtype(a, "i64")
    if dtype == "bool":
        return Mismatch("bool has no numbers to be put in an order", code="D0202")
    most = {"u8": 256, "f16": 2049, "bf16": 257, "f32": 2**24 + 1}.get(dtype)
    if most is not None and size.value is not None and size.value > most:
        return Mismatch(f"{dtype} does not hold {text(size)} numbers", code="D0202")
    return Type(dtype, (size,), tokens=size.value if dtype in ("i64", "i32") else None)


def bernoulli(x: tuple[Type, ...], a: Args) -> Result:
    """1 with the probability that stands in its place, else 0."""
    (value,) = x
    if wrong := floats(value, "bernoulli"):
        return wrong
    if value.meaning == "log_probabilities":
        return Mismatch("bernoulli takes probabilities, not their logarithms", write="x -> exp")
    return value.plain


def _made(
    name: str, signature: str, gives: Any, summary: str, example: str, positional: int
) -> Layer:
    return Layer(
        name,
        f"{signature}, {STATED}",
        gives,
        f"torch.{name}",
        summary,
        example,
        inputs=(),
        positional=positional,
        flops=free,
        on_device=True,
    )


def _created(name: str, summary: str) -> Layer:
    return _made(name, "*size: shape", creation(name), summary, f"{name}(N, 100)", 1)


def _like(name: str, summary: str) -> Layer:
    gives, example = like(name), f"x -> {name}"
    return Layer(name, STATED, gives, f"torch.{name}", summary, example, positional=0, flops=free)


CREATIONS = (
    _created("randn", "numbers drawn from the normal distribution"),
    _created("rand", "numbers drawn evenly from 0 to 1"),
    _created("zeros", "as many zeros"),
    _created("ones", "as many ones"),
    _made(
        "full",
        "size: shape, fill_value: scalar",
        fill,
        "one number, as often as is asked for",
        "full((N, 1), 0.9)",
        2,
    ),
    _made(
        "randint",
        "low: int, high: int, size: shape",
        randint,
        "whole numbers drawn evenly, from `low` to below `high`",
        "randint(0, 10, (N, 20))",
        3,
    ),
    _made(
        "arange",
        "start: bound, end: bound? = None, step: bound = 1",
        arange,
        "numbers from `start` to below `end`, or from 0 to below the only one",
        "arange(0, 100, 2)",
        3,
    ),
    _made(
        "linspace",
        "start: bound, end: bound, steps: size",
        steps,
        "so many numbers at equal distances, both ends among them",
        "linspace(0, 1, 11)",
        3,
    ),
    _made(
        "logspace",
        "start: bound, end: bound, steps: size, base: float = 10.0",
        steps,
        "so many powers of `base`, their exponents at equal distances",
        "logspace(-3, 0, 4)",
        3,
    ),
    _made(
        "eye",
        "n: size, m: size? = None",
        eye,
        "a matrix with 1 on its diagonal, 0 elsewhere",
        "eye(10)",
        2,
    ),
    _made(
        "randperm",
        "n: size",
        randperm,
        "the numbers 0 … n-1 in an order drawn at random",
        "randperm(N)",
        1,
    ),
    _like("randn_like", "numbers drawn from the normal distribution, in the shape of another"),
    _like("rand_like", "numbers drawn evenly from 0 to 1, in the shape of another"),
    _like("zeros_like", "zeros in the shape of another"),
    _like("ones_like", "ones in the shape of another"),
    Layer(
        "full_like",
        f"fill_value: scalar, {STATED}",
        fill_like,
        "torch.full_like",
        "one number in the shape of another",
        "full_like(x, 0.5)",
        positional=1,
        flops=free,
    ),
    Layer(
        "bernoulli",
        "",
        bernoulli,
        "torch.bernoulli",
        "1 with the probability that comes in, else 0",
        "x -> sigmoid -> bernoulli",
        positional=0,
        flops=free,
    ),
    Layer(
        "detach",
        "",
        detach,
        ".detach",
        "the same numbers, through which no gradient flows back",
        "x -> detach",
        flops=free,
        positional=0,
    ),
)
