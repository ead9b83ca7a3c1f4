"""Resampling, padding and grids beyond the drawn cases: rounding, open sizes, batch, messages."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from dlc.compiler.dims import Dim, decide, dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.record import Given, Mismatch
from dlc.compiler.layers.resampling import scaled
from dlc.compiler.tensor import Type
from torch import nn

IMAGE = Type("f32", (name("N"), dim(4), name("H"), name("W")))

VECTORS = Type("f32", (name("N"), dim(4), dim(4), dim(3)))
ODD = Type("f32", (name("N"), dim(1), dim(5), dim(4)))


def gives(layer: str, x: Type | tuple[Type, ...], **given: Any) -> Any:
    """The answer of a record with its defaults."""
    record = LAYERS[layer]
    arguments = {p.name.lstrip("*"): p.default for p in record.parameters} | given
    return record.gives(x if isinstance(x, tuple) else (x,), arguments)


@pytest.mark.parametrize("factor", [0.1, 0.29, 1 / 3, 0.7, 1.1, 2.3, 100 / 29, 0.5, 3])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_a_scale_rounds_as_in_torch_for_every_known_size(factor: float, mode: str) -> None:
    for size in range(1, 101):
        found = scaled(dim(size), factor)
        assert isinstance(found, Dim)
        if found.value == 0:
            continue
        assert (
            found == F.interpolate(torch.ones(1, 1, size), scale_factor=factor, mode=mode).shape[2]
        )


@pytest.mark.parametrize("factor", [0.25, 0.5, 1, 1.5, 2, 2.75, 8.0])
def test_a_scale_over_a_power_of_two_is_exact_for_an_open_size(factor: float) -> None:
    found = scaled(name("H"), factor)
    assert isinstance(found, Dim)
    for size in (*range(1, 40), 10**6 + 1):
        assert found.evaluate({"H": size}) == int(size * factor)


@pytest.mark.parametrize("factor", [0.29, 1 / 3, 0.7])
def test_a_scale_that_is_rounded_is_refused_for_an_open_size_alone(factor: float) -> None:
    wrong = gives("Upsample", IMAGE, scale_factor=factor)
    assert isinstance(wrong, Mismatch)
    assert wrong.write.startswith("size=")
    known = IMAGE.shaped(name("N"), dim(4), dim(100), dim(100))
    assert isinstance(gives("Upsample", known, scale_factor=factor), Type)


@pytest.mark.parametrize("factor", [float("inf"), 1e300])
def test_a_scale_beyond_every_memory_is_refused(factor: float) -> None:
    known = IMAGE.shaped(name("N"), dim(4), dim(100), dim(100))
    assert isinstance(gives("Upsample", known, scale_factor=factor), Mismatch)


@pytest.mark.parametrize(
    ("layer", "given"),
    [
        ("pad", {"pad": (0, 0, 1, 0)}),
        ("pixel_shuffle", {"upscale_factor": 2}),
        ("ZeroPad2d", {"padding": 1}),
    ],
)
def test_the_batch_neither_grows_nor_becomes_pixels(layer: str, given: dict[str, Any]) -> None:
    x = Type(
        "f32", (name("N"), dim(4)) if layer != "pixel_shuffle" else (name("N"), dim(4), dim(4))
    )
    assert isinstance(gives(layer, x, **given), Mismatch)


def test_a_batch_whose_sides_stay_is_padded_elsewhere() -> None:
    found = gives("pad", Type("f32", (name("N"), dim(4))), pad=(1, 2, 0, 0))
    assert found == Type("f32", (name("N"), dim(7)))


def test_a_mirrored_rim_of_an_open_size_is_a_condition_on_it() -> None:
    found = gives("ReflectionPad2d", IMAGE, padding=3)
    assert isinstance(found, Given)
    shown = {f"{c.left} {c.operator} {c.right}" for c in found.conditions}
    assert shown == {"H > 3", "W > 3"}


def test_channels_that_are_open_become_pixels_where_they_divide() -> None:
    x = Type("f32", (name("N"), name("C"), dim(2), dim(2)))
    found = gives("PixelShuffle", x, upscale_factor=3)
    assert isinstance(found, Given)
    (condition,) = found.conditions
    assert [c for c in range(1, 20) if condition.left.evaluate({"C": c}) == c] == [9, 18]
    assert isinstance(gives("PixelShuffle", IMAGE, upscale_factor=3), Mismatch)


@pytest.mark.parametrize(
    ("value", "tokens"), [(None, 10), (0, 10), (9, 10), (10, None), (-1, None)]
)
def test_padded_tokens_keep_their_bound_where_the_filling_is_one(
    value: int | None, tokens: int | None
) -> None:
    found = gives("pad", Type("i64", (name("N"), dim(4)), tokens=10), pad=(1, 0), value=value)
    assert found.tokens == tokens


def test_what_numbers_mean_survives_copies_and_means_but_no_constant_and_no_overshoot() -> None:
    x = Type("f32", (name("N"), dim(4), dim(8), dim(8)), "probabilities")
    kept = [
        gives("ReflectionPad2d", x, padding=1).meaning,
        gives("interpolate", x, scale_factor=2, mode="bilinear").meaning,
        gives("pixel_unshuffle", x, downscale_factor=2).meaning,
    ]
    lost = [
        gives("ZeroPad2d", x, padding=1).meaning,
        gives("interpolate", x, scale_factor=2, mode="bicubic").meaning,
    ]
    assert (kept, lost) == (["probabilities"] * 3, ["", ""])


@pytest.mark.parametrize(
    ("layer", "x", "given", "why"),
    [
        ("Upsample", IMAGE, {}, "none is stated"),
        ("Upsample", IMAGE, {"size": 2, "scale_factor": 2}, "both are stated"),
        ("Upsample", IMAGE, {"size": 2, "mode": "linear"}, "3 axes"),
        ("Upsample", IMAGE, {"size": 2, "align_corners": True}, "no effect"),
        ("pad", IMAGE, {"pad": (1, 2, 3)}, "two sides"),
        ("pad", IMAGE, {"pad": (1, 1), "mode": "reflect"}, "reflect"),
        ("pad", IMAGE, {"pad": (1, 1, 1, 1), "mode": "reflect", "value": 1.0}, "no effect"),
        ("grid_sample", (IMAGE, VECTORS), {}, "2 coordinates"),
        ("PixelUnshuffle", ODD, {"downscale_factor": 2}, "5 rows"),
    ],
)
def test_a_refusal_says_what_is_wrong(layer: str, x: Any, given: dict[str, Any], why: str) -> None:
    found = gives(layer, x, **given)
    assert isinstance(found, Mismatch)
    assert why in found.why


@pytest.mark.parametrize(
    ("kind", "value", "good"),
    [
        ("edges1", 1, True),
        ("edges1", (1, -2), True),
        ("edges1", (1, 2, 3), False),
        ("edges2", (1, 2, 3, 4), True),
        ("edges2", 1.0, False),
        ("edges", 1, False),
        ("edges", (), True),
        ("edges", (True, 1), False),
        ("scales", 2, True),
        ("scales", (2, 0.5), True),
        ("scales", (), False),
        ("scales", 0, False),
        ("order", "nuc", True),
        ("order", "two", False),
        ("order", float("inf"), True),
        ("contraction", 2, True),
        ("contraction", -1, False),
        ("contraction", ((0,), (1,)), True),
        ("contraction", ((0,),), False),
    ],
)
def test_an_argument_is_of_its_kind_or_not(kind: str, value: Any, good: bool) -> None:
    assert fits(kind, value) is good


def test_the_operations_of_interpolation_are_those_of_its_weights() -> None:
    x = Type("f32", (dim(1), dim(2), dim(4), dim(4)))
    counts = {}
    for mode in ("nearest", "bilinear", "bicubic", "area"):
        given = {"scale_factor": 2, "mode": mode}
        y = gives("interpolate", x, **given)
        counts[mode] = LAYERS["interpolate"].flops((x,), y, given)
    values = 2 * 8 * 8
    assert counts == {
        "nearest": 0,
        "bilinear": values * 2 * 4,
        "bicubic": values * 2 * 16,
        "area": 2 * 4 * 4,
    }


def test_torch_s_own_layers_pad_and_upsample_without_weights() -> None:
    for layer in ("ReflectionPad2d", "ZeroPad1d", "CircularPad3d"):
        assert not dict(getattr(nn, layer)(1).state_dict())
        assert LAYERS[layer].stem
    assert decide(LAYERS["Upsample"].flops((IMAGE,), IMAGE, {"mode": "nearest"}), "==", 0)
