"""Normalisations with running statistics, and dropout."""

from __future__ import annotations

from typing import Any

from ..dims import Dim
from ..tensor import Type
from .convolution import image
from .record import Args, Layer, Mismatch, Result, Shape, elementwise, floats
from .shape import product


def batch_norm(rank: int) -> Any:
    """The type rule of `BatchNorm1d` ([N, C] or [N, C, L]) and `BatchNorm2d` ([N, C, H, W])."""
    ranks = (2, 3) if rank == 1 else (4,)
    wanted = "f32[N, C] or f32[N, C, L]" if rank == 1 else "f32[N, C, H, W]"

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, f"BatchNorm{rank}d", ("f32", "bf16", "f16")):
            return wrong
        if len(value.shape) not in ranks:
            other = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d"}.get(len(value.shape))
            return Mismatch(f"BatchNorm{rank}d takes {wanted}", write=f"{other}()" if other else "")
        if product((value.shape[0], *value.shape[2:])).value == 1:
            return Mismatch(
                "a single value a channel has no variance", write="leave it out, or N as the batch"
            )
        return Type(value.dtype, value.shape, spatial=value.spatial)

    return gives


def affine(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Scale and shift of each channel."""
    return {"weight": (y.shape[1],), "bias": (y.shape[1],)} if a["affine"] else {}


def running(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Running mean and variance of each channel, and the number of batches seen."""
    if not a["track_running_stats"]:
        return {}
    channels = (y.shape[1],)
    return {"running_mean": channels, "running_var": channels, "num_batches_tracked": ()}


def norm_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Subtract, divide, scale and shift: 4 an element with the affine part, else 2."""
    return elementwise(x, y, a) * (4 if a["affine"] else 2)


def dropout(x: tuple[Type, ...], a: Args) -> Result:
    """Shape and meaning stay."""
    (value,) = x
    return floats(value, "Dropout") or value


def layer_norm(x: tuple[Type, ...], a: Args) -> Result:
    """Shape and dtype stay; the last axis is made even."""
    (value,) = x
    if wrong := floats(value, "LayerNorm", ("f32", "bf16", "f16")):
        return wrong
    if not value.shape:
        return Mismatch("LayerNorm takes at least one axis, and a scalar has none")
    if value.spatial:
        axes = [0, *range(2, len(value.shape)), 1]
        return Mismatch(
            "LayerNorm works on the last axis, and here that is the width of a feature map",
            write=f"-> permute({', '.join(map(str, axes))}) before it",
        )
    if value.shape[-1] == 1:
        return Mismatch(
            "a single value has no variance: LayerNorm would always give 0", write="leave it out"
        )
    return Type(value.dtype, value.shape)


def layer_affine(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Scale and shift of each place of the last axis."""
    if not a["elementwise_affine"]:
        return {}
    shapes: dict[str, Shape] = {"weight": y.shape[-1:]}
    return shapes | ({"bias": y.shape[-1:]} if a["bias"] else {})


def layer_norm_flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
    """Mean 1, variance 3, subtract and divide 2 an element, scale and shift 1 each."""
    affine = (1 + bool(a["bias"])) if a["elementwise_affine"] else 0
    return elementwise(x, y, a) * (6 + affine)


def dropout2d(x: tuple[Type, ...], a: Args) -> Result:
    """Shape and meaning stay; whole channels are dropped."""
    (value,) = x
    return floats(value, "Dropout2d") or image(value, "Dropout2d", 2) or value


def _batch_norm(rank: int) -> Layer:
    return Layer(
        f"BatchNorm{rank}d",
        "eps: share = 1e-05, momentum: probability? = 0.1, affine: bool = True, "
        "track_running_stats: bool = True",
        batch_norm(rank),
        f"nn.BatchNorm{rank}d",
        "each channel to mean 0 and variance 1 over the batch",
        "x -> BatchNorm1d()" if rank == 1 else "image -> BatchNorm2d()",
        infers={"num_features": lambda x: x[0].shape[1]},
        stem="norm",
        weights=affine,
        buffers=running,
        flops=norm_flops,
    )


NORMALIZATIONS = (
    _batch_norm(1),
    _batch_norm(2),
    Layer(
        "Dropout",
        "p: probability = 0.5",
        dropout,
        "nn.Dropout",
        "sets a share `p` of the values to zero while training",
        "x -> Dropout(0.5)",
        stem="dropout",
    ),
    Layer(
        "Dropout2d",
        "p: probability = 0.5",
        dropout2d,
        "nn.Dropout2d",
        "sets a share `p` of the channels to zero while training",
        "image -> Dropout2d(0.5)",
        stem="dropout",
    ),
    Layer(
        "LayerNorm",
        "eps: share = 1e-05, elementwise_affine: bool = True, bias: bool = True",
        layer_norm,
        "nn.LayerNorm",
        "the last axis to mean 0 and variance 1, record by record",
        "x -> LayerNorm()",
        infers={"normalized_shape": lambda x: x[0].shape[-1]},
        stem="norm",
        weights=layer_affine,
        flops=layer_norm_flops,
    ),
)
