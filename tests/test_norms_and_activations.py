"""What norms, dropout, activations and distances mean: beyond the types that torch tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from agreement import Answer, Case, Operand, ours
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.activation import ACTIVATIONS
from dlc.compiler.layers.distance import DISTANCES
from dlc.compiler.layers.dropout import DROPOUTS
from dlc.compiler.layers.gate import GATES
from dlc.compiler.layers.layer_norm import LAYER_NORMS
from dlc.compiler.layers.normalization import NORMALIZATIONS
from dlc.compiler.layers.record import REQUIRED, Condition, Given, Mismatch
from dlc.compiler.layers.softmax import SOFTMAXES
from dlc.compiler.tensor import Type
from torch import nn
from torch.nn import functional

MAP = Type("f32", (name("N"), dim(6), dim(8), dim(8)), spatial=2)
ROW = Type("f32", (name("N"), dim(6)))


def gives(layer: str, x: Type | tuple[Type, ...], **given: Any) -> Any:
    """What a record makes of values, its defaults filled in."""
    record = LAYERS[layer]
    arguments: dict[str, Any] = {p.name: p.default for p in record.parameters}
    arguments |= dict.fromkeys(record.infers)
    arguments |= given
    assert REQUIRED not in arguments.values(), arguments
    return record.gives(x if isinstance(x, tuple) else (x,), arguments)


def refused(found: Any) -> Mismatch:
    assert isinstance(found, Mismatch), found
    return found


def under_conditions(found: Any) -> tuple[Condition, ...]:
    assert isinstance(found, Given), found
    return found.conditions


@pytest.mark.parametrize(
    ("layer", "meaning"),
    [
        *((each, "probabilities") for each in ("Sigmoid", "hardsigmoid")),
        ("LogSigmoid", "log_probabilities"),
        *((each, "activations") for each in ("relu", "Hardtanh", "Tanhshrink", "softshrink")),
        *((each, "activations") for each in ("RReLU", "PReLU", "GLU", "glu", "rrelu")),
        *((each, "") for each in ("LayerNorm", "RMSNorm", "BatchNorm1d", "normalize")),
    ],
)
def test_a_result_means_what_the_layer_makes_of_it(layer: str, meaning: str) -> None:
    assert gives(layer, replace(ROW, meaning="log_probabilities")).meaning == meaning


@pytest.mark.parametrize("layer", ["Softmax", "softmax", "Softmin", "softmin", "gumbel_softmax"])
def test_shares_are_probabilities_and_their_logarithms_log_probabilities(layer: str) -> None:
    assert gives(layer, ROW, dim=-1).meaning == "probabilities"
    assert gives("log_softmax", ROW, dim=-1).meaning == "log_probabilities"
    assert gives("Softmax2d", MAP).meaning == "probabilities"


@pytest.mark.parametrize(
    "layer", ["Softmax", "Softmin", "softmin", "gumbel_softmax", "normalize", "GLU"]
)
def test_records_of_a_batch_are_never_weighed_against_each_other(layer: str) -> None:
    assert "batch" in refused(gives(layer, ROW, dim=0)).why


@pytest.mark.parametrize("record", DROPOUTS, ids=lambda record: record.name)
def test_what_is_dropped_means_what_it_meant(record: Any) -> None:
    rank = int(record.name[-2]) if record.name.endswith("d") else 2
    x = Type("f32", (name("N"), dim(6), *(dim(8),) * rank), "probabilities", spatial=rank)
    assert gives(record.name, x) == x


@pytest.mark.parametrize("record", DROPOUTS, ids=lambda record: record.name)
def test_a_function_of_dropout_is_told_the_mode_and_a_layer_has_it(record: Any) -> None:
    assert record.mode == ("" if record.is_layer else "training")
    assert bool(record.stem) is record.is_layer


@pytest.mark.parametrize("layer", ["LayerNorm", "RMSNorm", "layer_norm", "rms_norm"])
def test_a_norm_of_the_last_axis_of_a_feature_map_asks_for_permute(layer: str) -> None:
    stated = {"normalized_shape": (dim(8),)} if layer.islower() else {}
    assert refused(gives(layer, MAP, **stated)).write == "-> permute(0, 2, 3, 1) before it"
    whole = gives(layer, MAP, normalized_shape=(dim(6), dim(8), dim(8)))
    assert whole == MAP
    if not layer.islower():
        single = gives(layer, MAP, normalized_shape=dim(8))
        assert "width of a feature map" in refused(single).why


@pytest.mark.parametrize("layer", ["LayerNorm", "RMSNorm"])
def test_stated_axes_have_weights_of_their_shape(layer: str) -> None:
    given = {"normalized_shape": (6, 8, 8)}
    found = ours(Case(layer, given, (Operand((2, 6, 8, 8)),)))
    assert isinstance(found, Answer)
    built = getattr(nn, layer)((6, 8, 8))
    shapes = {key: tuple(value.shape) for key, value in built.named_parameters()}
    assert {k: tuple(each.value for each in v) for k, v in found.weights.items()} == shapes
    wrong = ours(Case(layer, {"normalized_shape": (3, 8)}, (Operand((2, 6, 8, 8)),)))
    assert refused(wrong).write == "normalized_shape=[8, 8]"


def test_an_open_size_meets_a_number_under_a_condition_and_never_another_name() -> None:
    x = Type("f32", (name("N"), name("T"), name("D")))
    (condition,) = under_conditions(gives("layer_norm", x, normalized_shape=(dim(64),)))
    assert condition == Condition(name("D"), "==", dim(64))
    weight = Type("f32", (name("T"),))
    refused(gives("layer_norm", x, normalized_shape=(name("D"),), weight=weight))


@pytest.mark.parametrize("layer", ["LayerNorm", "RMSNorm", "rms_norm"])
def test_a_norm_of_the_last_axes_works_on_each_record_alone(layer: str) -> None:
    for x in (ROW, ROW.shaped(name("N"))):
        assert "batch" in refused(gives(layer, x, normalized_shape=x.shape)).why


def test_open_places_are_a_condition_where_a_record_alone_is_normalised() -> None:
    x = Type("f32", (name("N"), dim(6), name("L")))
    (condition,) = under_conditions(gives("InstanceNorm1d", x))
    assert condition == Condition(name("L"), ">", dim(1))
    # With running statistics, records of one place are fine in evaluation.
    assert isinstance(gives("InstanceNorm1d", x, track_running_stats=True), Type)
    (even,) = under_conditions(gives("glu", x))
    assert even == Condition(name("L") % 2, "==", dim(0))
    (groups,) = under_conditions(gives("group_norm", x.shaped(name("N"), name("C")), num_groups=4))
    assert groups == Condition(name("C") % 4, "==", dim(0))


@pytest.mark.parametrize(
    ("layer", "given", "statistics"),
    [
        ("batch_norm", {"training": True}, "running_mean"),
        ("instance_norm", {}, "running_var"),
    ],
)
def test_statistics_that_flow_in_are_never_changed(
    layer: str, given: Mapping[str, Any], statistics: str
) -> None:
    x, row = Type("f32", (name("N"), dim(6), dim(8))), Type("f32", (dim(6),))
    without = {"running_mean": None, "running_var": None}
    assert isinstance(gives(layer, x, **{**without, **given}), Type)
    found = refused(gives(layer, x, **{**without, **given, statistics: row}))
    assert "changed where they stand" in found.why
    # torch does change them: the layer is for that.
    known = torch.zeros(6), torch.ones(6)
    getattr(functional, layer)(torch.randn(4, 6, 8), *known, **given)
    assert known[0].any()


@pytest.mark.parametrize(
    ("layer", "shape", "given"),
    [
        ("GroupNorm", (6,), {"num_groups": 6}),
        ("LayerNorm", (6, 1), {}),
        ("layer_norm", (6, 1, 1), {"normalized_shape": (dim(1), dim(1))}),
    ],
)
def test_a_norm_that_is_always_0_is_refused_and_torch_gives_0(
    layer: str, shape: tuple[int, ...], given: dict[str, Any]
) -> None:
    x = Type("f32", (name("N"), *map(dim, shape)))
    assert "always give 0" in refused(gives(layer, x, **given)).why
    tensor = torch.randn(4, *shape)
    made = {
        "GroupNorm": lambda: nn.GroupNorm(6, 6)(tensor),
        "LayerNorm": lambda: nn.LayerNorm(1)(tensor),
        "layer_norm": lambda: functional.layer_norm(tensor, (1, 1)),
    }[layer]()
    torch.testing.assert_close(made, torch.zeros_like(tensor), atol=1e-3, rtol=0)


def test_a_norm_of_one_value_keeps_its_sign_alone() -> None:
    x = Type("f32", (name("N"), dim(1)))
    assert "its sign" in refused(gives("RMSNorm", x)).why
    tensor = torch.tensor([[-3.0], [-0.5], [0.5], [3.0]])
    torch.testing.assert_close(nn.RMSNorm(1)(tensor), tensor.sign(), atol=1e-4, rtol=0)


def test_channels_are_counted_in_the_advice() -> None:
    assert refused(gives("GroupNorm", ROW, num_groups=4)).write == "num_groups=2"
    assert "num_parameters=6" in refused(gives("PReLU", ROW, num_parameters=3)).write
    odd = Type("f32", (name("N"), dim(5)))
    assert "10" in refused(gives("GLU", odd)).write
    volume = Type("f32", (name("N"), dim(6), dim(8), dim(8), dim(8)))
    assert refused(gives("BatchNorm2d", volume)).write == "BatchNorm3d()"
    assert refused(gives("BatchNorm3d", MAP)).write == "BatchNorm2d()"


@pytest.mark.parametrize("layer", ["BatchNorm1d", "LayerNorm", "GroupNorm", "InstanceNorm1d"])
def test_f64_goes_with_norms_that_hold_no_weights(layer: str) -> None:
    x = Type("f64", (name("N"), dim(6), dim(8)))
    groups = {"num_groups": 2} if layer == "GroupNorm" else {}
    weights = {"elementwise_affine" if layer == "LayerNorm" else "affine": True}
    assert refused(gives(layer, x, **groups, **weights)).code == "D0202"
    weights = dict.fromkeys(weights, False)
    statistics = {"track_running_stats": False} if layer == "BatchNorm1d" else {}
    assert gives(layer, x, **groups, **weights, **statistics) == x


def test_both_sides_of_a_distance_have_their_shapes_together() -> None:
    rows, others = Type("f32", (name("N"), dim(4))), Type("f32", (dim(9), dim(4)))
    assert gives("cdist", (rows, others)).shape == (name("N"), dim(9))
    assert gives("PairwiseDistance", (rows, rows)).shape == (name("N"),)
    assert gives("cosine_similarity", (rows, rows), dim=1).shape == (name("N"),)
    assert gives("pairwise_distance", (rows, rows), keepdim=True).shape == (name("N"), dim(1))
    column, row = rows.shaped(name("N"), dim(1), dim(4)), others.shaped(dim(1), dim(9), dim(4))
    assert "both sides would grow" in refused(gives("pairwise_distance", (column, row))).why
    refused(gives("pairwise_distance", (rows, rows.shaped(name("M"), dim(4)))))
    refused(gives("cdist", (rows, others.shaped(dim(9), dim(5)))))


def test_distances_cost_so_many_operations() -> None:
    x, y = Operand((3, 4)), Operand((5, 4))
    costs = {
        # Subtract, power, sum for each of 4 numbers of 15 pairs, then a root.
        ("cdist", (x, y)): 15 * (3 * 4 + 1),
        # Subtract, eps, power, sum of 12 numbers, then 3 roots.
        ("pairwise_distance", (x, x)): 12 * 4 + 3,
        # Three inner products of 12 multiply-adds, then 4 for each of 3 quotients.
        ("cosine_similarity", (x, x)): 12 * 6 + 3 * 4,
    }
    for (layer, inputs), expected in costs.items():
        found = ours(Case(layer, {}, inputs))
        assert isinstance(found, Answer)
        assert found.flops == expected


@pytest.mark.parametrize("layer", ["relu", "hardtanh", "pairwise_distance", "logsumexp", "dropout"])
def test_indices_are_no_numbers_to_compute_with(layer: str) -> None:
    tokens = Type("i64", (name("N"), dim(6)), tokens=100)
    given = {"dim": 1} if layer == "logsumexp" else {}
    inputs = (tokens,) * len(LAYERS[layer].inputs)
    found = refused(gives(layer, inputs, **given))
    assert found.code == "D0202"
    assert "Embedding" in found.write


@pytest.mark.parametrize(
    ("layer", "given", "why"),
    [
        ("Hardtanh", {"min_val": 1.0, "max_val": -1.0}, "min_val=1.0 is above max_val=-1.0"),
        ("Hardtanh", {"min_val": 1.0, "max_val": 1.0}, "not below"),
        ("RReLU", {"lower": 0.5, "upper": 0.1}, "lower=0.5 is above upper=0.1"),
        ("softshrink", {"lambd": float("inf")}, "nothing would be left"),
        ("LocalResponseNorm", {"size": 2}, "[N, C, L] or more axes"),
    ],
)
def test_a_setting_without_a_result_is_refused_with_its_numbers(
    layer: str, given: dict[str, Any], why: str
) -> None:
    assert why in refused(gives(layer, ROW, **given)).why


FAMILIES = (
    *NORMALIZATIONS,
    *LAYER_NORMS,
    *DROPOUTS,
    *ACTIVATIONS,
    *GATES,
    *SOFTMAXES,
    *DISTANCES,
)


def test_every_layer_of_torch_s_families_is_there() -> None:
    families = {
        *torch.nn.modules.activation.__all__,
        *torch.nn.modules.batchnorm.__all__,
        *torch.nn.modules.instancenorm.__all__,
        *torch.nn.modules.normalization.__all__,
        *torch.nn.modules.dropout.__all__,
        *torch.nn.modules.distance.__all__,
    }
    gone = {"MultiheadAttention", "SyncBatchNorm", "CrossMapLRN2d"}
    wanted = {each for each in families if not each.startswith("Lazy")} - gone
    assert wanted <= {record.name for record in FAMILIES}


@pytest.mark.parametrize("record", FAMILIES, ids=lambda record: record.name)
def test_a_layer_has_a_function_of_the_same_arguments_or_none(record: Any) -> None:
    """Layers are as their functions, where torch has both: `HardTanh` and `hardtanh`."""
    if not record.is_layer:
        return
    twin = re.sub(r"[^a-z0-9]", "", record.name.lower())
    for other in FAMILIES:
        same = other.name.replace("_", "") == twin and not other.is_layer
        if same and record.code == other.code:
            assert record.signature == other.signature
            assert record.summary == other.summary
