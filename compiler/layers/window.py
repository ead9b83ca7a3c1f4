"""The arithmetic of windows that slide over the axes of signals, images and volumes."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

from ..dims import Dim, decide, dim, minimum, name, text
from ..tensor import Type
from .arguments import spread
from .record import Args, Condition, Mismatch

AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
SAMPLES = {1: "signal", 2: "image", 3: "volume"}
PICTURE = 8  # the side from which on a map with 1 or 3 at its end is taken for a picture


def windows(size: Dim, a: Args, axis: int, rank: int, ceil: bool = False) -> Dim | Mismatch:
    """How many windows fit along an axis: floor((size + 2 p - d (k - 1) - 1) / s) + 1.

    With `ceil` the last one may hang over the right edge, but not start behind the input.
    Source of the formula: the documentation of `torch.nn.Conv2d` and `torch.nn.MaxPool2d`.
    """
    kernel = dim(spread(a["kernel_size"], rank)[axis])
    stride = dim(spread(a["stride"] or a["kernel_size"], rank)[axis])
    dilation = dim(spread(a.get("dilation", 1), rank)[axis])
    asked = a.get("padding", 0)
    if asked == "same":
        return size
    padding = dim(0 if asked == "valid" else spread(asked, rank)[axis])
    reach = dilation * (kernel - 1) + 1
    room = size + padding * 2 - reach
    count = room // stride + 1
    if ceil:
        count = (room + stride - 1) // stride + 1
        inside = (size + padding - 1) // stride + 1
        count = count if decide(count, "<=", inside) else minimum(count, inside)
    if decide(count, "<", 1):
        pools = "out_channels" not in a and "weight" not in a
        wrong = _too_large(size, padding, kernel, dilation, stride, ceil, pools)
        if "weight" in a:
            return replace(wrong, write=wrong.write.replace("kernel_size=", "a weight of "))
        return wrong
    return count


def _too_large(
    size: Dim, padding: Dim, kernel: Dim, dilation: Dim, stride: Dim, ceil: bool, pools: bool
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
    smaller = f"kernel_size={text(most)} at most"
    if there == 1 and pools:
        smaller, padding_helps = (
            "leave this pool out, or begin with larger sizes: one place is left",
            "",
        )
    return Mismatch(
        f"a {what} of {text(reach)} does not fit into {text(there)}{padded}",
        notes=(f"the axis becomes ({room}{up}) // {text(stride)} + 1 = {text(count)}",),
        write=f"{smaller}{padding_helps}",
    )


def image(x: Type, name: str, rank: int) -> Mismatch | None:
    """What is wrong with an input for a layer over `rank` spatial axes."""
    if len(x.shape) == rank + 2:
        return None
    axes = ", ".join(("N", "C", *AXES[rank]))
    write = _axes_added(x, rank).replace("…", name.removesuffix("d").removesuffix(str(rank)))
    return Mismatch(f"{name} takes f32[{axes}]", write=write)


def _axes_added(x: Type, rank: int) -> str:
    """How a value of another rank becomes one for a layer over `rank` spatial axes."""
    if len(x.shape) > rank + 2:
        other = len(x.shape) - 2
        return f"the layer for {other} axes: …{other}d" if other <= 3 else ""
    batch, *sizes = x.shape or (name("N"),)
    if len(sizes) == rank and batch.value in (1, 3, 4):
        return f"the batch is written: `{x.dtype}[N, {', '.join(map(text, x.shape))}]`"
    if len(sizes) == rank:
        return f"-> reshape({', '.join(map(text, (batch, dim(1), *sizes)))})"
    side = isqrt(sizes[0].value or 0) if len(sizes) == 1 else 0
    if rank == 2 and side > 1 and sizes[0].value == side * side:
        return f"-> reshape({text(batch)}, 1, {side}, {side})"
    return f"-> reshape({', '.join([text(batch), 'C', *AXES[rank]])}) with its own sizes"


def channels_first(rank: int) -> str:
    """The permutation that brings channels from the end to axis 1: `-> permute(0, 3, 1, 2)`."""
    return f"-> permute({', '.join(map(str, (0, rank + 1, *range(1, rank + 1))))})"


def is_channels_last(x: Type, rank: int) -> bool:
    """Whether it looks like raw pictures, `[N, 28, 28, 3]`, or steps with few features each."""
    if x.spatial or len(x.shape) != rank + 2:
        return False
    _, *sizes, last = (size.value for size in x.shape)
    if rank == 1:
        return sizes[0] is not None and last is not None and sizes[0] > last
    return last in (1, 3) and all(size is None or size >= PICTURE for size in sizes)


def channels_moved(x: Type, name: str, rank: int, wrong: Mismatch) -> Mismatch:
    """What else goes wrong with such pictures has one reason: their channels stand last."""
    if not is_channels_last(x, rank):
        return wrong
    way = channels_first(rank)
    if rank == 1:
        note = f"axis 1 has the channels; where they stand last, write `{way}` before it"
        return replace(wrong, notes=(*wrong.notes, note))
    last = x.shape[-1].value
    what = "its channel" if last == 1 else f"its {last} channels"
    return replace(
        wrong,
        why=f"{name} takes the channels on axis 1, and this looks like a picture with {what} last",
        write=way,
        notes=(f"as it stands, {wrong.why}", *wrong.notes),
    )


def at_least(size: Dim, least: Dim | int, conditions: list[Condition]) -> bool:
    """Whether a size may be that large; what is open becomes a condition."""
    found = decide(size, ">=", dim(least))
    if found is None:
        conditions.append(Condition(size, ">=", dim(least)))
    return found is not False
