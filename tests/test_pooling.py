"""Pools, unpools and windows beyond the drawn cases: corners, meanings, messages."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from agreement import Case, Operand, agree, number, ours, theirs
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.arguments import fits
from dlc.compiler.layers.record import Condition, Given, Mismatch
from dlc.compiler.tensor import Type
from drawn_pooling import DRAWN
from torch import nn

POOLS = [layer for layer in DRAWN if "ool" in layer and "unpool" not in layer.lower()]


def arguments(layer: str, **given: Any) -> dict[str, Any]:
    """What stands in the brackets of a layer and of its call, defaults filled in."""
    record = LAYERS[layer]
    return {p.name: p.default for p in (*record.parameters, *record.called_with)} | given


def said(case: Case) -> Mismatch:
    """Why a case is refused, which torch refuses as well."""
    wrong = ours(case)
    assert isinstance(wrong, Mismatch), wrong
    assert isinstance(theirs(case, DRAWN[case.layer]), Exception)
    return wrong


def smallest(layer: str) -> dict[str, Any]:
    """The least that must stand in the brackets of a pool."""
    if "daptive" in layer:
        return {"output_size": 2}
    given: dict[str, Any] = {"kernel_size": 2}
    if layer.lower().startswith("lp"):
        given["norm_type"] = 2
    return given | ({"output_size": 2} if "raction" in layer else {})


@pytest.mark.parametrize(
    ("layer", "given", "shape", "taken"),
    [
        ("MaxPool1d", {"kernel_size": 3, "stride": 2, "ceil_mode": True}, (2, 1, 2), True),
        ("MaxPool2d", {"kernel_size": 2, "stride": 3, "ceil_mode": True}, (2, 1, 4, 3), True),
        ("AvgPool2d", {"kernel_size": 1, "stride": 4, "ceil_mode": True}, (2, 1, 6, 5), True),
        (
            "AvgPool1d",
            {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
            (2, 1, 6),
            True,
        ),
        ("MaxPool2d", {"kernel_size": 3, "dilation": 2, "padding": 2}, (2, 1, 9, 9), False),
        ("MaxPool1d", {"kernel_size": 3, "dilation": 2, "padding": 2}, (2, 1, 9), False),
        ("MaxPool2d", {"kernel_size": 2, "padding": 2}, (2, 1, 9, 9), False),
        ("MaxPool2d", {"kernel_size": (4, 2), "padding": (2, 2)}, (2, 1, 9, 9), False),
        ("AdaptiveAvgPool2d", {"output_size": (None, 2)}, (2, 1, 4, 5), True),
        ("AdaptiveAvgPool2d", {"output_size": (2,)}, (2, 1, 4, 5), False),
        ("AdaptiveAvgPool2d", {"output_size": None}, (2, 1, 4, 5), False),
        ("AdaptiveMaxPool1d", {"output_size": None}, (2, 1, 4), False),
        ("AdaptiveMaxPool3d", {"output_size": (None, 2, None)}, (2, 1, 4, 5, 6), True),
        # Means in three dimensions want an axis as long as the window before padding, maxima not.
        ("AvgPool3d", {"kernel_size": 2, "padding": 1}, (2, 1, 1, 4, 4), False),
        ("LPPool3d", {"norm_type": 2, "kernel_size": 2}, (2, 1, 1, 4, 4), False),
        ("MaxPool3d", {"kernel_size": 2, "padding": 1}, (2, 1, 1, 4, 4), True),
        # So do fractional pools, by one.
        ("FractionalMaxPool2d", {"kernel_size": 2, "output_size": 3}, (2, 1, 4, 4), True),
        ("FractionalMaxPool3d", {"kernel_size": 2, "output_size": 3}, (2, 1, 4, 4, 4), False),
        ("FractionalMaxPool3d", {"kernel_size": 2, "output_size": 3}, (2, 1, 5, 5, 5), True),
        ("FractionalMaxPool2d", {"kernel_size": 1, "output_ratio": 0.7}, (2, 1, 10, 9), True),
        ("FractionalMaxPool2d", {"kernel_size": 1, "output_ratio": 0.25}, (2, 1, 3, 9), False),
        ("LPPool1d", {"norm_type": float("inf"), "kernel_size": 2}, (2, 1, 5), True),
        (
            "LPPool3d",
            {"norm_type": float("inf"), "kernel_size": 2, "ceil_mode": True},
            (2, 1, 1, 4, 4),
            True,
        ),
    ],
)
def test_a_corner_is_as_in_torch(
    layer: str, given: dict[str, Any], shape: tuple[int, ...], taken: bool
) -> None:
    assert agree(Case(layer, given, (Operand(shape),)), DRAWN[layer]) is taken


@pytest.mark.parametrize("layer", POOLS)
@pytest.mark.parametrize("dtype", ["u8", "i32", "i64", "bool"])
def test_pools_of_integers_are_refused_as_most_devices_do(layer: str, dtype: str) -> None:
    shape = (2, 3, 4, 4, 4)[: int(layer[-2]) + 2]
    found = ours(Case(layer, smallest(layer), (Operand(shape, dtype),)))
    assert isinstance(found, Mismatch)
    assert found.code == "D0202"


@pytest.mark.parametrize("layer", [layer for layer in POOLS if "ax" in layer])
def test_a_max_pool_gives_indices_beside_the_values_where_they_are_asked_for(layer: str) -> None:
    shape = (2, 3, 7, 7, 7)[: int(layer[-2]) + 2]
    given = {**smallest(layer), "return_indices": True}
    case = Case(layer, given, (Operand(shape),))
    assert agree(case, DRAWN[layer])
    found = ours(case)
    assert not isinstance(found, Mismatch)
    values, indices = found.types
    assert (values.dtype, indices.dtype) == ("f32", "i64")
    assert values.shape == indices.shape


def test_what_a_max_pool_gives_flows_into_an_unpool_as_in_torch() -> None:
    record = LAYERS["MaxPool2d"]
    x = Type("f32", tuple(map(dim, (2, 3, 9, 8))))
    pooled = record.gives((x,), arguments("MaxPool2d", kernel_size=2, return_indices=True))
    assert isinstance(pooled, tuple)
    unpool = LAYERS["MaxUnpool2d"]
    back = unpool.gives(pooled, arguments("MaxUnpool2d", kernel_size=2, output_size=(9, 8)))  # type: ignore[arg-type]
    assert isinstance(back, Type)
    values, indices = nn.MaxPool2d(2, return_indices=True)(torch.randn(2, 3, 9, 8))
    expected = nn.MaxUnpool2d(2)(values, indices, output_size=[9, 8])
    assert tuple(map(number, back.shape)) == tuple(expected.shape)


def test_an_output_size_that_was_never_pooled_is_told_the_range_that_torch_takes() -> None:
    x, places = Operand((2, 3, 4)), Operand((2, 3, 4), "i64", below=1)
    for size, good in ((6, False), (7, True), (9, True), (10, False)):
        case = Case("MaxUnpool1d", {"kernel_size": 2, "output_size": (size,)}, (x, places))
        if good:
            assert agree(case, DRAWN["MaxUnpool1d"])
        else:
            wrong = said(case)
            assert "7 … 9 can be" in wrong.why
            assert "(4 - 1)*2 + 2 - 2*0 = 8" in wrong.notes[0]


def test_indices_that_are_none_are_told_where_they_come_from() -> None:
    x = Operand((2, 3, 4, 4))
    wrong = said(Case("MaxUnpool2d", {"kernel_size": 2}, (x, x)))
    assert wrong.code == "D0202"
    assert wrong.write == "pooled, indices = x -> MaxPool2d(2, return_indices=True)"
    other = Operand((2, 3, 4, 5), "i64", below=1)
    wrong = said(Case("MaxUnpool2d", {"kernel_size": 2}, (x, other)))
    assert "axis 3 of the values is 4, and that of the indices 5" in wrong.why


MEANINGS = {
    "MaxPool1d": ("probabilities", "log_probabilities", "activations"),
    "AvgPool1d": ("probabilities", "log_probabilities", "activations"),
    "LPPool1d": ("", "", ""),
    "AdaptiveMaxPool1d": ("probabilities", "log_probabilities", "activations"),
    "MaxUnpool1d": ("probabilities", "", "activations"),
}


@pytest.mark.parametrize("layer", MEANINGS)
def test_numbers_keep_what_they_mean_where_a_pool_leaves_it(layer: str) -> None:
    kinds = ("probabilities", "log_probabilities", "activations")
    for meaning, kept in zip(kinds, MEANINGS[layer], strict=True):
        x = Type("f32", tuple(map(dim, (2, 3, 8))), meaning)
        flows = (x, Type("i64", x.shape)) if "Unpool" in layer else (x,)
        found = LAYERS[layer].gives(flows, arguments(layer, **smallest(layer)))
        assert isinstance(found, Type)
        assert found.meaning == kept
        assert found.spatial == 1


def test_a_norm_of_probabilities_may_exceed_one_and_an_unpool_of_them_may_not() -> None:
    x = torch.full((1, 1, 4), 0.9)
    assert F.lp_pool1d(x, 1, 2).max() > 1
    values, indices = F.max_pool1d(x, 2, return_indices=True)
    assert F.max_unpool1d(values, indices, 2).min() == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kernel_size": 2}, "here is neither"),
        ({"kernel_size": 2, "output_size": 2, "output_ratio": 0.5}, "here are both"),
        ({"kernel_size": 3, "output_size": 7}, "7 windows of 3 do not fit into 8"),
        ({"kernel_size": 1, "output_ratio": (0.5, 0.1)}, "0.1 of 8 leaves nothing"),
    ],
)
def test_a_fractional_pool_without_one_size_that_fits_says_so(
    given: dict[str, Any], why: str
) -> None:
    wrong = said(Case("FractionalMaxPool2d", given, (Operand((2, 3, 8, 8)),)))
    assert why in wrong.why
    assert wrong.write


@pytest.mark.parametrize(("rank", "most"), [(2, 6), (3, 5)])
def test_the_output_size_that_a_fractional_pool_proposes_is_the_largest(
    rank: int, most: int
) -> None:
    layer, x = f"FractionalMaxPool{rank}d", Operand((2, 3, *(8,) * rank))
    wrong = said(Case(layer, {"kernel_size": 3, "output_size": 7}, (x,)))
    assert wrong.write == f"output_size={most} at most"
    assert agree(Case(layer, {"kernel_size": 3, "output_size": most}, (x,)), DRAWN[layer])
    said(Case(layer, {"kernel_size": 3, "output_size": most + 1}, (x,)))


def test_a_share_of_an_open_size_is_exact_or_refused() -> None:
    x = Type("f32", (name("N"), dim(3), name("H"), name("H")))
    record = LAYERS["FractionalMaxPool2d"]
    given = arguments("FractionalMaxPool2d", kernel_size=2, output_ratio=0.75)
    found = record.gives((x,), given)
    assert isinstance(found, Type)
    for high in (3, 4, 5, 9, 10):
        expected = nn.FractionalMaxPool2d(2, output_ratio=0.75)(torch.randn(1, 3, high, high))
        assert found.shape[2].evaluate({"H": high}) == expected.shape[2]
    assert isinstance(record.gives((x,), {**given, "output_ratio": 0.7}), Mismatch)


@pytest.mark.parametrize(
    ("shape", "given", "why"),
    [
        ((2, 9, 5), {"kernel_size": 2, "output_size": 4}, "no multiple of a window's 2*2 = 4"),
        ((2, 8, 5), {"kernel_size": 2, "output_size": 4}, "4 x 4 has 9 windows, and axis 2 has 5"),
        ((2, 8, 9), {"kernel_size": 2, "output_size": 1}, "a window of 2 does not fit into 1"),
        ((2, 8, 9, 1), {"kernel_size": 2, "output_size": 4}, "as unfold gives it"),
    ],
)
def test_columns_that_are_no_image_say_why(
    shape: tuple[int, ...], given: dict[str, Any], why: str
) -> None:
    assert why in said(Case("Fold", given, (Operand(shape),))).why


def test_unfold_and_fold_with_open_sizes_undo_each_other() -> None:
    x = Type("f32", (name("N"), dim(3), name("H"), name("W")))
    columns = LAYERS["unfold"].gives((x,), arguments("unfold", kernel_size=3))
    assert isinstance(columns, Given)
    assert isinstance(columns.type, Type)
    # Two axes without a window would make a positive number of places.
    assert Condition(name("H") - 2, ">=", dim(1)) in columns.conditions
    given = arguments("fold", kernel_size=3, output_size=(name("H"), name("W")))
    back = LAYERS["fold"].gives((columns.type,), given)
    assert isinstance(back, Given)
    assert isinstance(back.type, Type)
    assert back.type.shape == x.shape
    batch = columns.type.shaped(dim(1), dim(27), name("N"))
    fixed = arguments("fold", kernel_size=3, output_size=(5, 5))
    assert isinstance(LAYERS["fold"].gives((batch,), fixed), Mismatch)


@pytest.mark.parametrize(
    ("layer", "given", "shapes", "expected"),
    [
        ("MaxPool3d", {"kernel_size": 2}, [(1, 8, 4, 4, 4)], 8 * 8 * 8),
        # A power of each number, sums over windows, a root of each result.
        ("LPPool2d", {"norm_type": 2, "kernel_size": 2}, [(1, 2, 4, 4)], 32 + 8 * 4 + 8),
        ("AdaptiveMaxPool3d", {"output_size": 1}, [(1, 2, 4, 4, 4)], 128),
        ("FractionalMaxPool2d", {"kernel_size": 3, "output_size": 2}, [(1, 2, 6, 6)], 8 * 9),
        ("MaxUnpool1d", {"kernel_size": 2}, [(1, 2, 4), (1, 2, 4)], 8),
        ("Unfold", {"kernel_size": 2}, [(1, 2, 4, 4)], 0),
        ("Fold", {"kernel_size": 2, "output_size": 4}, [(1, 8, 9)], 72),
    ],
)
def test_operations_are_those_of_a_count_by_hand(
    layer: str, given: dict[str, Any], shapes: list[tuple[int, ...]], expected: int
) -> None:
    dtypes = ("f32", "i64")
    case = Case(layer, given, tuple(map(Operand, shapes, dtypes)))
    found = ours(case)
    assert not isinstance(found, Mismatch)
    assert found.flops == expected


def test_kinds_of_sizes_take_what_torch_takes() -> None:
    assert fits("output3", (None, 2, None))
    assert not fits("output3", (2, 2))
    assert fits("extent", (4, name("H")))
    assert not fits("extent", 4)
    assert not fits("extent", (4, 0))
    for kind in ("ratio2", "ratios2", "ratio3", "ratios3"):
        rank = int(kind[-1])
        assert fits(kind, (0.5,) * rank)
        assert not fits(kind, (0.5,) * (rank + 1))
        assert not fits(kind, (0.5,) * (rank - 1) + (1.0,))
        assert not fits(kind, 1.0)
        assert fits(kind, 0.5) is (kind == f"ratio{rank}")


@pytest.mark.parametrize("layer", ["lp_pool1d", "LPPool2d"])
def test_a_norm_has_a_power_above_zero(layer: str) -> None:
    kind = {p.name: p.kind for p in LAYERS[layer].parameters}["norm_type"]
    assert fits(kind, 0.5)
    assert not fits(kind, 0)
    assert not fits(kind, -2.0)
    with pytest.raises(ZeroDivisionError):
        F.lp_pool1d(torch.randn(1, 1, 4), 0, 2)
