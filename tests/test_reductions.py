"""Reductions and running functions: what is left, what it means, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from applied import applied, operations, refused, typed
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.cumulative import CUMULATIVES
from dlc.compiler.layers.record import Condition
from dlc.compiler.layers.reduction import BOUNDED, REDUCTIONS

N, H, W = name("N"), name("H"), name("W")
PROBABILITIES = typed("f32", N, 10, meaning="probabilities")
IMAGE = typed("f32", N, 3, H, W, spatial=2)
WITH_PLACES = ("max", "min", "median", "nanmedian")


def needed(layer: str) -> dict[str, Any]:
    """What a reduction cannot do without."""
    return {"q": 0.5} if "quantile" in layer else {}


def first(found: Any) -> Any:
    return found[0] if isinstance(found, tuple) else found


@pytest.mark.parametrize("layer", [record.name for record in REDUCTIONS])
def test_without_axes_everything_becomes_a_scalar(layer: str) -> None:
    assert first(applied(layer, IMAGE, **needed(layer))).shape == ()


@pytest.mark.parametrize("layer", [record.name for record in REDUCTIONS])
def test_an_open_axis_goes_like_any_other_and_so_does_the_batch(layer: str) -> None:
    for axis, left in ((-1, (N, dim(3), H)), (0, (dim(3), H, W))):
        assert first(applied(layer, IMAGE, dim=axis, **needed(layer))).shape == left


@pytest.mark.parametrize("layer", ["mean", "sum", "amax", "any", "var", "std_mean", "nanmean"])
def test_several_axes_go_at_once_or_stay_as_1(layer: str) -> None:
    assert first(applied(layer, IMAGE, dim=(2, 3))).shape == (N, dim(3))
    kept = first(applied(layer, IMAGE, dim=(-1, 2), keepdim=True))
    assert kept.shape == (N, dim(3), dim(1), dim(1))


@pytest.mark.parametrize("layer", ["prod", "max", "median", "aminmax", "quantile"])
def test_where_torch_takes_one_axis_a_list_of_them_is_no_axis(layer: str) -> None:
    kinds = {each.name: each.kind for each in LAYERS[layer].parameters}
    assert not fits(kinds["dim"], (2, 3))
    assert fits(kinds["dim"], None)


@pytest.mark.parametrize("layer", WITH_PLACES)
def test_with_an_axis_there_are_values_and_their_places_as_in_torch(layer: str) -> None:
    values, indices = applied(layer, typed("f64", 2, 3), dim=1)
    theirs = getattr(torch, layer)(torch.ones(2, 3, dtype=torch.float64), 1)
    assert LAYERS[layer].results == "values, indices"
    assert theirs.values.dtype == torch.float64
    assert (values, indices) == (typed("f64", 2), typed("i64", 2, classes=3))
    assert int(theirs.indices.max()) < 3
    assert str(applied(layer, typed("f64", 2, 3))) == "f64"


def test_places_along_an_open_axis_have_no_range() -> None:
    _, indices = applied("max", IMAGE, dim=-1)
    assert indices == typed("i64", N, 3, H)
    _, indices = applied("cummax", IMAGE, dim=1)
    assert indices == typed("i64", N, 3, H, W, classes=3)
    _, indices = applied("min", typed("f32"), dim=0)
    assert indices.classes == 1


@pytest.mark.parametrize("layer", BOUNDED)
def test_what_lies_between_probabilities_is_one(layer: str) -> None:
    values = first(applied(layer, PROBABILITIES, dim=0))
    assert values.meaning == "probabilities"
    for meaning in ("log_probabilities", "activations", ""):
        other = typed("f32", N, 10, meaning=meaning)
        assert first(applied(layer, other, dim=0)).meaning == ""
    # Shares of 1 taken over an axis: a value between the smallest and the largest of them.
    theirs = getattr(torch, layer)(torch.rand(20, 10).softmax(1), dim=0)
    theirs = theirs if isinstance(theirs, torch.Tensor) else theirs[0]
    assert 0 <= float(theirs.min()) <= float(theirs.max()) <= 1


@pytest.mark.parametrize("layer", ["sum", "prod", "nansum", "std", "var", "cumsum", "cumprod"])
def test_sums_products_and_spreads_of_probabilities_are_plain_values(layer: str) -> None:
    assert first(applied(layer, PROBABILITIES, dim=-1)).meaning == ""


@pytest.mark.parametrize("layer", ["amax", "amin", "max", "min", "median", "cummax"])
def test_a_value_chosen_among_indices_is_one_of_them(layer: str) -> None:
    tokens = typed("i64", N, 5, tokens=1000)
    assert first(applied(layer, tokens, dim=1)).tokens == 1000
    labels = typed("i64", N, 5, classes=2, labels=("cats", "dogs"))
    assert first(applied(layer, labels, dim=1)).labels == ("cats", "dogs")


def test_a_sum_of_indices_is_no_index() -> None:
    assert applied("sum", typed("i64", N, 5, tokens=1000), dim=1) == typed("i64", N)
    assert applied("count_nonzero", typed("i64", N, 5, tokens=1000), dim=1) == typed("i64", N)


def test_a_feature_map_without_its_axes_is_none() -> None:
    assert applied("mean", IMAGE, dim=(2, 3)).spatial == 0
    assert applied("amax", IMAGE, dim=(2, 3)).spatial == 0
    assert applied("cumsum", IMAGE, dim=1).spatial == 2


def test_an_empty_list_of_axes_is_all_of_them_but_none_for_truths() -> None:
    x = typed("f32", 2, 3)
    assert applied("sum", x, dim=()) == typed("f32")
    assert applied("any", x, dim=()) == typed("bool", 2, 3)
    assert torch.any(torch.ones(2, 3), dim=()).shape == (2, 3)


@pytest.mark.parametrize("layer", ["sum", "mean", "prod", "max", "min", "median", "nanmedian"])
def test_keepdim_alone_is_refused_where_torch_has_it_with_dim_only(layer: str) -> None:
    why = refused(layer, typed("f32", 2, 3), keepdim=True)
    assert why.why == "keepdim keeps the axes that dim names"
    with pytest.raises(TypeError):
        getattr(torch, layer)(torch.ones(2, 3), keepdim=True)


def test_the_variance_of_too_few_values_is_refused_where_it_is_known() -> None:
    why = refused("var", typed("f32", N, 1), dim=1)
    assert why.why == "var divides by the number of values less 1, and there are 1"
    assert why.write == "correction=0, or an axis of more values"
    assert applied("var", typed("f32", N, 1), dim=1, correction=0) == typed("f32", N)
    assert refused("std", typed("f32", 2, 2), correction=4)
    assert applied("std", typed("f32", 2, 2), correction=3.5) == typed("f32")
    assert applied("std", typed("f32", N, 1), dim=0) == typed("f32", 1)
    with pytest.warns(UserWarning, match="degrees of freedom"):
        assert not torch.ones(5, 1).var(1).isfinite().any()


def test_means_of_whole_numbers_are_refused_with_a_way_out() -> None:
    assert "mean takes floats" in refused("mean", typed("i64", N, 5)).why
    assert refused("mean", typed("i64", N, 5)).code == "D0202"
    assert "to(f32)" in refused("median", typed("bool", N, 5)).write
    assert "f32 or f64" in refused("quantile", typed("f16", N, 5), q=0.5).why


def test_an_axis_that_is_not_there_is_named() -> None:
    for record in (*REDUCTIONS, *CUMULATIVES):
        why = refused(record.name, typed("f32", N, 5), dim=2, **needed(record.name))
        assert why.why == "f32[N, 5] has no axis 2: its axes are 0 … 1"
    assert "named twice" in refused("sum", typed("f32", N, 5), dim=(1, -1)).why


def test_differences_are_one_fewer_each_time() -> None:
    signal = typed("f32", N, 4, 100)
    assert applied("diff", signal) == typed("f32", N, 4, 99)
    assert applied("diff", signal, n=2, dim=1) == typed("f32", N, 2, 100)
    assert applied("diff", IMAGE) == typed("f32", N, 3, H, W - 1)
    ends = typed("f32", N, 4, 1)
    assert applied("diff", signal, prepend=ends, append=ends) == typed("f32", N, 4, 101)


def test_what_is_put_before_has_the_same_other_sizes() -> None:
    signal = typed("f32", N, 4, 100)
    why = refused("diff", signal, prepend=typed("f32", N, 5, 1))
    assert why.why == "axis 1 is 4 and 5, and should be equal"
    assert "3 axes" in refused("diff", signal, append=typed("f32", N, 4)).why
    assert refused("diff", signal, append=typed("f32", H, 4, 1))


def test_a_size_that_only_data_tells_is_compared_when_it_arrives() -> None:
    record = LAYERS["diff"]
    arguments = {"n": 1, "dim": -1, "prepend": typed("f32", N, 4, 1), "append": None}
    found: Any = record.gives((typed("f32", N, H, 100),), arguments)
    assert found.type == typed("f32", N, H, 100)
    assert found.conditions == (Condition(H, "==", dim(4)),)


def test_no_difference_is_taken_between_records() -> None:
    assert "batch" in refused("diff", typed("f32", N, 4), dim=0).why
    assert "no neighbours" in refused("diff", typed("f32")).why


@pytest.mark.parametrize(
    ("layer", "given", "expected"),
    [
        ("sum", {}, 12),
        ("mean", {"dim": 1}, 12),
        ("var", {"dim": 1}, 4 * 12),
        ("std_mean", {}, 4 * 12),
        ("aminmax", {}, 2 * 12),
        ("cumsum", {"dim": 1}, 12),
        ("logcumsumexp", {"dim": 1}, 9 * 12),
        ("diff", {}, 3 * 3),
        ("diff", {"n": 2}, 2 * 3 * 2),
    ],
)
def test_operations_are_those_of_a_count_by_hand(
    layer: str, given: dict[str, Any], expected: int
) -> None:
    assert operations(layer, typed("f32", 3, 4), **given) == expected
