"""Each layer's record against the layer that torch builds: types, weights, costs, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.record import Mismatch
from dlc.compiler.tensor import Type
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_samples import (
    Sample,
    holds,
    in_torch,
    inferred,
    tensor,
)
from test_agreement import DRAWN as AGREED
from torch import nn

QUICK = settings(max_examples=60, deadline=None)


def size(value: Any) -> int:
    number = dim(value).value
    assert number is not None
    return number


def numbers(shapes: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[int, ...]]:
    return {state: tuple(map(size, shape)) for state, shape in shapes.items()}


def test_every_layer_is_compared_with_torch() -> None:
    # A gradient is of what was computed before: its own tests hold it against torch.
    assert {*LAYERS} - {*AGREED} <= {"grad"}
    assert {*AGREED} <= {*LAYERS}


@pytest.mark.parametrize(
    "sample",
    [
        Sample("CELU", {"alpha": -1.0}, (2, 3)),
        Sample("Softplus", {"beta": 0.0}, (2, 3)),
        Sample("BatchNorm1d", {"momentum": 1.5}, (2, 3)),
        # Positional, as torch's num_features: it would silently be another setting here.
        Sample("BatchNorm2d", {"eps": 32}, (2, 3, 4, 4)),
        Sample("mean", {"dim": None, "keepdim": True}, (2, 3)),
    ],
    ids=str,
)
def test_a_setting_without_a_meaning_is_refused_though_torch_takes_it(sample: Sample) -> None:
    assert isinstance(inferred(sample.record, sample.given, sample.type), Mismatch)
    x = tensor(sample.shape)
    assert not isinstance(in_torch(sample.record, sample.given, x), Exception)


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("pad", [None, *range(-6, 7)])
def test_an_embedding_is_as_in_torch(rows: int, pad: int | None) -> None:
    indices = Type("i64", (dim(2), dim(3)), tokens=rows)
    ours = inferred(LAYERS["Embedding"], {"embedding_dim": 4, "padding_idx": pad}, indices)
    try:
        built = nn.Embedding(rows, 4, padding_idx=pad)
    except AssertionError:
        assert isinstance(ours, Mismatch)
        return
    assert not isinstance(ours, Mismatch)
    assert tuple(map(size, ours.type.shape)) == tuple(built(tensor((2, 3), "i64", rows)).shape)
    assert numbers(ours.weights) == {"weight": tuple(built.weight.shape)}


def test_an_embedding_has_the_stated_rows_where_these_are_enough() -> None:
    record = LAYERS["Embedding"]
    plain, bounded = Type("i64", (dim(2),)), Type("i64", (dim(2),), tokens=10)
    assert isinstance(inferred(record, {"embedding_dim": 4}, plain), Mismatch)
    few = {"embedding_dim": 4, "num_embeddings": dim(9)}
    assert isinstance(inferred(record, few, bounded), Mismatch)
    more = inferred(record, {"embedding_dim": 4, "num_embeddings": 12}, bounded)
    assert not isinstance(more, Mismatch)
    assert numbers(more.weights) == {"weight": (12, 4)}
    for dtype in ("f32", "u8", "bool"):
        wrong = inferred(record, {"embedding_dim": 4, "num_embeddings": 9}, Type(dtype, (dim(2),)))
        assert isinstance(wrong, Mismatch)


def right_for(
    sample: Sample, x: Type, values: dict[str, int], plain: dict[str, Any] | None = None
) -> None:
    """What is found for open sizes holds for these values; `plain` are the settings in numbers."""
    ours = inferred(sample.record, sample.given, x)
    theirs = in_torch(sample.record, plain or sample.given, tensor(sample.shape))
    if isinstance(ours, Mismatch):
        assert isinstance(theirs, Exception), f"{ours.why}, and torch gives {theirs.shape}"
        return
    shape = tuple(each.evaluate(values) for each in ours.type.shape)
    met = all(holds(condition, values) for condition in ours.conditions) and min(shape) >= 1
    assert met is not isinstance(theirs, Exception), f"{shape}, and torch: {theirs}"
    if met:
        assert shape == tuple(theirs.shape)


@QUICK
@given(
    st.lists(
        st.sampled_from([-1, 2, 4, "N", "N*2", "H", "W", "H*W", "H*4"]), min_size=1, max_size=4
    ),
    st.fixed_dictionaries({"N": st.integers(2, 3), "H": st.integers(1, 4), "W": st.integers(1, 4)}),
)
def test_a_reshape_of_open_sizes_is_right_and_never_moves_the_batch(
    asked: list[int | str], values: dict[str, int]
) -> None:
    n, h, w = map(name, "NHW")
    words = {"N": n, "N*2": n * 2, "H": h, "W": w, "H*W": h * w, "H*4": h * 4}
    given = {"shape": tuple(words[each] if isinstance(each, str) else each for each in asked)}
    sample = Sample("reshape", given, (values["N"], 4, values["H"], values["W"]))
    x = Type("f32", (n, dim(4), h, w))
    batch_written = any("N" in str(each) for each in asked)
    if asked.count(-1) > 1 or (not batch_written and asked[0] != -1):
        assert isinstance(inferred(sample.record, given, x), Mismatch)
        return
    plain = [dim(size).evaluate(values) for size in given["shape"]]
    if not batch_written:
        # A -1 where the batch stands is the batch alone.
        plain[0] = values["N"]
    right_for(sample, x, values, {"shape": tuple(plain)})


@pytest.mark.parametrize(
    ("layer", "given"),
    [
        ("flatten", {}),
        ("flatten", {"start_dim": 0, "end_dim": 1}),
        ("reshape", {"shape": (4, -1)}),
        ("reshape", {"shape": (-1,)}),
        ("softmax", {"dim": 0}),
        ("LogSoftmax", {"dim": -2}),
    ],
)
def test_the_batch_stays_what_it_is(layer: str, given: dict[str, Any]) -> None:
    x = Type("f32", (name("N"), dim(12)))
    assert isinstance(inferred(LAYERS[layer], given, x), Mismatch)


def test_linear_on_a_feature_map_asks_for_flatten_and_permute_clears_it() -> None:
    image = Type("f32", (name("N"), dim(1), dim(8), dim(8)))
    features = inferred(LAYERS["Conv2d"], {"out_channels": 4, "kernel_size": 3}, image)
    assert not isinstance(features, Mismatch)
    wide = {"out_features": 10}
    assert isinstance(inferred(LAYERS["Linear"], wide, features.type), Mismatch)
    for layer, stated in (("flatten", {"start_dim": 1}), ("permute", {"dims": (0, 2, 3, 1)})):
        after = inferred(LAYERS[layer], stated, features.type)
        assert not isinstance(after, Mismatch)
        assert not isinstance(inferred(LAYERS["Linear"], wide, after.type), Mismatch)


@pytest.mark.parametrize("layer", ["mean", "sum", "softmax", "flatten", "permute"])
def test_an_axis_is_a_number_known_at_compile_time(layer: str) -> None:
    parameter = LAYERS[layer].parameters[0]
    assert not fits(parameter.kind, name("H"))
    assert not fits(parameter.kind, True)
    assert fits(parameter.kind, dim(1))
