"""Pictures of another size: interpolation, and channels that become pixels and back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import Type
from .arguments import spread
from .record import (
    BATCH,
    Args,
    Condition,
    Given,
    Layer,
    Mismatch,
    Result,
    Shape,
    elementwise,
    floats,
    free,
)

MODES = "nearest|linear|bilinear|bicubic|trilinear|area|nearest-exact"
# The number of spatial axes that a mode is for; nearest, nearest-exact and area are for all.
AXES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
BY_AXES = {1: "linear", 2: "bilinear", 3: "trilinear"}
# The modes that take bytes; `area` and the other linear ones take floats alone.
OF_BYTES = ("nearest", "nearest-exact", "bilinear", "bicubic")
# The weights that each new value is made of along one axis.
TAPS = {"linear": 2, "bilinear": 2, "trilinear": 2, "bicubic": 4}
EXACT = 2**20  # a scale with a numerator below this is exact for every size that fits a memory


def interpolate(x: tuple[Type, ...], a: Args) -> Result:
    """The spatial axes become `size`, or floor(size * scale_factor).

    Source of the formula: the documentation of `torch.nn.Upsample`.
    """
    (value,) = x
    mode, rank = a["mode"], len(value.shape) - 2
    if not 1 <= rank <= 3:
        return Mismatch(
            f"pictures have 3, 4 or 5 axes, the batch and the channels in front: {value} has "
            f"{len(value.shape)}",
            write="-> unsqueeze(1) for one channel",
        )
    if wrong := _mode(value, a):
        return wrong
    if not (value.dtype == "u8" and mode in OF_BYTES) and (wrong := floats(value, mode)):
        return wrong
    if a.get("antialias") and value.dtype in ("f16", "bf16"):
        return Mismatch("antialias takes no half floats", "-> to(f32) before", code="D0202")
    sizes = _sizes(value.shape[2:], a)
    if isinstance(sizes, Mismatch):
        return sizes
    given = value.shaped(*value.shape[:2], *sizes, spatial=rank)
    if mode == "bicubic" or (mode in AXES and value.meaning == "log_probabilities"):
        given = replace(given, meaning="")
    if mode not in ("nearest", "nearest-exact"):
        given = replace(given, tokens=None, classes=None, labels=None)
    return given


def _mode(value: Type, a: Args) -> Mismatch | None:
    """What is wrong with the mode and the settings that go with some modes only."""
    mode, rank = a["mode"], len(value.shape) - 2
    if AXES.get(mode, rank) != rank:
        return Mismatch(
            f'mode="{mode}" is for {AXES[mode] + 2} axes, and {value} has {rank + 2}',
            write=f'mode="{BY_AXES[rank]}"',
        )
    if a.get("align_corners") is not None and mode not in AXES:
        return Mismatch(
            f'align_corners has no effect with mode="{mode}"',
            write=f'mode="{BY_AXES[rank]}", or no align_corners',
        )
    if a.get("antialias") and mode not in ("bilinear", "bicubic"):
        return Mismatch(
            f'antialias has no effect with mode="{mode}"',
            write='mode="bilinear" or mode="bicubic", for pictures',
        )
    return None


def _sizes(have: Shape, a: Args) -> Shape | Mismatch:
    """The new sizes of the spatial axes."""
    size, scale, rank = a["size"], a["scale_factor"], len(have)
    if (size is None) is (scale is None):
        both = "both are stated" if size is not None else "none is stated"
        return Mismatch(f"size or scale_factor says how large, and {both}", write="scale_factor=2")
    asked = scale if size is None else size
    name = "scale_factor" if size is None else "size"
    if isinstance(asked, tuple) and len(asked) != rank:
        return Mismatch(
            f"{name} has {len(asked)} numbers for {rank} spatial axes",
            write=f"{name}={asked[0]} for all of them",
        )
    if size is not None:
        if a.get("recompute_scale_factor"):
            return Mismatch("recompute_scale_factor has no effect with size", write="leave it out")
        return tuple(dim(each) for each in spread(size, rank))
    found = []
    for axis, (there, factor) in enumerate(zip(have, spread(scale, rank), strict=True), start=2):
        made = scaled(there, factor)
        if isinstance(made, Mismatch):
            return made
        if decide(made, "<", 1):
            return Mismatch(
                f"axis {axis} has {text(there)}, and scale_factor={factor} leaves nothing of it",
                write=f"scale_factor={1 / (there.value or 1):.3g} at least",
            )
        found.append(made)
    return tuple(found)


def scaled(size: Dim, factor: float) -> Dim | Mismatch:
    """floor(size * factor), as torch computes it in f64."""
    if size.value is not None:
        grown = size.value * float(factor)
        if not grown < 2**62:
            return Mismatch(f"scale_factor={factor} is too large", write="scale_factor=2")
        return dim(floor(grown))
    # What rounding makes of an open size is known for fractions over a power of two alone.
    part = Fraction(factor)
    if part.numerator < EXACT and part.denominator < EXACT:
        return (size * part.numerator) // part.denominator
    near = part.limit_denominator(100)
    return Mismatch(
        f"{factor} of the open size {text(size)} depends on how {factor} is rounded",
        write=f"size={text(size * near.numerator)} // {near.denominator}",
    )


def interpolate_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """A multiply-add for each value that a new one is made of: 2 or 4 of them along each axis."""
    mode, rank = a.get("mode", "bilinear"), len(y.shape) - 2
    if mode == "area":
        return elementwise(x, x[0], a)
    return elementwise(x, y, a) * 2 * TAPS[mode] ** rank if mode in TAPS else dim(0)


def of_images(name: str, mode: str) -> Any:
    """The type rule of the two layers whose mode is in their name."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if len(value.shape) != 4:
            return Mismatch(f"{name} takes f32[N, C, H, W]", write='Upsample(…, mode="nearest")')
        return interpolate(x, {**a, "mode": mode})

    return gives


def shuffle(x: tuple[Type, ...], a: Args) -> Result:
    """[…, C r², H, W] becomes […, C, H r, W r]."""
    (value,) = x
    factor = dim(a["upscale_factor"])
    if len(value.shape) < 3:
        return _no_picture("pixels are made of channels", value)
    *outer, channels, height, width = value.shape
    if BATCH in channels.names:
        return _no_picture("the batch cannot become pixels", value)
    square = factor * factor
    left = channels // square
    given = value.shaped(*outer, left, height * factor, width * factor)
    return _divides(given, channels, square, f"{text(channels)} channels", "Conv2d to that many")


def unshuffle(x: tuple[Type, ...], a: Args) -> Result:
    """[…, C, H r, W r] becomes […, C r², H, W]."""
    (value,) = x
    factor = dim(a["downscale_factor"])
    if len(value.shape) < 3:
        return _no_picture("channels are made of pixels", value)
    *outer, channels, height, width = value.shape
    if any(BATCH in size.names for size in (channels, height, width)):
        return _no_picture("the batch cannot become channels", value)
    given: Result = value.shaped(
        *outer, channels * factor * factor, height // factor, width // factor
    )
    for size, what in ((height, "rows"), (width, "columns")):
        given = _divides(given, size, factor, f"{text(size)} {what}", "pad to that many")
    return given


def mixed(x: tuple[Type, ...], a: Args) -> Result:
    """The channels in another order: the first of each group, then the second of each."""
    (value,) = x
    if len(value.shape) < 3:
        return _no_picture("channels stand behind the batch", value)
    channels, groups = value.shape[1], dim(a["groups"])
    what = f"{text(channels)} channels"
    return _divides(value, channels, groups, what, "groups that divide the channels", up=False)


def _no_picture(why: str, value: Type) -> Mismatch:
    return Mismatch(f"{why}, and here comes {value}", write="f32[N, C, H, W]")


def _divides(
    given: Result, size: Dim, parts: Dim, what: str, write: str, up: bool = True
) -> Result:
    """The result where the size divides into so many parts, which may be a condition."""
    if isinstance(given, Mismatch):
        return given
    whole = (size // parts) * parts
    match decide(whole, "==", size):
        case False:
            more = (size // parts + 1) * parts
            write = f"{write}: {text(more)}" if up else write
            return Mismatch(f"{what} do not divide into parts of {text(parts)}", write=write)
        case None:
            found, others = (
                (given.type, given.conditions) if isinstance(given, Given) else (given, ())
            )
            return Given(found, (*others, Condition(whole, "==", size)))
    return given


_SIZES = "size: parts? = None, scale_factor: scales? = None"
_UPSAMPLE = (
    f"{_SIZES}, mode: {MODES} = 'nearest', align_corners: bool? = None, "
    "recompute_scale_factor: bool? = None"
)


def _shuffles(
    layer: str, function: str, argument: str, gives: Any, summary: str, example: str
) -> tuple[Layer, ...]:
    return tuple(
        Layer(
            name,
            f"{argument}: size",
            gives,
            f"F.{function}",
            summary,
            example.format(name),
            flops=free,
        )
        for name in (layer, function)
    )


RESAMPLING = (
    Layer(
        "Upsample",
        _UPSAMPLE,
        interpolate,
        "F.interpolate",
        "a picture of another size",
        "image -> Upsample(scale_factor=2)",
        flops=interpolate_flops,
    ),
    Layer(
        "interpolate",
        f"{_UPSAMPLE}, antialias: bool = False",
        interpolate,
        "F.interpolate",
        "a picture of another size",
        'image -> interpolate(scale_factor=2, mode="bilinear")',
        flops=interpolate_flops,
    ),
    Layer(
        "UpsamplingNearest2d",
        _SIZES,
        of_images("UpsamplingNearest2d", "nearest"),
        "F.interpolate",
        "a picture of another size, each value that of the nearest pixel",
        "image -> UpsamplingNearest2d(scale_factor=2)",
        flops=free,
    ),
    Layer(
        "UpsamplingBilinear2d",
        _SIZES,
        of_images("UpsamplingBilinear2d", "bilinear"),
        "nn.UpsamplingBilinear2d",
        "a picture of another size, values between four pixels, corners kept",
        "image -> UpsamplingBilinear2d(scale_factor=2)",
        stem="upsample",
        flops=interpolate_flops,
    ),
    *_shuffles(
        "PixelShuffle",
        "pixel_shuffle",
        "upscale_factor",
        shuffle,
        "channels become pixels: the picture grows by the factor",
        "image -> Conv2d(12, 3) -> {}(2)",
    ),
    *_shuffles(
        "PixelUnshuffle",
        "pixel_unshuffle",
        "downscale_factor",
        unshuffle,
        "pixels become channels: the picture shrinks by the factor",
        "image -> {}(2)",
    ),
    *_shuffles(
        "ChannelShuffle",
        "channel_shuffle",
        "groups",
        mixed,
        "channels of the groups take turns",
        "image -> {}(3)",
    ),
)
