"""Normalisations of channels: over the batch, over each record, in groups; with their functions."""

from __future__ import annotations

from math import gcd
from typing import Any

from ..dims import Dim, decide, dim, text
from ..tensor import FLOATS, Type
from .record import (
    Args,
    Condition,
    Layer,
    Mismatch,
    Result,
    Shape,
    elementwise,
    equal,
    floats,
    under,
)
from .shape import product
from .window import image

# What goes with weights of f32: a half is computed in their precision.
WITH_STATE = ("f32", "bf16", "f16")
RANKS = {1: (2, 3), 2: (4,), 3: (5,)}
WANTED = {
    1: "f32[N, C] or f32[N, C, L]",
    2: "f32[N, C, H, W]",
    3: "f32[N, C, D, H, W]",
}
INFLOWS = {1: "signal", 2: "image", 3: "volume"}
NO_VARIANCE = Mismatch(
    "a single value a channel has no variance", write="leave it out, or N as the batch"
)


def companions(
    name: str,
    value: Type,
    a: Args,
    keys: tuple[str, ...],
    shape: Shape,
    conditions: list[Condition],
) -> Mismatch | None:
    """What is wrong with the tensors that scale, shift or tell statistics of values."""
    given = {key: a[key] for key in keys if a[key] is not None}
    dtypes = {each.dtype for each in given.values()}
    halves = ("f32",) if value.dtype in ("f16", "bf16") else ()
    for key, each in given.items():
        if len(dtypes) > 1 or each.dtype not in (value.dtype, *halves):
            found = " and ".join(sorted(dtypes))
            return Mismatch(
                f"{', '.join(given)} of {name} have the dtype of the values, {value.dtype}, and "
                f"here they are {found}",
                write=f"`-> to({value.dtype})`",
                code="D0202",
            )
        fits = len(each.shape) == len(shape) and all(
            equal(have, want, conditions) for have, want in zip(each.shape, shape, strict=True)
        )
        if not fits:
            wanted = Type(each.dtype, shape)
            return Mismatch(f"{key} of {name} is {wanted} for these values, and here is {each}")
    return None


def batch_norm(rank: int) -> Any:
    """The type rule of `BatchNorm1d` ([N, C] or [N, C, L]), `BatchNorm2d` and `BatchNorm3d`."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        held = a["affine"] or a["track_running_stats"]
        if wrong := floats(value, f"BatchNorm{rank}d", WITH_STATE if held else FLOATS):
            return wrong
        axes = len(value.shape)
        if axes not in RANKS[rank]:
            other = next((f"BatchNorm{n}d()" for n, ranks in RANKS.items() if axes in ranks), "")
            return Mismatch(f"BatchNorm{rank}d takes {WANTED[rank]}", write=other)
        if product((value.shape[0], *value.shape[2:])).value == 1:
            return NO_VARIANCE
        return Type(value.dtype, value.shape, spatial=value.spatial)

    return gives


def batch_norm_function(x: tuple[Type, ...], a: Args) -> Result:
    """With statistics that flow in, or, `training`, with those of the batch."""
    (value,) = x
    if wrong := floats(value, "batch_norm"):
        return wrong
    if len(value.shape) < 2:
        return Mismatch(f"batch_norm takes [N, C, ...], and {value} has no axis of channels")
    known = [a[key] for key in ("running_mean", "running_var") if a[key] is not None]
    if a["training"] and known:
        return Mismatch(
            "with training=True the statistics would be changed where they stand",
            write="batch_norm(None, None, training=True), or the layer BatchNorm1d() to keep them",
        )
    if not a["training"] and len(known) < 2:
        return Mismatch(
            "without training=True it needs running_mean and running_var",
            write="batch_norm(mean, variance), or batch_norm(None, None, training=True)",
        )
    if a["training"] and product((value.shape[0], *value.shape[2:])).value == 1:
        return NO_VARIANCE
    conditions: list[Condition] = []
    keys = ("running_mean", "running_var", "weight", "bias")
    wrong = companions("batch_norm", value, a, keys, value.shape[1:2], conditions)
    return wrong or under(Type(value.dtype, value.shape, spatial=value.spatial), conditions)


def _spread_out(value: Type, conditions: list[Condition] | None) -> Mismatch | None:
    """What is wrong with records of one value a channel; None takes such records in evaluation."""
    places, rank = product(value.shape[2:]), max(1, len(value.shape) - 2)
    match decide(places, ">", 1):
        case False:
            return Mismatch(
                "a single value of a channel has no variance within a record",
                write=f"BatchNorm{rank}d(), which takes the variance over the batch",
            )
        case None if conditions is not None:
            conditions.append(Condition(places, ">", dim(1)))
    return None


def instance_norm(rank: int) -> Any:
    """The type rule of `InstanceNorm1d`, `2d` and `3d`: [N, C] and so many axes behind."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        name = f"InstanceNorm{rank}d"
        if wrong := floats(value, name, WITH_STATE if a["affine"] else FLOATS):
            return wrong
        if wrong := image(value, name, rank):
            return wrong
        conditions: list[Condition] = []
        if wrong := _spread_out(value, None if a["track_running_stats"] else conditions):
            return wrong
        return under(Type(value.dtype, value.shape, spatial=value.spatial), conditions)

    return gives


def instance_norm_function(x: tuple[Type, ...], a: Args) -> Result:
    """With the statistics of each record, or, without `use_input_stats`, with those given."""
    (value,) = x
    if wrong := floats(value, "instance_norm"):
        return wrong
    if len(value.shape) < 2:
        return Mismatch(f"instance_norm takes [N, C, ...], and {value} has no axis of channels")
    known = [a[key] for key in ("running_mean", "running_var") if a[key] is not None]
    if a["use_input_stats"] and known:
        return Mismatch(
            "with use_input_stats=True the statistics would be changed where they stand",
            write="use_input_stats=False, or InstanceNorm1d(track_running_stats=True)",
        )
    if not a["use_input_stats"] and len(known) < 2:
        return Mismatch(
            "with use_input_stats=False it needs running_mean and running_var",
            write="instance_norm(mean, variance, use_input_stats=False)",
        )
    conditions: list[Condition] = []
    if a["use_input_stats"] and (wrong := _spread_out(value, conditions)):
        return wrong
    keys = ("running_mean", "running_var", "weight", "bias")
    wrong = companions("instance_norm", value, a, keys, value.shape[1:2], conditions)
    return wrong or under(Type(value.dtype, value.shape, spatial=value.spatial), conditions)


def group_norm(name: str) -> Any:
    """The type rule of `GroupNorm` and `group_norm`: the channels of axis 1 in equal groups."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name, WITH_STATE if a.get("affine") else FLOATS):
            return wrong
        if len(value.shape) < 2:
            return Mismatch(f"{name} takes [N, C, ...], and {value} has no axis of channels")
        channels, groups = value.shape[1], dim(a["num_groups"])
        conditions: list[Condition] = []
        if not equal(channels % groups, dim(0), conditions):
            known, asked = channels.value, groups.value
            return Mismatch(
                f"num_groups={text(groups)} does not divide the {text(channels)} channels",
                write=f"num_groups={gcd(known, asked)}" if known and asked else "",
            )
        if product((channels // groups, *value.shape[2:])).value == 1:
            return Mismatch(
                f"a group of a single value has no variance: {name} would always give 0",
                write="fewer groups",
            )
        if name == "group_norm":
            keys = ("weight", "bias")
            if wrong := companions(name, value, a, keys, (channels,), conditions):
                return wrong
        return under(Type(value.dtype, value.shape, spatial=value.spatial), conditions)

    return gives


def affine(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Scale and shift of each channel."""
    if not a["affine"]:
        return {}
    shapes: dict[str, Shape] = {"weight": (y.shape[1],)}
    return shapes | ({"bias": (y.shape[1],)} if a["bias"] else {})


def running(x: tuple[Type, ...], y: Type, a: Args) -> dict[str, Shape]:
    """Running mean and variance of each channel, and the number of batches seen."""
    if not a["track_running_stats"]:
        return {}
    channels = (y.shape[1],)
    return {"running_mean": channels, "running_var": channels, "num_batches_tracked": ()}


def norm_flops(statistics: int) -> Any:
    """Subtract and divide, 2 an element, with weights 1 each; so many more for the statistics.

    A mean takes 1 and a variance 3; layers of the batch have theirs ready in evaluation.
    """

    def flops(x: tuple[Type, ...], y: Type, a: Args) -> Dim:
        scaled = a["weight"] is not None if "weight" in a else a["affine"]
        shifted = a["bias"] is not None if "weight" in a else a["affine"] and a["bias"]
        ready = not a.get("training", True) or not a.get("use_input_stats", True)
        return elementwise(x, y, a) * (2 + (0 if ready else statistics) + scaled + shifted)

    return flops


def _batch_norm(rank: int) -> Layer:
    return Layer(
        f"BatchNorm{rank}d",
        "eps: share = 1e-05, momentum: probability? = 0.1, affine: bool = True, "
        "track_running_stats: bool = True, bias: bool = True",
        batch_norm(rank),
        f"nn.BatchNorm{rank}d",
        "each channel to mean 0 and variance 1 over the batch",
        f"{'x' if rank == 1 else INFLOWS[rank]} -> BatchNorm{rank}d()",
        infers={"num_features": lambda x: x[0].shape[1]},
        stem="norm",
        weights=affine,
        buffers=running,
        flops=norm_flops(0),
    )


def _instance_norm(rank: int) -> Layer:
    return Layer(
        f"InstanceNorm{rank}d",
        "eps: share = 1e-05, momentum: probability = 0.1, affine: bool = False, "
        "track_running_stats: bool = False, bias: bool = True",
        instance_norm(rank),
        f"nn.InstanceNorm{rank}d",
        "each channel of each record to mean 0 and variance 1",
        f"{INFLOWS[rank]} -> InstanceNorm{rank}d()",
        infers={"num_features": lambda x: x[0].shape[1]},
        stem="norm",
        weights=affine,
        buffers=running,
        flops=norm_flops(4),
    )


NORMALIZATIONS = (
    *map(_batch_norm, (1, 2, 3)),
    *map(_instance_norm, (1, 2, 3)),
    Layer(
        "GroupNorm",
        "num_groups: size, eps: share = 1e-05, affine: bool = True, bias: bool = True",
        group_norm("GroupNorm"),
        "nn.GroupNorm",
        "groups of channels of each record to mean 0 and variance 1",
        "signal -> GroupNorm(2)",
        infers={"num_channels": lambda x: x[0].shape[1]},
        keywords=("num_channels",),
        stem="norm",
        weights=affine,
        flops=norm_flops(4),
    ),
    Layer(
        "batch_norm",
        "running_mean: tensor?, running_var: tensor?, weight: tensor? = None, "
        "bias: tensor? = None, training: bool = False, eps: share = 1e-05",
        batch_norm_function,
        "F.batch_norm",
        "each channel by statistics that are given, or by those of the batch",
        "x -> batch_norm(None, None, training=True)",
        positional=2,
        flops=norm_flops(4),
    ),
    Layer(
        "instance_norm",
        "running_mean: tensor? = None, running_var: tensor? = None, weight: tensor? = None, "
        "bias: tensor? = None, use_input_stats: bool = True, eps: share = 1e-05",
        instance_norm_function,
        "F.instance_norm",
        "each channel of each record to mean 0 and variance 1",
        "signal -> instance_norm()",
        positional=2,
        flops=norm_flops(4),
    ),
    Layer(
        "group_norm",
        "num_groups: size, weight: tensor? = None, bias: tensor? = None, eps: share = 1e-05",
        group_norm("group_norm"),
        "F.group_norm",
        "groups of channels of each record to mean 0 and variance 1",
        "signal -> group_norm(2)",
        flops=norm_flops(4),
    ),
)
