"""Convolutions beyond the drawn cases: corners, operations, and what their messages teach."""

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
from drawn_convolution import DRAWN
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def said(layer: str, given: dict[str, Any], *shape: int | str, dtype: str = "f32") -> Mismatch:
    """Why a layer is refused after a value of this shape; texts are open sizes."""
    record = LAYERS[layer]
    arguments = {p.name: p.default for p in (*record.parameters, *record.called_with)}
    sizes = tuple(dim(size) if isinstance(size, int) else name(size) for size in shape)
    found = record.gives((Type(dtype, sizes),), arguments | given)
    assert isinstance(found, Mismatch), found
    return found


@pytest.mark.parametrize(
    ("layer", "given", "shape", "taken"),
    [
        ("Conv2d", {"padding": "same"}, (2, 3, 4, 4), True),
        ("Conv1d", {"padding": "same", "stride": 2}, (2, 3, 4), False),
        (
            "Conv1d",
            {"kernel_size": 4, "padding": "same", "padding_mode": "reflect"},
            (2, 3, 2),
            False,
        ),
        (
            "Conv1d",
            {"kernel_size": 1, "padding": 4, "padding_mode": "circular"},
            (2, 3, 4),
            True,
        ),
        ("Conv3d", {"padding": "same", "dilation": (1, 2, 3)}, (2, 3, 4, 5, 6), True),
        ("Conv3d", {"padding": 1, "padding_mode": "reflect"}, (2, 3, 1, 5, 6), False),
        ("ConvTranspose1d", {"output_size": (2, 7, 9), "stride": 2}, (2, 3, 4), True),
        ("ConvTranspose1d", {"output_size": (9,), "stride": 2}, (2, 3, 4), True),
        ("ConvTranspose1d", {"output_size": (10,), "stride": 2}, (2, 3, 4), False),
        ("ConvTranspose1d", {"output_size": (7,), "stride": 2}, (2, 3, 4), False),
        ("ConvTranspose1d", {"output_size": (8, 8), "stride": 2}, (2, 3, 4), False),
        ("ConvTranspose2d", {"output_size": (8, 9), "stride": 2}, (2, 3, 4, 4), True),
    ],
)
def test_a_corner_is_as_in_torch(
    layer: str, given: dict[str, Any], shape: tuple[int, ...], taken: bool
) -> None:
    stated = {"out_channels": 2, "kernel_size": 2, **given}
    assert agree(Case(layer, stated, (Operand(shape),)), DRAWN[layer]) is taken


@pytest.mark.parametrize(
    ("layer", "given", "shape"),
    [
        ("Conv3d", {"out_channels": 6, "kernel_size": (3, 2, 1), "bias": False}, (2, 4, 5, 6, 4)),
        ("Conv3d", {"out_channels": 4, "kernel_size": 3, "groups": 2}, (2, 4, 5, 6, 4)),
        ("ConvTranspose3d", {"out_channels": 6, "kernel_size": 2, "stride": 2}, (2, 4, 3, 3, 2)),
        ("conv1d", {"weight": Operand((6, 2, 3)), "groups": 2}, (2, 4, 9)),
        ("conv2d", {"weight": Operand((5, 4, 3, 2)), "bias": Operand((5,))}, (2, 4, 9, 9)),
        ("conv3d", {"weight": Operand((5, 4, 3, 2, 1)), "stride": 2}, (2, 4, 5, 5, 5)),
        ("conv_transpose1d", {"weight": Operand((4, 3, 5)), "bias": Operand((3,))}, (2, 4, 9)),
        ("conv_transpose2d", {"weight": Operand((4, 3, 5, 2)), "groups": 2}, (2, 4, 9, 3)),
        ("conv_transpose3d", {"weight": Operand((4, 3, 2, 2, 2)), "stride": 2}, (2, 4, 2, 3, 2)),
    ],
)
def test_multiply_adds_are_those_that_torch_counts(
    layer: str, given: dict[str, Any], shape: tuple[int, ...]
) -> None:
    case = Case(layer, given, (Operand(shape),))
    mine = ours(case)
    with FlopCounterMode(display=False) as counter:
        other = theirs(case, DRAWN[layer])
    assert not isinstance(mine, Mismatch)
    assert not isinstance(other, Exception)
    has_bias = given.get("bias", case.record.is_layer)
    biases = other.results[0].numel() if has_bias else 0
    assert mine.flops.value == counter.get_total_flops() + biases


@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ((2, 28, 28, 3), {"kernel_size": 4}),
        ((2, 28, 28, 1), {}),
        ((2, 28, 20, 3), {"groups": 3, "out_channels": 3}),
        ((2, 28, 20, 3), {"kernel_size": 5}),
    ],
)
def test_a_picture_with_its_channels_last_is_told_the_permutation_that_helps(
    shape: tuple[int, ...], given: dict[str, Any]
) -> None:
    stated = {"out_channels": 6, "kernel_size": 3, **given}
    wrong = said("Conv2d", stated, *shape)
    assert "channel" in wrong.why
    assert "last" in wrong.why
    assert wrong.write == "-> permute(0, 3, 1, 2)"
    image = torch.randn(shape).permute(0, 3, 1, 2)
    assert nn.Conv2d(image.shape[1], **stated)(image).shape[1] == stated["out_channels"]


@pytest.mark.parametrize("shape", [(2, 28, 28, 3), (2, 64, 100, 1), (2, 3, 28, 28)])
def test_a_picture_that_torch_takes_is_taken_whatever_its_axes_mean(shape: tuple[int, ...]) -> None:
    case = Case("Conv2d", {"out_channels": 6, "kernel_size": (3, 1)}, (Operand(shape),))
    assert agree(case, DRAWN["Conv2d"])


def test_a_feature_map_of_such_sizes_is_no_picture() -> None:
    features = Type("f32", tuple(map(dim, (2, 28, 28, 3))), spatial=2)
    record = LAYERS["Conv2d"]
    arguments = {p.name: p.default for p in record.parameters}
    arguments |= {"out_channels": 6, "kernel_size": 5}
    wrong = record.gives((features,), arguments)
    assert isinstance(wrong, Mismatch)
    assert wrong.write.startswith("kernel_size=3 at most")


@pytest.mark.parametrize(
    ("layer", "shape", "way"),
    [
        ("Conv1d", ("N", "T", 64), "permute(0, 2, 1)"),
        ("Conv2d", ("N", "H", "W", 3), "permute(0, 3, 1, 2)"),
        ("Conv3d", ("N", "D", "H", "W", 1), "permute(0, 4, 1, 2, 3)"),
        ("ConvTranspose1d", ("N", "T", 64), "permute(0, 2, 1)"),
    ],
)
def test_open_steps_where_channels_should_stand_are_told_to_move(
    layer: str, shape: tuple[int | str, ...], way: str
) -> None:
    wrong = said(layer, {"out_channels": 6, "kernel_size": 3}, *shape)
    assert wrong.code == "D0205"
    assert str(shape[1]) in wrong.why
    assert way in wrong.write


def test_a_window_larger_than_a_signal_of_steps_asks_where_the_channels_are() -> None:
    wrong = said("Conv1d", {"out_channels": 6, "kernel_size": 5}, 2, 50, 4)
    assert wrong.why == "a window of 5 does not fit into 4"
    assert "(4 + 2*0 - 5) // 1 + 1 = 0" in wrong.notes[0]
    assert "permute(0, 2, 1)" in wrong.notes[1]


def test_the_kernel_that_a_message_proposes_is_the_largest_that_torch_takes() -> None:
    wrong = said("Conv3d", {"out_channels": 6, "kernel_size": 5}, 2, 1, 3, 9, 9)
    assert wrong.write.startswith("kernel_size=3 at most")
    volume = torch.randn(2, 1, 3, 9, 9)
    assert nn.Conv3d(1, 6, 3)(volume).numel()
    with pytest.raises(RuntimeError):
        nn.Conv3d(1, 6, 4)(volume)


@pytest.mark.parametrize("groups", [4, 5, 9])
def test_the_groups_that_a_message_proposes_divide(groups: int) -> None:
    wrong = said("Conv2d", {"out_channels": 180, "kernel_size": 3, "groups": groups}, 2, 6, 8, 8)
    proposed = int(wrong.write.removeprefix("groups="))
    assert f"groups={groups}" in wrong.why
    assert nn.Conv2d(6, 180, 3, groups=proposed)(torch.randn(2, 6, 8, 8)).shape[1] == 180


def test_the_channels_that_a_message_proposes_divide() -> None:
    wrong = said("Conv2d", {"out_channels": 7, "kernel_size": 3, "groups": 3}, 2, 6, 8, 8)
    assert wrong.write == "out_channels=9"


def test_a_size_that_no_stride_leads_to_is_told_the_range_that_torch_takes() -> None:
    given = {"out_channels": 8, "kernel_size": 3, "stride": 2, "output_size": (14, 16)}
    wrong = said("ConvTranspose2d", given, 2, 3, 7, 7)
    assert "15 … 16" in wrong.write
    layer, x = nn.ConvTranspose2d(3, 8, 3, stride=2), torch.randn(2, 3, 7, 7)
    for size, good in ((14, False), (15, True), (16, True), (17, False)):
        if good:
            assert layer(x, output_size=[size, size]).shape[2] == size
        else:
            with pytest.raises(ValueError, match="valid sizes range"):
                layer(x, output_size=[size, size])


def test_an_output_padding_beside_an_output_size_is_refused_for_it_has_no_effect() -> None:
    given = {"out_channels": 8, "kernel_size": 3, "stride": 2}
    layer, x = nn.ConvTranspose1d(3, 8, 3, stride=2, output_padding=1), torch.randn(2, 3, 7)
    assert layer(x, output_size=[15]).shape == nn.ConvTranspose1d(3, 8, 3, stride=2)(x).shape
    stated = {**given, "output_padding": 1, "output_size": (15,)}
    assert "no effect" in said("ConvTranspose1d", stated, 2, 3, 7).why


def test_an_open_output_size_holds_under_conditions() -> None:
    record = LAYERS["ConvTranspose1d"]
    arguments = {p.name: p.default for p in (*record.parameters, *record.called_with)}
    arguments |= {"out_channels": 2, "kernel_size": 2, "stride": 2, "output_size": (name("M"),)}
    found = record.gives((Type("f32", (name("N"), dim(3), name("L"))),), arguments)
    assert isinstance(found, Given)
    assert isinstance(found.type, Type)
    assert found.type.shape[-1] == name("M")
    length = name("L") * 2
    assert set(found.conditions) == {
        Condition(name("M"), ">=", length),
        Condition(name("M"), "<=", length + 1),
    }


@pytest.mark.parametrize(
    ("given", "why", "write"),
    [
        ({"weight": Operand((8, 4, 3, 3))}, "takes 4 channels, and 3 come in", "f32[8, 3, 3, 3]"),
        ({"weight": Operand((8, 3, 3))}, "takes a weight [out, channels / groups, kH, kW]", ""),
        ({"weight": Operand((8, 3, 3, 3), "f64")}, "weight is f64", "to(f32)"),
        (
            {"weight": Operand((8, 3, 3, 3)), "bias": Operand((7,))},
            "the 8 channels that come out",
            "f32[8]",
        ),
        ({"weight": Operand((8, 3, 9, 3))}, "a window of 9 does not fit into 7", "a weight of 7"),
    ],
)
def test_a_weight_that_does_not_fit_is_told_what_fits(
    given: dict[str, Operand], why: str, write: str
) -> None:
    case = Case("conv2d", given, (Operand((2, 3, 7, 7)),))
    wrong = ours(case)
    assert isinstance(wrong, Mismatch)
    assert why in wrong.why
    assert write in wrong.write
    assert isinstance(theirs(case, DRAWN["conv2d"]), Exception)


@pytest.mark.parametrize("layer", ["conv1d", "conv_transpose1d"])
def test_a_weight_may_not_make_channels_of_records(layer: str) -> None:
    record = LAYERS[layer]
    arguments = {p.name: p.default for p in record.parameters}
    weight = Type("f32", (name("N") if layer == "conv1d" else dim(3), name("N"), dim(2)))
    weight = weight.shaped(weight.shape[0], dim(3), dim(2)) if layer == "conv1d" else weight
    x = Type("f32", (name("N"), dim(3), dim(9)))
    wrong = record.gives((x,), {**arguments, "weight": weight})
    assert isinstance(wrong, Mismatch)
    assert "batch" in wrong.why
    # Written so by the author, records are channels of one picture.
    together = Type("f32", (dim(1), name("N") * 3, dim(9)))
    weight = Type("f32", (name("N") * 3, dim(1), dim(2)))
    given = {**arguments, "weight": weight, "groups": name("N") * 3}
    found = record.gives((together,), given)
    assert not isinstance(found, Mismatch)


def test_two_names_of_channels_are_not_taken_for_one() -> None:
    record = LAYERS["conv1d"]
    arguments = {p.name: p.default for p in record.parameters}
    x = Type("f32", (name("N"), name("C"), dim(9)))
    other = {**arguments, "weight": Type("f32", (dim(4), name("D"), dim(2)))}
    assert isinstance(record.gives((x,), other), Mismatch)
    same = {**arguments, "weight": Type("f32", (dim(4), name("C"), dim(2)))}
    assert isinstance(record.gives((x,), same), Type)


@pytest.mark.parametrize("dtype", ["u8", "i32", "i64"])
def test_a_convolution_of_whole_numbers_is_refused_though_the_processor_has_one(dtype: str) -> None:
    case = Case("conv1d", {"weight": Operand((2, 3, 1), dtype)}, (Operand((2, 3, 4), dtype),))
    assert isinstance(ours(case), Mismatch)
    assert not isinstance(theirs(case, DRAWN["conv1d"]), Exception)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_kernel_has_one_size_or_one_for_each_axis(rank: int) -> None:
    for kind, least in ((f"window{rank}", 1), (f"pad{rank}", 0), (f"padding{rank}", 0)):
        assert fits(kind, least)
        assert fits(kind, (least + 1,) * rank)
        assert not fits(kind, (least + 1,) * (rank + 1))
        assert not fits(kind, least - 1)
        assert not fits(kind, (least - 1,) * rank)
    assert fits(f"padding{rank}", "same")
    assert not fits(f"pad{rank}", "same")


def test_what_comes_out_of_a_given_weight_is_a_feature_map() -> None:
    case = Case("conv2d", {"weight": Operand((8, 3, 3, 3))}, (Operand((2, 3, 7, 7)),))
    found = ours(case)
    assert not isinstance(found, Mismatch)
    assert found.types[0].spatial == 2
    assert not found.weights
    expected = F.conv2d(torch.randn(2, 3, 7, 7), torch.randn(8, 3, 3, 3))
    assert tuple(map(number, found.types[0].shape)) == tuple(expected.shape)
