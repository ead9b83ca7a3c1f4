"""Layers beyond what is drawn: settings without a meaning, the batch, sizes with names."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from agreement import Case, Operand, ours, theirs
from answers import answered, holds
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.record import Mismatch
from dlc.compiler.tensor import Type
from hypothesis import given, settings
from hypothesis import strategies as st
from test_agreement import DRAWN
from torch import nn

QUICK = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    "case",
    [
        Case("CELU", {"alpha": -1.0}, (Operand((2, 3)),)),
        Case("Softplus", {"beta": 0.0}, (Operand((2, 3)),)),
        Case("BatchNorm1d", {"momentum": 1.5}, (Operand((2, 3)),)),
        # Positional, as torch's num_features: it would silently be another setting here.
        Case("BatchNorm2d", {"eps": 32}, (Operand((2, 3, 4, 4)),)),
        Case("mean", {"dim": None, "keepdim": True}, (Operand((2, 3)),)),
    ],
    ids=str,
)
def test_a_setting_without_a_meaning_is_refused_though_torch_takes_it(case: Case) -> None:
    assert isinstance(ours(case), Mismatch)
    assert not isinstance(theirs(case, DRAWN[case.layer]), Exception)


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("pad", [None, *range(-6, 7)])
def test_an_embedding_is_as_in_torch(rows: int, pad: int | None) -> None:
    indices = Type("i64", (dim(2), dim(3)), tokens=rows)
    answer = answered(LAYERS["Embedding"], {"embedding_dim": 4, "padding_idx": pad}, indices)
    try:
        built = nn.Embedding(rows, 4, padding_idx=pad)
    except AssertionError:
        assert isinstance(answer, Mismatch)
        return
    assert not isinstance(answer, Mismatch)
    assert answer.type.shape == tuple(built(torch.zeros(2, 3, dtype=torch.int64)).shape)
    assert answer.weights == {"weight": tuple(built.weight.shape)}


def test_an_embedding_has_the_stated_rows_where_these_are_enough() -> None:
    record = LAYERS["Embedding"]
    plain, bounded = Type("i64", (dim(2),)), Type("i64", (dim(2),), tokens=10)
    assert isinstance(answered(record, {"embedding_dim": 4}, plain), Mismatch)
    few = {"embedding_dim": 4, "num_embeddings": dim(9)}
    assert isinstance(answered(record, few, bounded), Mismatch)
    more = answered(record, {"embedding_dim": 4, "num_embeddings": 12}, bounded)
    assert not isinstance(more, Mismatch)
    assert more.weights == {"weight": (12, 4)}
    for dtype in ("f32", "u8", "bool"):
        wrong = answered(record, {"embedding_dim": 4, "num_embeddings": 9}, Type(dtype, (dim(2),)))
        assert isinstance(wrong, Mismatch)


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
    shape = tuple(words[each] if isinstance(each, str) else each for each in asked)
    x = Type("f32", (n, dim(4), h, w))
    answer = answered(LAYERS["reshape"], {"shape": shape}, x)
    batch_written = any("N" in str(each) for each in asked)
    if asked.count(-1) > 1 or (not batch_written and asked[0] != -1):
        assert isinstance(answer, Mismatch)
        return
    plain = [dim(size).evaluate(values) for size in shape]
    if not batch_written:
        # A -1 where the batch stands is the batch alone.
        plain[0] = values["N"]
    try:
        found = torch.zeros(values["N"], 4, values["H"], values["W"]).reshape(plain)
    except RuntimeError as error:
        assert isinstance(answer, Mismatch) or not met(answer.type, answer.conditions, values), (
            error
        )
        return
    assert not isinstance(answer, Mismatch), f"{answer.why}, and torch gives {found.shape}"
    assert met(answer.type, answer.conditions, values)
    assert tuple(each.evaluate(values) for each in answer.type.shape) == tuple(found.shape)


def met(given: Type, conditions: Any, values: dict[str, int]) -> bool:
    """Whether a type with conditions is one for these values."""
    sizes = [each.evaluate(values) for each in given.shape]
    return all(holds(condition, values) for condition in conditions) and min(sizes) >= 1


@pytest.mark.parametrize(
    ("layer", "stated"),
    [
        ("flatten", {}),
        ("flatten", {"start_dim": 0, "end_dim": 1}),
        ("reshape", {"shape": (4, -1)}),
        ("reshape", {"shape": (-1,)}),
        ("softmax", {"dim": 0}),
        ("LogSoftmax", {"dim": -2}),
    ],
)
def test_the_batch_stays_what_it_is(layer: str, stated: dict[str, Any]) -> None:
    x = Type("f32", (name("N"), dim(12)))
    assert isinstance(answered(LAYERS[layer], stated, x), Mismatch)


def test_linear_on_a_feature_map_asks_for_flatten_and_permute_clears_it() -> None:
    image = Type("f32", (name("N"), dim(1), dim(8), dim(8)))
    features = answered(LAYERS["Conv2d"], {"out_channels": 4, "kernel_size": 3}, image)
    assert not isinstance(features, Mismatch)
    wide = {"out_features": 10}
    assert isinstance(answered(LAYERS["Linear"], wide, features.type), Mismatch)
    for layer, stated in (("flatten", {"start_dim": 1}), ("permute", {"dims": (0, 2, 3, 1)})):
        after = answered(LAYERS[layer], stated, features.type)
        assert not isinstance(after, Mismatch)
        assert not isinstance(answered(LAYERS["Linear"], wide, after.type), Mismatch)


@pytest.mark.parametrize("layer", ["mean", "sum", "softmax", "flatten", "permute"])
def test_an_axis_is_a_number_known_at_compile_time(layer: str) -> None:
    parameter = LAYERS[layer].parameters[0]
    assert not fits(parameter.kind, name("H"))
    assert not fits(parameter.kind, True)
    assert fits(parameter.kind, dim(1))
