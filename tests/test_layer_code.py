"""Each layer's arguments, code and operations against torch's own."""

from __future__ import annotations

import inspect
from ast import literal_eval
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from agreement import (
    DTYPES,
    Case,
    Operand,
    cases,
    leaves,
    number,
    ours,
    prepared,
    tensors_of,
    theirs,
)
from answers import Answer
from dlc.compiler.layers import RECORDS
from dlc.compiler.layers.record import REQUIRED, Layer, Mismatch
from hypothesis import given as drawn_for
from hypothesis import settings
from test_agreement import DRAWN as AGREED
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

PLAIN = [record for record in RECORDS if not record.stem and record.inputs]
# What takes probabilities alone, or what was computed before, is tested in test_creation.py.
FUNCTIONS = [r for r in PLAIN if r.code and r.name not in ("bernoulli", "grad")]

# Arguments of torch's that a spec cannot state, and why.
LEFT_OUT = {
    "inplace": "memory is the compiler's affair",
    "device": "a spec does not know the hardware",
    "dtype": "weights are f32",
    "_random_samples": "private: where the windows of a fractional pool start",
    "sparse": "gradients are dense",
    "_weight": "private",
    "_freeze": "private",
    "Hardtanh.min_value": "deprecated: another name of min_val",
    "Hardtanh.max_value": "deprecated: another name of max_val",
    "gumbel_softmax.eps": "deprecated: it has no effect",
    "batch_norm.momentum": "statistics that flow in are never changed",
    "instance_norm.momentum": "statistics that flow in are never changed",
    "training": "train() and eval() decide",
    "_stacklevel": "private",
    "out": "memory is the compiler's affair",
    "mode": "private: which of the three layers over time",
    "GRU.proj_size": "of LSTM alone",
    "RNN.proj_size": "of LSTM alone",
    "Transformer.custom_encoder": "layers are written where their results flow",
    "Transformer.custom_decoder": "layers are written where their results flow",
    "padding_mode": "of transposed convolutions: torch takes zeros alone",
}
# What a spec has otherwise than torch, and why.
OTHERWISE = {
    "batch_first": "recurrent and attention layers are batch-first, always",
    "activation": "torch's function has a name in torch too",
}


def signature(record: Layer) -> inspect.Signature | None:
    """Of the layer's class or the function; those that torch writes in C++ have none."""
    if record.name in ("LSTM", "GRU", "RNN"):
        return inspect.signature(nn.RNNBase.__init__)
    if record.is_layer:
        return inspect.signature(getattr(nn, record.name).__init__)
    # What two functions of torch share has no signature; the one with indices has all arguments.
    function = getattr(F, f"{record.name}_with_indices", getattr(F, record.name, None))
    # `torch.nn.functional` has a module `grad`.
    if not callable(function) or inspect.isbuiltin(function):
        return None
    return inspect.signature(function)


@pytest.mark.parametrize("record", [r for r in RECORDS if signature(r)], ids=lambda r: r.name)
def test_arguments_have_torch_s_names_order_and_defaults(record: Layer) -> None:
    found = signature(record)
    assert found is not None
    theirs = {p.name: p.default for p in found.parameters.values()}
    for gone in ("self", "args", "kwargs", "input", *record.inputs, *record.infers):
        theirs.pop(gone, None)
    ours = {p.name: p.default for p in record.parameters}
    if record.name == "RNN":
        # torch takes it out of **kwargs: nn.RNN(input_size, hidden_size, num_layers, nonlinearity).
        assert nn.RNN(2, 3, 1).nonlinearity == ours.pop("nonlinearity")
        assert nn.RNN(2, 3, 1, "relu").nonlinearity == "relu"
    assert [each for each in theirs if each in ours] == list(ours)
    for each, default in theirs.items():
        if each not in ours:
            known = {each, f"{record.name}.{each}"} & {*LEFT_OUT}
            assert known, f"{record.name} has no {each}"
        elif ours[each] is REQUIRED:
            assert default is inspect.Parameter.empty or default is None
        else:
            assert (ours[each] == default) is (each not in OTHERWISE), each


@pytest.mark.parametrize("record", FUNCTIONS, ids=lambda record: record.name)
def test_the_code_of_a_function_computes_what_torch_computes(record: Layer) -> None:
    drawn = AGREED[record.name]

    @settings(max_examples=15, deadline=None)
    @drawn_for(cases(record.name, drawn))
    def check(case: Case) -> None:
        torch.manual_seed(0)
        expected = theirs(case, drawn)
        if isinstance(expected, Exception) or isinstance(ours(case), Mismatch):
            return
        torch.manual_seed(0)
        found = computed(case, [each.tensor() for each in case.inputs])
        for mine, other in zip(leaves(found), expected.results, strict=True):
            assert torch.equal(mine.nan_to_num(7), other.nan_to_num(7))

    check()


def computed(case: Case, tensors: list[Tensor]) -> Any:
    """What the callable that is emitted makes of these, with its arguments by their names."""
    record = case.record
    given = {k: v.tensor() if isinstance(v, Operand) else v for k, v in case.given.items()}
    for parameter in record.parameters:
        if parameter.kind.rstrip("?") == "dtype" and given.get(parameter.name) is not None:
            given[parameter.name] = DTYPES[given[parameter.name]]
    given |= {name: literal_eval(value) for name, value in record.fixed.items()}
    if record.name == "Flatten":
        # Emitted code states the axis, for torch's function starts elsewhere than the layer.
        given.setdefault("start_dim", 1)
    first = [given.pop(p.name) for p in record.parameters[: record.leading]]
    types = tuple(each.type() for each in case.inputs)
    for key in record.keywords:
        given.setdefault(key, number(record.infers[key](types)))
    if record.mode == "training":
        given["training"] = True
    behind = in_order(record, given)
    if record.code.startswith("."):
        return getattr(tensors[0], record.code[1:])(*tensors[1:], *behind, **given)
    function = eval(record.code, {"torch": torch, "F": F, "nn": nn})
    return function(*first, *([tensors] if record.listed else tensors), *behind, **given)


def in_order(record: Layer, given: dict[str, Any]) -> list[Any]:
    """The arguments that go without their name, taken out of those given."""
    found = []
    for parameter in record.parameters[record.leading :]:
        key = parameter.name.lstrip("*")
        if key not in given or len(found) == record.positional:
            break
        found.append(given.pop(key))
    return found


@pytest.mark.parametrize(
    ("layer", "given", "shape"),
    [
        ("Linear", {"out_features": 10}, (2, 784)),
        ("Linear", {"out_features": 3, "bias": False}, (2, 7, 5)),
        ("Conv1d", {"out_channels": 8, "kernel_size": 5, "stride": 2}, (2, 4, 33)),
        ("Conv2d", {"out_channels": 6, "kernel_size": (3, 5), "bias": False}, (2, 4, 9, 9)),
        ("Conv2d", {"out_channels": 8, "kernel_size": 3, "groups": 4, "padding": 1}, (2, 4, 9, 9)),
        ("ConvTranspose1d", {"out_channels": 3, "kernel_size": 4, "stride": 2}, (2, 4, 9)),
        (
            "ConvTranspose2d",
            {"out_channels": 6, "kernel_size": (4, 3), "stride": 2, "groups": 2},
            (2, 4, 5, 6),
        ),
    ],
)
def test_multiply_adds_are_those_that_torch_counts(
    layer: str, given: dict[str, Any], shape: tuple[int, ...]
) -> None:
    case = Case(layer, given, (Operand(shape),))
    call, _ = prepared(case, AGREED[layer], *tensors_of(case))
    with FlopCounterMode(display=False) as counter:
        y = call()
    answer = ours(case)
    assert isinstance(answer, Answer)
    biases = y.numel() if given.get("bias", True) else 0
    assert answer.flops.value == counter.get_total_flops() + biases


@pytest.mark.parametrize(
    ("layer", "given", "shape", "expected"),
    [
        ("Linear", {"out_features": 128}, (1, 5408), 2 * 5408 * 128 + 128),
        ("Conv2d", {"out_channels": 32, "kernel_size": 3}, (1, 1, 28, 28), 26 * 26 * 32 * (18 + 1)),
        ("MaxPool2d", {"kernel_size": 2}, (1, 32, 26, 26), 32 * 13 * 13 * 4),
        ("AdaptiveAvgPool2d", {"output_size": 1}, (1, 8, 7, 7), 8 * 49),
        ("BatchNorm2d", {}, (2, 3, 4, 5), 4 * 120),
        ("BatchNorm1d", {"affine": False}, (2, 3), 2 * 6),
        ("BatchNorm3d", {"bias": False}, (2, 3, 2, 2, 2), 3 * 48),
        # Mean 1, variance 3, subtract, divide, then scale and shift where there are weights.
        ("InstanceNorm1d", {}, (2, 3, 4), 6 * 24),
        ("InstanceNorm2d", {"affine": True}, (2, 3, 4, 5), 8 * 120),
        ("GroupNorm", {"num_groups": 3}, (2, 6), 8 * 12),
        ("group_norm", {"num_groups": 3}, (2, 6), 6 * 12),
        ("batch_norm", {"running_mean": None, "running_var": None, "training": True}, (2, 6), 72),
        ("LayerNorm", {"elementwise_affine": False}, (2, 6), 6 * 12),
        ("LayerNorm", {"bias": False, "normalized_shape": (3, 4)}, (2, 3, 4), 7 * 24),
        ("layer_norm", {"normalized_shape": (6,)}, (2, 6), 6 * 12),
        # Square, sum, divide, and scale.
        ("RMSNorm", {}, (2, 6), 4 * 12),
        ("rms_norm", {"normalized_shape": (6,)}, (2, 6), 3 * 12),
        ("normalize", {}, (2, 6), 3 * 12),
        ("LocalResponseNorm", {"size": 5}, (2, 6, 3), (5 + 13) * 36),
        ("Dropout3d", {}, (2, 3, 2, 2, 2), 48),
        ("Hardtanh", {}, (2, 3), 2 * 6),
        ("PReLU", {}, (2, 3), 2 * 6),
        ("GLU", {}, (2, 6), 5 * 6),
        ("Softmin", {"dim": 1}, (2, 3), 6 * 6),
        ("logsumexp", {"dim": 1}, (2, 3), 6 * 6),
        ("ReLU", {}, (2, 3), 6),
        ("flatten", {"start_dim": 1}, (2, 3, 4), 0),
        ("mean", {}, (2, 3, 4), 24),
        # Of each unit and step: 2 * 4 gates * (inputs + units), 3 sums a gate, 26 to combine them.
        ("LSTM", {"hidden_size": 7}, (2, 5, 3), 2 * 5 * 7 * (2 * 4 * (3 + 7) + 3 * 4 + 26)),
        ("GRU", {"hidden_size": 7}, (2, 5, 3), 2 * 5 * 7 * (2 * 3 * (3 + 7) + 3 * 3 + 18)),
        (
            "RNN",
            {"hidden_size": 7, "nonlinearity": "relu", "bias": False},
            (2, 5, 3),
            2 * 5 * 7 * (2 * (3 + 7) + 1 + 1),
        ),
        (
            "RNN",
            {"hidden_size": 7, "num_layers": 2, "bidirectional": True},
            (1, 5, 3),
            5 * 2 * 7 * ((2 * (3 + 7) + 3 + 5) + (2 * (14 + 7) + 3 + 5)),
        ),
        ("LayerNorm", {}, (2, 6), 8 * 12),
        ("clamp", {"min": 0.0}, (2, 3), 6),
        ("cat", {}, (2, 3), 0),
    ],
)
def test_operations_are_those_of_a_count_by_hand(
    layer: str, given: dict[str, Any], shape: tuple[int, ...], expected: int
) -> None:
    answer = ours(Case(layer, given, (Operand(shape),)))
    assert isinstance(answer, Answer)
    assert answer.flops == expected
