"""Convolutions: layers with their own weights, and functions whose weights are given."""

from __future__ import annotations

from math import gcd
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .record import (
    BATCH,
    LENIENT,
    Args,
    Condition,
    Given,
    Layer,
    Mismatch,
    Result,
    Shape,
    elementwise,
    floats,
)
from .window import (
    AXES,
    SAMPLES,
    channels_first,
    channels_moved,
    image,
    windows,
)

OVER = {1: "a sequence", 2: "an image", 3: "a volume"}


def _mirrored(size: Dim, a: Args, axis: int, rank: int) -> list[Condition] | Mismatch:
    """Padding that repeats the input cannot be longer than it: what must hold of an open size."""
    mode = a.get("padding_mode", "zeros")
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


def divided(channels: Dim, out: Dim, a: Args, conditions: list[Condition]) -> Mismatch | None:
    """Groups divide the channels that come in and those that come out."""
    groups = dim(a["groups"])
    for many, what in ((channels, f"the {channels} channels that come in"), (out, "")):
        left = many % groups
        match decide(left, "==", 0):
            case None:
                conditions.append(Condition(left, "==", dim(0)))
            case False if what:
                common = gcd(many.value or 1, groups.value or 1)
                why = f"groups={text(groups)} does not divide {what}"
                return Mismatch(why, write=f"groups={common}")
            case False:
                up = -(-(many.value or 0) // (groups.value or 1)) * (groups.value or 1)
                why = f"groups={text(groups)} does not divide out_channels={text(many)}"
                return Mismatch(why, write=f"out_channels={up}")
    return None


def slid(
    x: Type, out: Dim, a: Args, rank: int, conditions: list[Condition]
) -> Type | Mismatch | Given:
    """What comes out where a kernel slides over each axis."""
    if a["padding"] == "same" and any(step != 1 for step in spread(a["stride"], rank)):
        half = ", ".join(text(dim(k) // 2) for k in spread(a["kernel_size"], rank))
        write = f"padding={half}" if rank == 1 else f"padding=({half})"
        return Mismatch('padding="same" goes with stride=1 only', write=write)
    counts = []
    for axis, size in enumerate(x.shape[2:]):
        room = _mirrored(size, a, axis, rank)
        if isinstance(room, Mismatch):
            return room
        conditions += room
        count = windows(size, a, axis, rank)
        if isinstance(count, Mismatch):
            return count
        counts.append(count)
    given = Type(x.dtype, (x.shape[0], out, *counts), spatial=rank)
    return Given(given, tuple(conditions)) if conditions else given


def channels_known(x: Type, name: str, rank: int) -> Mismatch | None:
    """Weights need a number of channels: where only the last axis has one, they stand there."""
    channels, last = x.shape[1], x.shape[-1]
    if LENIENT.get() or channels.value is not None or last.value is None or x.spatial:
        return None
    return Mismatch(
        f"{name} takes the channels on axis 1, and that is {text(channels)}, open until data "
        "arrives: its weights need a number",
        write=f"{channels_first(rank)} where the {text(last)} on the last axis are the channels",
        code="D0205",
    )


def convolution(rank: int) -> Any:
    """The type rule of `Conv1d`, `Conv2d` and `Conv3d`."""
    name = f"Conv{rank}d"

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        wrong = floats(value, name, ("f32",)) or image(value, name, rank)
        if wrong := wrong or channels_known(value, name, rank):
            return wrong
        conditions: list[Condition] = []
        out = dim(a["out_channels"])
        if wrong := divided(value.shape[1], out, a, conditions):
            return channels_moved(value, name, rank, wrong)
        found = slid(value, out, a, rank, conditions)
        if isinstance(found, Mismatch):
            return channels_moved(value, name, rank, found)
        return found

    return gives


def tensors(
    name: str, x: Type, a: Args, rank: int, out: Dim, conditions: list[Condition]
) -> Mismatch | None:
    """What is wrong with the weight and bias that a function is given."""
    weight, bias = a["weight"], a["bias"]
    for what, each in (("weight", weight), ("bias", bias)):
        if each is not None and each.dtype != x.dtype:
            return Mismatch(
                f"the {what} is {each.dtype}, and what comes in {x.dtype}",
                write=f"`-> to({x.dtype})` behind the {what}",
                code="D0202",
            )
    if BATCH in x.shape[0].names and BATCH in out.names:
        why = f"the weight {weight} has the batch in it: channels would be records"
        return Mismatch(why, write="a weight whose sizes are not the batch")
    if bias is None:
        return None
    fits = decide(bias.shape[0], "==", out) if len(bias.shape) == 1 else False
    if fits is None and (dim(a["groups"]) != 1 or bias.shape[0].names == out.names):
        conditions.append(Condition(bias.shape[0], "==", out))
    elif not fits:
        return Mismatch(
            f"the bias has a number for each of the {text(out)} channels that come out, and this "
            f"is {bias}",
            write=f"a bias {x.dtype}[{text(out)}]",
        )
    return None


def weighted(name: str, a: Args, rank: int, axes: str) -> Mismatch | None:
    """What is wrong with the number of axes of a weight."""
    if len(a["weight"].shape) == rank + 2:
        return None
    sizes = ", ".join((axes, *(f"k{axis}" for axis in AXES[rank])))
    return Mismatch(f"{name} takes a weight [{sizes}], and this is {a['weight']}")


def taken(channels: Dim, wanted: Dim, a: Args, axis: int) -> Condition | Mismatch | None:
    """Whether the channels that come in are those that the weight takes on an axis of it."""
    match decide(channels, "==", wanted):
        case True:
            return None
        case None if dim(a["groups"]) != 1 or channels.names == wanted.names:
            return Condition(channels, "==", wanted)
    weight = a["weight"]
    sizes = list(weight.shape)
    sizes[axis] = channels // a["groups"]
    return Mismatch(
        f"the weight {weight} takes {text(wanted)} channels, and {text(channels)} come in",
        write=f"a weight {Type(weight.dtype, tuple(sizes))}",
    )


def convolving(rank: int) -> Any:
    """The type rule of `conv1d`, `conv2d` and `conv3d`: the kernel is the weight's."""
    name = f"conv{rank}d"

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        wrong = floats(value, name) or image(value, name, rank)
        if wrong := wrong or weighted(name, a, rank, "out, channels / groups"):
            return wrong
        weight = a["weight"]
        out = weight.shape[0]
        conditions: list[Condition] = []
        if wrong := tensors(name, value, a, rank, out, conditions):
            return wrong
        found = taken(value.shape[1], weight.shape[1] * dim(a["groups"]), a, 1)
        if isinstance(found, Condition):
            conditions.append(found)
        elif found is not None:
            return channels_moved(value, name, rank, found)
        if wrong := divided(value.shape[1], out, a, conditions):
            return wrong
        return slid(value, out, {**a, "kernel_size": weight.shape[2:]}, rank, conditions)

    return gives


def kernel(a: Args, rank: int) -> Shape:
    """The sizes of a kernel, asked for or the weight's."""
    if "weight" in a:
        return tuple(a["weight"].shape[2:])
    return tuple(dim(each) for each in spread(a["kernel_size"], rank))


def convolution_weights(rank: int) -> Any:
    """out x in/groups x kernel, and the bias where there is one."""

    def weights(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
        shapes = {"weight": (y.shape[1], x[0].shape[1] // dim(a["groups"]), *kernel(a, rank))}
        return shapes | ({"bias": (y.shape[1],)} if a["bias"] else {})

    return weights


def convolution_flops(rank: int) -> Any:
    """A multiply-add for each weight of a window at each place; adding a bias counts one."""

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        each = elementwise(x, y, a)
        window = x[0].shape[1] // dim(a["groups"])
        for k in kernel(a, rank):
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
        f"a window of weights slides over {OVER[rank]}",
        f"{SAMPLES[rank]} -> Conv{rank}d({'16, 5' if rank == 1 else '32, 3'})",
        infers={"in_channels": lambda x: x[0].shape[1]},
        positional=2,
        stem="conv",
        weights=convolution_weights(rank),
        flops=convolution_flops(rank),
    )


def _convolving(rank: int) -> Layer:
    sizes = ("8, 4, 5", "8, 3, 3, 3", "8, 2, 3, 3, 3")[rank - 1]
    return Layer(
        f"conv{rank}d",
        f"weight: tensor, bias: tensor? = None, stride: window{rank} = 1, "
        f"padding: padding{rank} = 0, dilation: window{rank} = 1, groups: size = 1",
        convolving(rank),
        f"F.conv{rank}d",
        f"given weights slide over {OVER[rank]}",
        f"{SAMPLES[rank]} -> conv{rank}d(randn({sizes}))",
        positional=2,
        flops=convolution_flops(rank),
    )


CONVOLUTIONS = (*map(_convolution, (1, 2, 3)), *map(_convolving, (1, 2, 3)))
