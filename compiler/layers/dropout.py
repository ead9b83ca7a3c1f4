"""Dropout, as layers and as functions: values or whole channels, with zero or SELU's floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensor import Type
from .record import Args, Layer, Mismatch, Result, floats
from .window import image


def of_values(name: str) -> Any:
    """The type rule of dropout value by value: shape and meaning stay."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        return floats(value, name) or value

    return gives


def of_channels(name: str, rank: int) -> Any:
    """The type rule of dropout of whole channels over `rank` axes; torch warns of other ranks."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        return floats(value, name) or image(value, name, rank) or value

    return gives


def of_features(name: str) -> Any:
    """The type rule of dropout of whole channels over any number of axes."""

    def gives(x: tuple[Type, ...], a: Args) -> Result:
        (value,) = x
        if wrong := floats(value, name):
            return wrong
        if len(value.shape) < 2:
            write = "AlphaDropout()" if name[0].isupper() else "alpha_dropout()"
            return Mismatch(f"{name} takes [N, C, ...]: channels are axis 1", write=write)
        return value

    return gives


def _pair(
    layer: str,
    function: str,
    gives: Callable[[str], Any],
    summary: str,
    inflow: str,
) -> tuple[Layer, Layer]:
    signature = "p: probability = 0.5"
    return (
        Layer(
            layer,
            signature,
            gives(layer),
            f"nn.{layer}",
            f"{summary} while training",
            f"{inflow} -> {layer}(0.5)",
            stem="dropout",
        ),
        Layer(
            function,
            signature,
            gives(function),
            f"F.{function}",
            f"{summary} while training",
            f"{inflow} -> {function}(0.5)",
            mode="training",
        ),
    )


def _of_axes(rank: int, inflow: str) -> tuple[Layer, Layer]:
    return _pair(
        f"Dropout{rank}d",
        f"dropout{rank}d",
        lambda name: of_channels(name, rank),
        "sets a share `p` of the channels to zero",
        inflow,
    )


DROPOUTS = (
    *_pair("Dropout", "dropout", of_values, "sets a share `p` of the values to zero", "x"),
    *_of_axes(1, "signal"),
    *_of_axes(2, "image"),
    *_of_axes(3, "volume"),
    *_pair(
        "AlphaDropout",
        "alpha_dropout",
        of_values,
        "sets a share `p` of the values to the floor of SELU, mean and variance kept,",
        "x",
    ),
    *_pair(
        "FeatureAlphaDropout",
        "feature_alpha_dropout",
        of_features,
        "sets a share `p` of the channels to the floor of SELU, mean and variance kept,",
        "image",
    ),
)
