"""The inverse of max-pools, and pools over windows of random width."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .pooling import both, pool_flops, with_indices
from .record import Args, Condition, Given, Layer, Mismatch, Result, elementwise, floats
from .window import at_least, image


def _alike(name: str, x: Type, indices: Type, conditions: list[Condition]) -> Mismatch | None:
    """Each value has an index."""
    if indices.dtype != "i64":
        return Mismatch(
            f"{name} takes the indices that a max-pool gives, i64, and this is {indices}",
            write=f"pooled, indices = x -> MaxPool{name[-2]}d(2, return_indices=True)",
            code="D0202",
        )
    for axis, (size, other) in enumerate(zip(x.shape, indices.shape, strict=False)):
        match decide(size, "==", other):
            case True:
                continue
            case None if size.names == other.names:
                conditions.append(Condition(size, "==", other))
                continue
        why = f"axis {axis} of the values is {text(size)}, and that of the indices {text(other)}"
        return Mismatch(why, write="values and indices of one shape")
    return None


def unpool(name: str, rank: int) -> Any:
    """The type rule of max-unpools: an axis becomes (size - 1) s + k - 2 p, or `output_size`.

    Source: the documentation of `torch.nn.MaxUnpool2d`.
    """

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        value, indices = x
        wrong = floats(value, name) or image(value, name, rank) or image(indices, name, rank)
        conditions: list[Condition] = []
        if wrong := wrong or _alike(name, value, indices, conditions):
            return wrong
        asked = a["output_size"]
        if asked is not None and len(asked) not in (rank, rank + 2):
            return Mismatch(
                f"output_size has {len(asked)} sizes, and there are {rank} axes",
                write=f"output_size with {rank} sizes, or with {rank + 2} as the shape of a value",
            )
        sizes = []
        for axis, size in enumerate(value.shape[2:]):
            kernel = dim(spread(a["kernel_size"], rank)[axis])
            stride = dim(spread(a["stride"] or a["kernel_size"], rank)[axis])
            padding = dim(spread(a["padding"], rank)[axis])
            plain = (size - 1) * stride + kernel - padding * 2
            made = plain if asked is None else dim(asked[axis - rank])
            sums = f"({text(size)} - 1)*{stride} + {kernel} - 2*{padding} = {text(plain)}"
            if asked is not None:
                near = at_least(made, plain - stride + 1, conditions)
                if not near or not at_least(plain + stride - 1, made, conditions):
                    return Mismatch(
                        f"output_size={text(made)} is not what was pooled to {text(size)}: "
                        f"{text(plain - stride + 1)} … {text(plain + stride - 1)} can be",
                        notes=(f"without it the axis becomes {sums}",),
                        write=f"output_size with {text(plain)} there",
                    )
            if decide(made, "<", 1):
                return Mismatch(
                    f"padding={padding} cuts off all there is",
                    notes=(f"the axis becomes {sums}",),
                    write="padding=0",
                )
            sizes.append(made)
        # The places between are zeros: probabilities and activations may be that.
        kept = value.plain if value.meaning == "log_probabilities" else value
        given = kept.shaped(*value.shape[:2], *sizes, spatial=rank)
        return Given(given, tuple(conditions)) if conditions else given

    return gives


def _part(size: Dim, ratio: float) -> Dim | Mismatch:
    """The share of an axis that torch keeps: `int(size * ratio)`, in floating point."""
    if size.value is not None:
        return dim(int(size.value * ratio))
    exact = Fraction(ratio)
    if exact.denominator > 1024:
        return Mismatch(
            f"{ratio} of {text(size)} is rounded in floating point, and {text(size)} is open",
            write="output_size, or a ratio such as 0.5 or 0.75",
        )
    return size * exact.numerator // exact.denominator


def fractional(name: str, rank: int) -> Any:
    """The type rule of fractional max-pools: the sizes asked for, or shares of those there are."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name) or image(value, name, rank):
            return wrong
        size, ratio = a["output_size"], a["output_ratio"]
        if (size is None) is (ratio is None):
            why = f"{name} takes output_size or output_ratio, and here {{}}"
            return Mismatch(
                why.format("are both" if ratio is not None else "is neither"),
                write=f"{name}(2, output_size=5)",
            )
        conditions: list[Condition] = []
        made = []
        for axis, there in enumerate(value.shape[2:]):
            kernel = dim(spread(a["kernel_size"], rank)[axis])
            want = (
                _part(there, spread(ratio, rank)[axis])
                if size is None
                else dim(spread(size, rank)[axis])
            )
            if isinstance(want, Mismatch):
                return want
            if decide(want, "<", 1):
                why = f"{spread(ratio, rank)[axis]} of {text(there)} leaves nothing"
                return Mismatch(why, write="output_size=1 at least")
            # In three dimensions torch wants one more than the windows need.
            spare = 1 if rank == 3 else 0
            least = want + kernel - 1 + spare
            if not at_least(there, least, conditions):
                sums = f"{text(want)} + {text(kernel)} - {1 - spare}"
                return Mismatch(
                    f"{text(want)} windows of {text(kernel)} do not fit into {text(there)}",
                    notes=(f"{sums} = {text(least)} must not exceed {text(there)}",),
                    write=f"output_size={text(there - kernel + 1 - spare)} at most",
                )
            made.append(want)
        given = with_indices(value.shaped(*value.shape[:2], *made, spatial=rank), a)
        return Given(given, tuple(conditions)) if conditions else given

    return gives


def unpool_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Each value is put in its place."""
    return elementwise(x, x[0], a)


def _unpools(rank: int) -> tuple[Layer, Layer]:
    wide = f"kernel_size: window{rank}, stride: window{rank}? = None, padding: pad{rank} = 0"
    size = "output_size: extent? = None"
    summary = "maxima back in their places, zeros between them"
    inputs = ("input", "indices")
    layer, function = f"MaxUnpool{rank}d", f"max_unpool{rank}d"
    return (
        Layer(
            layer,
            wide,
            unpool(layer, rank),
            f"nn.{layer}",
            summary,
            f"(pooled, indices) -> {layer}(2)",
            inputs=inputs,
            stem="unpool",
            flops=unpool_flops,
            forward=size,
        ),
        Layer(
            function,
            f"{wide}, {size}",
            unpool(function, rank),
            f"F.{function}",
            summary,
            f"(pooled, indices) -> {function}(2)",
            inputs=inputs,
            flops=unpool_flops,
        ),
    )


def _fractionals(rank: int) -> tuple[Layer, Layer]:
    head = f"kernel_size: window{rank}, output_size: window{rank}? = None, output_ratio: "
    tail = "? = None, return_indices: bool = False"
    # torch's function takes no single number as ratio.
    signatures = (f"{head}ratio{rank}{tail}", f"{head}ratios{rank}{tail}")
    layer, function = both(
        ("FractionalMaxPool", "fractional_max_pool"),
        signatures,
        fractional,
        rank,
        ("maxima over windows that start at random, in testing too", "2, output_size=7"),
        flops=pool_flops(rank),
    )
    return replace(layer, code=f"nn.{layer.name}", stem="pool"), function


UNPOOLS = (
    *(each for rank in (1, 2, 3) for each in _unpools(rank)),
    *(each for rank in (2, 3) for each in _fractionals(rank)),
)
