"""Complex numbers: their parts, their angle, and real axes of two instead of them."""

from __future__ import annotations

from typing import Any

from ..dims import dim
from ..tensor import COMPLEX, Type
from .broadcasting import together
from .fourier import WIDER
from .grids import must_be
from .record import Args, Layer, Mismatch, Result, elementwise, free, under


def part(name: str) -> Any:
    """The type rule of `real`, `imag` and `angle`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if value.dtype in COMPLEX:
            return Type(COMPLEX[value.dtype], value.shape)
        if name == "imag":
            return Mismatch("real numbers have no imaginary part", write="0.0", code="D0202")
        if name == "real":
            return value
        return Type(value.dtype if value.floating else "f32", value.shape)

    return gives


def conjugate(x: tuple[Type, ...], a: Args) -> Result:
    """The same numbers with the other sign of the imaginary part."""
    return x[0]


def view_as_real(x: tuple[Type, ...], a: Args) -> Result:
    """A last axis of two for real and imaginary part."""
    (value,) = x
    if value.dtype not in COMPLEX:
        return Mismatch("view_as_real takes complex numbers", write="fft(x)", code="D0202")
    return Type(COMPLEX[value.dtype], (*value.shape, dim(2)))


def view_as_complex(x: tuple[Type, ...], a: Args) -> Result:
    """A last axis of two becomes one complex number."""
    (value,) = x
    if value.dtype not in ("f32", "f64"):
        return _half_or_whole("view_as_complex", value)
    conditions = must_be(value.shape[-1], 2) if value.shape else None
    if conditions is None:
        return Mismatch("the last axis has the real and the imaginary part", write="[…, 2]")
    return under(Type(WIDER[value.dtype], value.shape[:-1]), conditions)


def of_parts(name: str) -> Any:
    """The type rule of `complex` and `polar`: two real tensors, one at most broadcast."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        for value in x:
            if value.dtype not in ("f32", "f64"):
                return _half_or_whole(name, value)
        if x[0].dtype != x[1].dtype:
            return Mismatch(f"{name} takes one dtype", write="-> to(f32)", code="D0202")
        shape = together(*x)
        return shape if isinstance(shape, Mismatch) else Type(WIDER[x[0].dtype], shape)

    return gives


def _half_or_whole(name: str, value: Type) -> Mismatch:
    return Mismatch(
        f"{name} takes f32 or f64, and here comes {value}", write="-> to(f32)", code="D0202"
    )


def contiguous(x: tuple[Type, ...]) -> tuple[str, ...]:
    """How torch wants the values of a view: one behind the other."""
    return ("{}.contiguous()",)


def resolved(x: tuple[Type, ...]) -> tuple[str, ...]:
    """The conjugate computed: `conj` and `ifft` of real numbers only take note of it."""
    return ("{}.resolve_conj()",)


ADAPTED = {"view_as_complex": contiguous, "view_as_real": resolved}


def _of_one(name: str, gives: Any, summary: str, example: str, flops: Any = free) -> Layer:
    return Layer(
        name,
        "",
        gives,
        f"torch.{name}",
        summary,
        example,
        positional=0,
        flops=flops,
        complex=True,
        adapt=ADAPTED.get(name),
    )


COMPLEX_NUMBERS = (
    _of_one("real", part("real"), "the real parts", "signal -> fft -> real"),
    _of_one("imag", part("imag"), "the imaginary parts", "signal -> fft -> imag"),
    _of_one("angle", part("angle"), "the angles", "signal -> fft -> angle", elementwise),
    _of_one("conj", conjugate, "the conjugates", "signal -> fft -> conj -> real"),
    _of_one(
        "view_as_real",
        view_as_real,
        "real and imaginary parts side by side on a last axis",
        "signal -> rfft -> view_as_real",
    ),
    _of_one(
        "view_as_complex",
        view_as_complex,
        "complex numbers of a last axis with real and imaginary parts",
        "signal -> reshape(N, 4, 50, 2) -> view_as_complex -> real",
    ),
    *(
        Layer(
            name,
            "",
            of_parts(name),
            f"torch.{name}",
            f"complex numbers of their {inputs[0]} and {inputs[1]}",
            f"{name}(signal, signal) -> real",
            inputs=inputs,
            positional=0,
            flops=elementwise,
        )
        for name, inputs in (("complex", ("real", "imag")), ("polar", ("abs", "angle")))
    ),
)
