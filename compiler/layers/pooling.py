"""Pools: max and average, over windows and adaptive."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim
from ..tensor import Type
from .arguments import spread
from .convolution import image, windows
from .record import Args, Layer, Mismatch, Result, elementwise, floats


def pool(name: str, rank: int) -> Any:
    """The type rule of pools over windows; channels stay, and so does what the numbers mean."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name) or image(value, name, rank):
            return wrong
        for kernel, pad in zip(
            spread(a["kernel_size"], rank), spread(a["padding"], rank), strict=True
        ):
            if decide(dim(pad) * 2, ">", dim(kernel)):
                return Mismatch(
                    f"padding={pad} is more than half of kernel_size={kernel}",
                    write=f"padding={dim(kernel) // 2}",
                )
        counts = []
        for axis, size in enumerate(value.shape[2:]):
            count = windows(size, a, axis, rank, bool(a["ceil_mode"]))
            if isinstance(count, Mismatch):
                return count
            counts.append(count)
        return value.shaped(*value.shape[:2], *counts, spatial=rank)

    return gives


def adaptive(name: str, rank: int) -> Any:
    """The type rule of adaptive pools: the sizes asked for; None keeps an axis."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name) or image(value, name, rank):
            return wrong
        asked = spread(a["output_size"], rank)
        sizes = (
            there if want is None else dim(want)
            for there, want in zip(value.shape[2:], asked, strict=True)
        )
        return value.shaped(*value.shape[:2], *sizes, spatial=rank)

    return gives


def pool_flops(rank: int) -> Any:
    """One operation an element of a window at each place."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        total = elementwise(x, y, a)
        for k in spread(a["kernel_size"], rank):
            total = total * k
        return total

    return flops


def adaptive_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """One operation an element that comes in."""
    return elementwise(x, x[0], a)


def _pools(rank: int) -> tuple[Layer, ...]:
    wide = f"kernel_size: window{rank}, stride: window{rank}? = None, padding: pad{rank} = 0, "
    sample = "signal" if rank == 1 else "image"
    return (
        Layer(
            f"MaxPool{rank}d",
            wide + f"dilation: window{rank} = 1, ceil_mode: bool = False",
            pool(f"MaxPool{rank}d", rank),
            f"F.max_pool{rank}d",
            "the largest value of each window",
            f"{sample} -> MaxPool{rank}d(2)",
            flops=pool_flops(rank),
        ),
        Layer(
            f"AvgPool{rank}d",
            wide
            + "ceil_mode: bool = False, count_include_pad: bool = True"
            + (", divisor_override: size? = None" if rank == 2 else ""),
            pool(f"AvgPool{rank}d", rank),
            f"F.avg_pool{rank}d",
            "the mean of each window",
            f"{sample} -> AvgPool{rank}d(2)",
            flops=pool_flops(rank),
        ),
        Layer(
            f"AdaptiveAvgPool{rank}d",
            f"output_size: output{rank}",
            adaptive(f"AdaptiveAvgPool{rank}d", rank),
            f"F.adaptive_avg_pool{rank}d",
            "means over as many windows as are asked for",
            f"{sample} -> AdaptiveAvgPool{rank}d(1)",
            flops=adaptive_flops,
        ),
        Layer(
            f"AdaptiveMaxPool{rank}d",
            f"output_size: output{rank}",
            adaptive(f"AdaptiveMaxPool{rank}d", rank),
            f"F.adaptive_max_pool{rank}d",
            "maxima over as many windows as are asked for",
            f"{sample} -> AdaptiveMaxPool{rank}d(1)",
            flops=adaptive_flops,
        ),
    )


POOLS = (*_pools(1), *_pools(2))
