"""Convolutions, and the arithmetic of windows that pools share."""

from __future__ import annotations

from math import gcd, isqrt
from typing import Any

from ..dims import Dim, decide, dim, minimum, name, text
from ..tensor import Type
from .arguments import spread
from .record import Args, Condition, Given, Layer, Mismatch, Result, Shape, elementwise, floats

AXES = {1: "f32[N, C, L]", 2: "f32[N, C, H, W]"}


def windows(size: Dim, a: Args, axis: int, rank: int, ceil: bool = False) -> Dim | Mismatch:
    """How many windows fit along an axis: floor((size + 2 p - d (k - 1) - 1) / s) + 1.

    With `ceil` the last one may hang over the right edge, but not start behind the input.
    Source of the formula: the documentation of `torch.nn.Conv2d` and `torch.nn.MaxPool2d`.
    """
    kernel = dim(spread(a["kernel_size"], rank)[axis])
    stride = dim(spread(a["stride"] or a["kernel_size"], rank)[axis])
    dilation = dim(spread(a.get("dilation", 1), rank)[axis])
    if a["padding"] == "same":
        return size
    padding = dim(0 if a["padding"] == "valid" else spread(a["padding"], rank)[axis])
    reach = dilation * (kernel - 1) + 1
    room = size + padding * 2 - reach
    count = room // stride + 1
    if ceil:
        count = (room + stride - 1) // stride + 1
        inside = (size + padding - 1) // stride + 1
        count = count if decide(count, "<=", inside) else minimum(count, inside)
    if decide(count, "<", 1):
        return _too_large(size, padding, kernel, dilation, stride, ceil)
    return count


def _too_large(
    size: Dim, padding: Dim, kernel: Dim, dilation: Dim, stride: Dim, ceil: bool
) -> Mismatch:
    """A window that fits nowhere, with the arithmetic of its axis."""
    reach = dilation * (kernel - 1) + 1
    there = size + padding * 2
    what = "window" if reach == kernel else f"window ({text(kernel)} dilated by {text(dilation)})"
    room = f"{text(size)} + 2*{text(padding)} - {text(reach)}"
    up = f" + {text(stride - 1)}" if ceil else ""
    count = (there - reach + (stride - 1 if ceil else 0)) // stride + 1
    padded = "" if padding == 0 else f" = {text(size)} + 2*{text(padding)}"
    most = (there - 1) // dilation + 1
    need = (reach - size + 1) // 2
    padding_helps = f", or padding={text(need)}" if dilation == 1 else ""
    return Mismatch(
        f"a {what} of {text(reach)} does not fit into {text(there)}{padded}",
        notes=(f"the axis becomes ({room}{up}) // {text(stride)} + 1 = {text(count)}",),
        write=f"kernel_size={text(most)} at most{padding_helps}",
    )


def image(x: Type, name: str, rank: int) -> Mismatch | None:
    """What is wrong with an input for a layer over `rank` spatial axes."""
    if len(x.shape) == rank + 2:
        return None
    return Mismatch(f"{name} takes {AXES[rank]}", write=_axes_added(x, rank))


def _axes_added(x: Type, rank: int) -> str:
    """How a value of another rank becomes one for a layer over `rank` spatial axes."""
    if len(x.shape) > rank + 2:
        other = len(x.shape) - 2
        return f"the layer for {other} axes: …{other}d" if other <= 2 else ""
    batch, *sizes = x.shape or (name("N"),)
    if len(sizes) == rank:
        return f"-> reshape({', '.join(map(text, (batch, dim(1), *sizes)))})"
    side = isqrt(sizes[0].value or 0) if len(sizes) == 1 else 0
    if rank == 2 and side > 1 and sizes[0].value == side * side:
        return f"-> reshape({text(batch)}, 1, {side}, {side})"
    return f"-> reshape({', '.join([text(batch), 'C', 'H', 'W'][: rank + 2])}) with its own sizes"


def _mirrored(size: Dim, a: Args, axis: int, rank: int) -> list[Condition] | Mismatch:
    """Padding that repeats the input cannot be longer than it: what must hold of an open size."""
    mode = a["padding_mode"]
    if mode not in ("reflect", "circular") or a["padding"] == "valid":
        return []
    if a["padding"] == "same":
        reach = dim(spread(a["dilation"], rank)[axis]) * (spread(a["kernel_size"], rank)[axis] - 1)
        padding = (reach + 1) // 2
    else:
        padding = dim(spread(a["padding"], rank)[axis])
    operator = ">" if mode == "reflect" else ">="
    match decide(size, operator, padding):
        case True:
            return []
        case None:
            return [Condition(size, operator, padding)]
    what = "must be smaller than" if mode == "reflect" else "must not exceed"
    return Mismatch(
        f'padding={text(padding)} {what} the {text(size)} that it repeats (padding_mode="{mode}")',
        write=f"padding={text(size - 1 if mode == 'reflect' else size)} at most",
    )


def convolution(rank: int) -> Any:
    """The type rule of `Conv1d` and `Conv2d`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        name = f"Conv{rank}d"
        if wrong := floats(value, name, ("f32",)) or image(value, name, rank):
            return wrong
        batch, channels, *sizes = value.shape
        groups = dim(a["groups"]).value
        if channels.value is not None and groups and channels.value % groups != 0:
            return Mismatch(
                f"groups={groups} does not divide the {channels.value} channels that come in",
                write=f"groups={gcd(channels.value, groups)}",
            )
        out = dim(a["out_channels"])
        if out.value is not None and groups and out.value % groups != 0:
            return Mismatch(
                f"groups={groups} does not divide out_channels={out.value}",
                write=f"out_channels={-(-out.value // groups) * groups}",
            )
        if a["padding"] == "same" and any(step != 1 for step in spread(a["stride"], rank)):
            half = ", ".join(text(dim(k) // 2) for k in spread(a["kernel_size"], rank))
            write = f"padding={half}" if rank == 1 else f"padding=({half})"
            return Mismatch('padding="same" goes with stride=1 only', write=write)
        counts = []
        conditions = []
        for axis, size in enumerate(sizes):
            room = _mirrored(size, a, axis, rank)
            if isinstance(room, Mismatch):
                return room
            conditions += room
            count = windows(size, a, axis, rank)
            if isinstance(count, Mismatch):
                return count
            counts.append(count)
        given = Type(value.dtype, (batch, out, *counts), spatial=rank)
        return Given(given, tuple(conditions)) if conditions else given

    return gives


def convolution_weights(rank: int) -> Any:
    """out x in/groups x kernel, and the bias where there is one."""

    def weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
        kernel = tuple(dim(k) for k in spread(a["kernel_size"], rank))
        shapes = {"weight": (y.shape[1], x[0].shape[1] // dim(a["groups"]), *kernel)}
        return shapes | ({"bias": (y.shape[1],)} if a["bias"] else {})

    return weights


def convolution_flops(rank: int) -> Any:
    """A multiply-add for each weight of a window at each place."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        each = elementwise(x, y, a)
        window = x[0].shape[1] // dim(a["groups"])
        for k in spread(a["kernel_size"], rank):
            window = window * k
        return each * window * 2 + (each if a["bias"] else 0)

    return flops


def transposed(rank: int) -> Any:
    """The type rule of `ConvTranspose1d` and `ConvTranspose2d`.

    An axis becomes (size - 1) s - 2 p + d (k - 1) + output_padding + 1. Source: the documentation
    of `torch.nn.ConvTranspose2d`.
    """

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        name = f"ConvTranspose{rank}d"
        if wrong := floats(value, name, ("f32",)) or image(value, name, rank):
            return wrong
        batch, channels, *sizes = value.shape
        groups, out = dim(a["groups"]).value, dim(a["out_channels"])
        for many, what in ((channels, "the channels that come in"), (out, "out_channels")):
            if many.value is not None and groups and many.value % groups != 0:
                write = f"groups={gcd(many.value, groups)}"
                return Mismatch(f"groups={groups} does not divide {what}: {many}", write=write)
        made = []
        for axis, size in enumerate(sizes):
            kernel, stride, padding, more, dilation = (
                dim(spread(a[each], rank)[axis])
                for each in ("kernel_size", "stride", "padding", "output_padding", "dilation")
            )
            if decide(more, ">=", stride) and decide(more, ">=", dilation):
                return Mismatch(
                    f"output_padding={more} must be smaller than stride={stride} or dilation="
                    f"{dilation}",
                    write=f"output_padding={text(stride - 1)}",
                )
            grown = (size - 1) * stride - padding * 2 + dilation * (kernel - 1) + more + 1
            if decide(grown, "<", 1):
                sums = (
                    f"({size} - 1)*{stride} - 2*{padding} + {dilation}*({kernel} - 1) + {more} + 1"
                )
                return Mismatch(
                    f"padding={padding} cuts off all there is",
                    notes=(f"the axis becomes {sums} = {text(grown)}",),
                    write="padding=0",
                )
            made.append(grown)
        return Type(value.dtype, (batch, out, *made), spatial=rank)

    return gives


def transposed_weights(rank: int) -> Any:
    """in x out/groups x kernel, and the bias where there is one."""

    def weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
        kernel = tuple(dim(k) for k in spread(a["kernel_size"], rank))
        shapes = {"weight": (x[0].shape[1], y.shape[1] // dim(a["groups"]), *kernel)}
        return shapes | ({"bias": (y.shape[1],)} if a["bias"] else {})

    return weights


def transposed_flops(rank: int) -> Any:
    """A multiply-add for each weight of a window at each place that comes in."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        window = y.shape[1] // dim(a["groups"])
        for k in spread(a["kernel_size"], rank):
            window = window * k
        each = elementwise(x, x[0], a) * window * 2
        return each + (elementwise(x, y, a) if a["bias"] else 0)

    return flops


def _transposed(rank: int) -> Layer:
    return Layer(
        f"ConvTranspose{rank}d",
        f"out_channels: size, kernel_size: window{rank}, stride: window{rank} = 1, "
        f"padding: pad{rank} = 0, output_padding: pad{rank} = 0, groups: size = 1, "
        f"bias: bool = True, dilation: window{rank} = 1",
        transposed(rank),
        f"nn.ConvTranspose{rank}d",
        "a convolution turned around: the picture grows by the stride",
        "signal -> ConvTranspose1d(16, 4)" if rank == 1 else "image -> ConvTranspose2d(16, 4, 2)",
        infers={"in_channels": lambda x: x[0].shape[1]},
        positional=2,
        stem="conv",
        weights=transposed_weights(rank),
        flops=transposed_flops(rank),
    )


def _convolution(rank: int) -> Layer:
    return Layer(
        f"Conv{rank}d",
        f"out_channels: size, kernel_size: window{rank}, stride: window{rank} = 1, "
        f"padding: padding{rank} = 0, dilation: window{rank} = 1, groups: size = 1, "
        "bias: bool = True, padding_mode: zeros|reflect|replicate|circular = 'zeros'",
        convolution(rank),
        f"nn.Conv{rank}d",
        f"a window of weights slides over {'a sequence' if rank == 1 else 'an image'}",
        "signal -> Conv1d(16, 5)" if rank == 1 else "image -> Conv2d(32, 3)",
        infers={"in_channels": lambda x: x[0].shape[1]},
        positional=2,
        stem="conv",
        weights=convolution_weights(rank),
        flops=convolution_flops(rank),
    )


CONVOLUTIONS = (_convolution(1), _convolution(2), _transposed(1), _transposed(2))
