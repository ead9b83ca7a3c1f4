"""Fourier transforms, by the last part of torch's names: `rfft` is `torch.fft.rfft`."""

from __future__ import annotations

from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import COMPLEX, Type
from .arguments import spread
from .record import BATCH, Args, Layer, Mismatch, Result, axis_of, elementwise, free, no_axis
from .shape import product

# Real numbers as complex ones of the same width.
WIDER = {"f32": "c64", "f64": "c128", "c64": "c64", "c128": "c128"}
Places = list[tuple[int, Dim]]


def transformed(name: str) -> Any:
    """The type rule of a transform: what starts with r takes real numbers, with ir gives them."""
    to_real, of_real = name.startswith("ir"), name.startswith("r")

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if value.dtype in ("f16", "bf16"):
            return Mismatch(f"{name} takes no half floats", "-> to(f32) before", code="D0202")
        if of_real and value.dtype in COMPLEX:
            return Mismatch(
                f"{name} takes real numbers, and here come complex ones",
                write=f"{name[1:]}",
                code="D0202",
            )
        places = _places(value, a, to_real)
        if places == [] and (to_real or of_real):
            return Mismatch(f"{name} is over an axis at least", write="dim=-1")
        if isinstance(places, Mismatch):
            return places
        shape = list(value.shape)
        for axis, size in places:
            if BATCH in shape[axis].names:
                return Mismatch(
                    f"axis {axis} is the batch: a transform over it would mix the records",
                    write="the axes behind it: dim=-1",
                )
            shape[axis] = size
        found = WIDER.get(value.dtype, "c64")
        if of_real and places:
            last, size = places[-1]
            shape[last] = size // 2 + 1
        return Type(COMPLEX[found] if to_real else found, tuple(shape))

    return gives


def _places(value: Type, a: Args, to_real: bool) -> Places | Mismatch:
    """The axes that are transformed, in order, with the points of each."""
    rank = len(value.shape)
    asked = a["n"] if "n" in a else a["s"]
    sizes = None if asked is None else spread(asked, 1)
    dims = a["dim"]
    if dims is None:
        count = rank if sizes is None else len(sizes)
        if count > rank:
            return Mismatch(f"s has {count} sizes, and {value} has {rank} axes", write="no s")
        dims = tuple(range(rank - count, rank))
    axes: list[int] = []
    for each in spread(dims, 1):
        axis = axis_of(value, each) if value.shape else None
        if axis is None:
            return no_axis(value, each) if value.shape else Mismatch("a scalar has no axis")
        if axis in axes:
            return Mismatch(f"axis {axis} is named twice", write="each axis once")
        axes.append(axis)
    if sizes is not None and len(sizes) != len(axes):
        return Mismatch(f"s has {len(sizes)} sizes for {len(axes)} axes", write="one for each axis")
    points = [dim(each) for each in sizes] if sizes else [value.shape[axis] for axis in axes]
    if to_real and axes and not sizes:
        points[-1] = (points[-1] - 1) * 2
        if decide(points[-1], "<", 1):
            return Mismatch(
                f"of {text(value.shape[axes[-1]])} frequency there are no points",
                notes=("without a size there are 2*(m - 1) of m frequencies",),
                write="n=1",
            )
    return list(zip(axes, points, strict=True))


def transform_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """5 n log2(n) for n points of a complex transform, the usual count of radix 2.

    Each axis has the next power of two; a real transform is half of it. Open sizes count 10 turns.
    """
    total = dim(0)
    places = _places(x[0], a, x[0].dtype in COMPLEX and y.dtype not in COMPLEX)
    assert not isinstance(places, Mismatch)
    for axis, points in places:
        turns = 10 if points.value is None else (points.value - 1).bit_length()
        others = product(tuple(each for at, each in enumerate(y.shape) if at != axis))
        total = total + others * points * 5 * turns
    return total if x[0].dtype in COMPLEX and y.dtype in COMPLEX else total // 2


def shifted(x: tuple[Type, ...], a: Args) -> Result:
    """The halves of axes change places; without `dim` those of all axes."""
    (value,) = x
    asked = range(len(value.shape)) if a["dim"] is None else spread(a["dim"], 1)
    if not asked or not value.shape:
        return Mismatch("an axis at least is shifted", write="dim=-1")
    for each in asked:
        axis = axis_of(value, each)
        if axis is None:
            return no_axis(value, each)
        if BATCH in value.shape[axis].names:
            return Mismatch(
                f"axis {axis} is the batch, and its records would change places", write="dim=-1"
            )
    return value


def frequencies(x: tuple[Type, ...], a: Args) -> Result:
    """The frequencies that belong to the places of a transform of n points."""
    if a["d"] == 0:
        return Mismatch("points at a distance of 0 have no frequency", write="d=1.0")
    return Type("f32", (dim(a["n"]),))


def half_frequencies(x: tuple[Type, ...], a: Args) -> Result:
    """The frequencies that belong to the places of `rfft` of n points."""
    found = frequencies(x, a)
    return found.shaped(dim(a["n"]) // 2 + 1) if isinstance(found, Type) else found


_NORM = "norm: forward|backward|ortho? = None"
_AXES = {
    "": "n: size? = None, dim: axis = -1",
    "2": "s: shape? = None, dim: axes = (-2, -1)",
    "n": "s: shape? = None, dim: axes? = None",
}
_OVER = {"": "an axis", "2": "two axes", "n": "axes"}
_WHAT = {
    "fft": "frequencies of a signal, complex ones",
    "ifft": "a signal of frequencies, a complex one",
    "rfft": "frequencies of a real signal, the first half of them",
    "irfft": "a real signal of the first half of its frequencies",
}


def _transform(kind: str, axes: str) -> Layer:
    name = kind + axes
    source = "image" if axes == "2" else "signal"
    over = "(dim=(1, 2))" if axes == "n" else ""
    before = f"rfft{axes}{over} -> " if kind == "irfft" else ""
    return Layer(
        name,
        f"{_AXES[axes]}, {_NORM}",
        transformed(name),
        f"torch.fft.{name}",
        f"{_WHAT[kind]}, over {_OVER[axes]}",
        f"{source} -> {before}{name}{over}",
        flops=transform_flops,
        complex=True,
    )


FOURIER = (
    *(_transform(kind, axes) for axes in _AXES for kind in _WHAT),
    *(
        Layer(
            name,
            "dim: axes? = None",
            shifted,
            f"torch.fft.{name}",
            what,
            f"signal -> {name}(-1)",
            flops=free,
            complex=True,
        )
        for name, what in (
            ("fftshift", "frequencies with zero in the middle"),
            ("ifftshift", "frequencies with zero in front again"),
        )
    ),
    *(
        Layer(
            name,
            "n: size, d: float = 1.0",
            gives,
            f"torch.fft.{name}",
            f"the frequencies that {of} gives of n points",
            f"x * {name}({n})",
            inputs=(),
            on_device=True,
            flops=elementwise,
        )
        for name, of, gives, n in (
            ("fftfreq", "fft", frequencies, 784),
            ("rfftfreq", "rfft", half_frequencies, 1566),
        )
    ),
)
