"""Pools: maxima, means and norms over windows, and over as many windows as are asked for."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any, TypeAlias

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .record import Args, Condition, Given, Layer, Mismatch, Result, Types, elementwise, floats
from .window import SAMPLES, at_least, image, windows

Rule: TypeAlias = Callable[[tuple[Type, ...], Args], Result]
# Pools that torch has no f16 and bf16 for where it computes on the processor.
WIDE = ("AvgPool3d", "avg_pool3d", "LPPool3d", "lp_pool3d")


def is_wide(name: str, a: Args) -> bool:
    """Whether torch takes means in three dimensions; the norm of power infinity is a maximum."""
    return name in WIDE and a.get("norm_type") != inf


def numbers(x: Type, name: str, rank: int, a: Args) -> Mismatch | None:
    """What is wrong with the numbers that a pool takes."""
    if is_wide(name, a) and x.dtype in ("f16", "bf16"):
        why = f"torch has no {name} of {x.dtype} on the processor"
        return Mismatch(why, write="-> to(f32)", code="D0202")
    return floats(x, name) or image(x, name, rank)


def with_indices(given: Type, a: Args) -> Types:
    """The values alone, or with the place of each in the flattened map that it was taken from."""
    if not a.get("return_indices"):
        return given
    return given, Type("i64", given.shape, spatial=given.spatial)


def pool(name: str, rank: int) -> Rule:
    """The type rule of pools over windows; channels stay, and so does what the numbers mean."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := numbers(value, name, rank, a):
            return wrong
        for kernel, pad in zip(
            spread(a["kernel_size"], rank), spread(a.get("padding", 0), rank), strict=True
        ):
            if decide(dim(pad) * 2, ">", dim(kernel)):
                return Mismatch(
                    f"padding={pad} is more than half of kernel_size={kernel}",
                    write=f"padding={dim(kernel) // 2}",
                )
        counts = []
        conditions: list[Condition] = []
        for axis, size in enumerate(value.shape[2:]):
            kernel = dim(spread(a["kernel_size"], rank)[axis])
            # torch asks this of its means in three dimensions, whatever padding there is.
            if is_wide(name, a) and not at_least(size, kernel, conditions):
                return Mismatch(
                    f"{name} takes no window that is longer than its axis, and {text(kernel)} is "
                    f"more than {text(size)}, padded or not",
                    write=f"kernel_size={text(size)} at most",
                )
            count = windows(size, a, axis, rank, bool(a["ceil_mode"]))
            if isinstance(count, Mismatch):
                return count
            counts.append(count)
        given = value.shaped(*value.shape[:2], *counts, spatial=rank)
        # Powers and sums of probabilities are none.
        given = Type(given.dtype, given.shape, spatial=rank) if "norm_type" in a else given
        made = with_indices(given, a)
        return Given(made, tuple(conditions)) if conditions else made

    return gives


def adaptive(name: str, rank: int) -> Rule:
    """The type rule of adaptive pools: the sizes asked for; None keeps an axis."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := numbers(value, name, rank, a):
            return wrong
        asked = spread(a["output_size"], rank)
        sizes = (
            there if want is None else dim(want)
            for there, want in zip(value.shape[2:], asked, strict=True)
        )
        return with_indices(value.shaped(*value.shape[:2], *sizes, spatial=rank), a)

    return gives


def pool_flops(rank: int) -> Any:
    """One operation an element of a window at each place."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        total = elementwise(x, y, a)
        for k in spread(a["kernel_size"], rank):
            total = total * k
        return total

    return flops


def lp_flops(rank: int) -> Any:
    """A power an element that comes in, a sum over each window, a root an element that leaves."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        powers = elementwise(x, x[0], a) + elementwise(x, y, a)
        total: Dim = powers + pool_flops(rank)(x, y, a)
        return total

    return flops


def adaptive_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One operation an element that comes in."""
    return elementwise(x, x[0], a)


def both(
    names: tuple[str, str],
    signatures: tuple[str, str],
    rule: Callable[[str, int], Rule],
    rank: int,
    words: tuple[str, str],
    **more: Any,
) -> tuple[Layer, Layer]:
    """A layer without a state and the function that it is emitted as: `MaxPool2d`, `max_pool2d`.

    `signatures` are those of the class and of the function; `words` the summary and an example's
    arguments.
    """
    summary, given = words
    return tuple(  # type: ignore[return-value]
        Layer(
            f"{name}{rank}d",
            signature,
            rule(f"{name}{rank}d", rank),
            f"F.{names[1]}{rank}d",
            summary,
            f"{SAMPLES[rank]} -> {name}{rank}d({given})",
            **more,
        )
        for name, signature in zip(names, signatures, strict=True)
    )


def _pools(rank: int) -> tuple[Layer, ...]:
    stride = f"stride: window{rank}? = None, "
    wide = f"kernel_size: window{rank}, {stride}padding: pad{rank} = 0, "
    ceil, places = "ceil_mode: bool = False", "return_indices: bool = False"
    dilated = f"{wide}dilation: window{rank} = 1, "
    mean = f"{wide}{ceil}, count_include_pad: bool = True"
    mean += ", divisor_override: size? = None" if rank > 1 else ""
    # torch's function of one axis multiplies by the kernel: a list of one is an error there.
    long = "size" if rank == 1 else f"window{rank}"
    norm = f"norm_type: positive, kernel_size: {long}, {stride}{ceil}"
    size = f"output_size: output{rank}"
    of_windows = {"flops": pool_flops(rank)}
    of_all = {"flops": adaptive_flops}
    return (
        *both(
            ("MaxPool", "max_pool"),
            (f"{dilated}{places}, {ceil}", f"{dilated}{ceil}, {places}"),
            pool,
            rank,
            ("the largest value of each window", "2"),
            **of_windows,
        ),
        *both(
            ("AvgPool", "avg_pool"),
            (mean, mean),
            pool,
            rank,
            ("the mean of each window", "2"),
            **of_windows,
        ),
        *both(
            ("LPPool", "lp_pool"),
            (norm, norm),
            pool,
            rank,
            ("the norm of each window: the root of the sum of powers", "2, 2"),
            positional=2,
            flops=lp_flops(rank),
        ),
        *both(
            ("AdaptiveAvgPool", "adaptive_avg_pool"),
            (size, size),
            adaptive,
            rank,
            ("means over as many windows as are asked for", "1"),
            **of_all,
        ),
        *both(
            ("AdaptiveMaxPool", "adaptive_max_pool"),
            (f"{size}, {places}",) * 2,
            adaptive,
            rank,
            ("maxima over as many windows as are asked for", "1"),
            **of_all,
        ),
    )


POOLS = (*_pools(1), *_pools(2), *_pools(3))
