"""Convolutions, and the arithmetic of windows that pools share."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .record import Args, Layer, Mismatch, Result, Shape, elementwise

AXES = {1: "f32[N, C, L]", 2: "f32[N, C, H, W]"}


def windows(size: Dim, a: Args, axis: int, rank: int, ceil: bool = False) -> Dim | Mismatch:
    """How many windows fit along an axis: floor((size + 2 p - d (k - 1) - 1) / s) + 1.

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
    if ceil:
        count = -(-room // stride) + 1
        # The last window must start inside the input or its left padding.
        if decide((count - 1) * stride, ">=", size + padding):
            count = count - 1
    else:
        count = room // stride + 1
    if decide(room, "<", dim(0)):
        spelled = f"({text(size)} + 2*{text(padding)} - {text(reach)}) // {text(stride)} + 1"
        what = "window" if reach == kernel else f"window ({text(kernel)} dilated to {text(reach)})"
        return Mismatch(
            f"the {what} of {text(reach)} is larger than the {text(size + padding * 2)} there are",
            notes=(f"{spelled} = {text(count)}",),
            write=f"kernel_size={text(size + padding * 2)} at most, or more padding",
        )
    return count


def image(x: Type, name: str, rank: int) -> Mismatch | None:
    """What is wrong with an input for a layer over `rank` spatial axes."""
    if not x.floating:
        return Mismatch(f"{name} takes floats", write="-> to(f32)", code="D0202")
    if len(x.shape) == rank + 2:
        return None
    wanted = AXES[rank]
    if len(x.shape) == rank + 1:
        inner = ", ".join(["N", "1", *(text(size) for size in x.shape[1:])])
        write = f"-> reshape({inner})"
    else:
        write = f"-> reshape({', '.join(['N', '1', 'H', 'W'][: rank + 2])})"
    return Mismatch(f"{name} takes {wanted}", write=write)


def convolution(rank: int) -> Any:
    """The type rule of `Conv1d` and `Conv2d`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := image(value, f"Conv{rank}d", rank):
            return wrong
        batch, channels, *sizes = value.shape
        groups = dim(a["groups"]).value
        if channels.value is not None and groups and channels.value % groups != 0:
            return Mismatch(
                f"groups={a['groups']} does not divide the {channels.value} channels that come in"
            )
        out = dim(a["out_channels"])
        if out.value is not None and groups and out.value % groups != 0:
            return Mismatch(f"groups={a['groups']} does not divide out_channels={out.value}")
        if a["padding"] == "same" and any(step != 1 for step in spread(a["stride"], rank)):
            return Mismatch('padding="same" goes with stride=1 only', write="padding=1")
        counts = []
        for axis, size in enumerate(sizes):
            count = windows(size, a, axis, rank)
            if isinstance(count, Mismatch):
                return count
            counts.append(count)
        return Type(value.dtype, (batch, out, *counts), spatial=rank)

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
        infers={"in_channels": lambda x: x.shape[1]},
        positional=2,
        stem="conv",
        weights=convolution_weights(rank),
        flops=convolution_flops(rank),
    )


CONVOLUTIONS = (_convolution(1), _convolution(2))
