"""Transposed convolutions: layers with their own weights, and functions that are given them."""

from __future__ import annotations

from math import gcd
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .convolution import channels_known, kernel, taken, tensors, weighted
from .record import Args, Condition, Given, Layer, Mismatch, Result, Shape, elementwise, floats
from .window import SAMPLES, channels_moved, image

KEYS = ("stride", "padding", "dilation", "output_padding")


def grown(
    x: Type, out: Dim, a: Args, rank: int, conditions: list[Condition]
) -> Type | Mismatch | Given:
    """What comes out: an axis becomes (size - 1) s - 2 p + d (k - 1) + output_padding + 1.

    An `output_size` says which of the sizes that the stride would bring to this one is meant.
    Source: the documentation of `torch.nn.ConvTranspose2d`.
    """
    asked = a.get("output_size")
    if asked is not None:
        if len(asked) not in (rank, rank + 2):
            return Mismatch(
                f"output_size has {len(asked)} sizes, and there are {rank} axes",
                write=f"output_size with {rank} sizes, or with {rank + 2} as the shape of a value",
            )
        if any(dim(more) != 0 for more in spread(a["output_padding"], rank)):
            why = "output_padding has no effect where output_size says what comes out"
            return Mismatch(why, write="one of them alone")
    made = []
    for axis, size in enumerate(x.shape[2:]):
        stride, padding, dilation, more = (dim(spread(a[key], rank)[axis]) for key in KEYS)
        long = kernel(a, rank)[axis]
        if decide(more, ">=", stride) and decide(more, ">=", dilation):
            return Mismatch(
                f"output_padding={more} must be smaller than stride={stride} or dilation="
                f"{dilation}",
                write=f"output_padding={text(stride - 1)}",
            )
        least = (size - 1) * stride - padding * 2 + dilation * (long - 1) + 1
        sums = f"({text(size)} - 1)*{stride} - 2*{padding} + {dilation}*({text(long)} - 1)"
        if asked is not None:
            wanted = dim(asked[axis - rank])
            if wrong := _reached(wanted, least, least + stride - 1, sums, conditions):
                return wrong
            made.append(wanted)
            continue
        if decide(least + more, "<", 1):
            return Mismatch(
                f"padding={padding} cuts off all there is",
                notes=(f"the axis becomes {sums} + {more} + 1 = {text(least + more)}",),
                write="padding=0",
            )
        made.append(least + more)
    given = Type(x.dtype, (x.shape[0], out, *made), spatial=rank)
    return Given(given, tuple(conditions)) if conditions else given


def _reached(
    wanted: Dim, least: Dim, most: Dim, sums: str, conditions: list[Condition]
) -> Mismatch | None:
    """Whether a size is one that the stride can lead to."""
    for operator, edge in ((">=", least), ("<=", most)):
        match decide(wanted, operator, edge):
            case None:
                conditions.append(Condition(wanted, operator, edge))
            case False:
                reach = text(least) if least == most else f"{text(least)} … {text(most)}"
                return Mismatch(
                    f"output_size={text(wanted)} cannot come out of this axis: {reach} can",
                    notes=(f"the smallest is {sums} + 1 = {text(least)}",),
                    write=f"output_size with {reach} there",
                )
    return None


def _divided(many: Dim, what: str, a: Args, conditions: list[Condition]) -> Mismatch | None:
    """Groups divide a number of channels."""
    groups = dim(a["groups"])
    match decide(many % groups, "==", 0):
        case None:
            conditions.append(Condition(many % groups, "==", dim(0)))
        case False:
            write = f"groups={gcd(many.value or 1, groups.value or 1)}"
            return Mismatch(f"groups={groups} does not divide {what}: {many}", write=write)
    return None


def transposed(rank: int) -> Any:
    """The type rule of `ConvTranspose1d`, `ConvTranspose2d` and `ConvTranspose3d`."""
    name = f"ConvTranspose{rank}d"

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        wrong = floats(value, name, ("f32",)) or image(value, name, rank)
        if wrong := wrong or channels_known(value, name, rank):
            return wrong
        conditions: list[Condition] = []
        out = dim(a["out_channels"])
        for many, what in ((value.shape[1], "the channels that come in"), (out, "out_channels")):
            if wrong := _divided(many, what, a, conditions):
                return channels_moved(value, name, rank, wrong)
        return grown(value, out, a, rank, conditions)

    return gives


def transposing(rank: int) -> Any:
    """The type rule of `conv_transpose1d`, `conv_transpose2d` and `conv_transpose3d`."""
    name = f"conv_transpose{rank}d"

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        wrong = floats(value, name) or image(value, name, rank)
        if wrong := wrong or weighted(name, a, rank, "channels, out / groups"):
            return wrong
        weight = a["weight"]
        out = weight.shape[1] * dim(a["groups"])
        conditions: list[Condition] = []
        if wrong := tensors(name, value, a, rank, out, conditions):
            return wrong
        found = taken(value.shape[1], weight.shape[0], {**a, "groups": 1}, 0)
        if isinstance(found, Condition):
            conditions.append(found)
        elif found is not None:
            return channels_moved(value, name, rank, found)
        if wrong := _divided(value.shape[1], "the channels that come in", a, conditions):
            return wrong
        return grown(value, out, a, rank, conditions)

    return gives


def transposed_weights(rank: int) -> Any:
    """in x out/groups x kernel, and the bias where there is one."""

    def weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
        shapes = {"weight": (x[0].shape[1], y.shape[1] // dim(a["groups"]), *kernel(a, rank))}
        return shapes | ({"bias": (y.shape[1],)} if a["bias"] else {})

    return weights


def transposed_flops(rank: int) -> Any:
    """A multiply-add for each weight of a window at each place that comes in."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        window = y.shape[1] // dim(a["groups"])
        for k in kernel(a, rank):
            window = window * k
        each = elementwise(x, x[0], a) * window * 2
        return each + (elementwise(x, y, a) if a["bias"] else 0)

    return flops


def _layer(rank: int) -> Layer:
    return Layer(
        f"ConvTranspose{rank}d",
        f"out_channels: size, kernel_size: window{rank}, stride: window{rank} = 1, "
        f"padding: pad{rank} = 0, output_padding: pad{rank} = 0, groups: size = 1, "
        f"bias: bool = True, dilation: window{rank} = 1",
        transposed(rank),
        f"nn.ConvTranspose{rank}d",
        f"a convolution turned around: the {('signal', 'picture', 'volume')[rank - 1]} grows by "
        "the stride",
        f"{SAMPLES[rank]} -> ConvTranspose{rank}d(16, {'4' if rank == 1 else '4, 2'})",
        infers={"in_channels": lambda x: x[0].shape[1]},
        positional=2,
        stem="conv",
        weights=transposed_weights(rank),
        flops=transposed_flops(rank),
        forward="output_size: extent? = None",
    )


def _function(rank: int) -> Layer:
    sizes = ("4, 8, 5", "3, 8, 4, 4", "2, 8, 4, 4, 4")[rank - 1]
    return Layer(
        f"conv_transpose{rank}d",
        f"weight: tensor, bias: tensor? = None, stride: window{rank} = 1, "
        f"padding: pad{rank} = 0, output_padding: pad{rank} = 0, groups: size = 1, "
        f"dilation: window{rank} = 1",
        transposing(rank),
        f"F.conv_transpose{rank}d",
        "a convolution turned around with given weights",
        f"{SAMPLES[rank]} -> conv_transpose{rank}d(randn({sizes}))",
        positional=2,
        flops=transposed_flops(rank),
    )


TRANSPOSED = (*map(_layer, (1, 2, 3)), *map(_function, (1, 2, 3)))
