"""Attention, transformers and packed sequences: what they teach, what they cost, what they mean."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from agreement import Answer, Case, Operand, ours
from dlc.compiler.dims import Dim, dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.record import Condition, Given, Mismatch, equal
from dlc.compiler.tensor import Type
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

N, T, S = map(name, "NTS")


def answered(layer: str, *shapes: tuple[int, ...], **given: Any) -> Answer:
    """What the compiler finds for values of f32."""
    found = ours(Case(layer, given, tuple(Operand(shape) for shape in shapes)))
    assert not isinstance(found, Mismatch), found.why
    return found


def why_not(layer: str, *x: Type, **given: Any) -> Mismatch:
    """Why a layer refuses values of these types."""
    record = LAYERS[layer]
    arguments = {p.name: p.default for p in (*record.parameters, *record.called_with)}
    found = record.gives(x, arguments | dict.fromkeys(record.infers) | given)
    assert isinstance(found, Mismatch)
    return found


def counted(module: nn.Module, *shapes: tuple[int, ...], **given: Any) -> int:
    """What torch counts where it computes step by step."""
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        module(*(torch.randn(shape) for shape in shapes), **given)
    return int(counter.get_total_flops())


@pytest.mark.parametrize(
    ("width", "heads", "share", "near", "widths"),
    [
        (100, 8, "12.5", (5, 10), (96, 104)),
        (64, 12, "5.333", (8, 16), (60, 72)),
        (7, 2, "3.5", (1, 7), (6, 8)),
        (4, 8, "0.5", (2, 4), (8,)),
    ],
)
def test_heads_that_do_not_divide_are_told_with_the_arithmetic(
    width: int, heads: int, share: str, near: tuple[int, ...], widths: tuple[int, ...]
) -> None:
    x = Type("f32", (N, T, dim(width)))
    for layer, argument in (
        ("MultiheadAttention", "num_heads"),
        ("TransformerEncoderLayer", "nhead"),
    ):
        count = 3 if layer == "MultiheadAttention" else 1
        found = why_not(layer, *(x,) * count, **{argument: heads})
        assert f"{width} / {heads} is {share}" in found.why
        assert found.write == " or ".join(f"{argument}={each}" for each in near)
        assert " or ".join(map(str, widths)) in found.notes[0]
        for choice in near:
            nn.MultiheadAttention(width, choice)
        for choice in widths:
            nn.MultiheadAttention(choice, heads)


@pytest.mark.parametrize(
    ("layer", "flows", "given", "said"),
    [
        ("MultiheadAttention", 3, {"num_heads": 2, "is_causal": True}, "attn_mask=triu("),
        ("MultiheadAttention", 3, {"num_heads": 2, "batch_first": False}, "leave out batch_first"),
        ("MultiheadAttention", 3, {"num_heads": 2, "kdim": 6}, "leave out kdim"),
        (
            "MultiheadAttention",
            3,
            {"num_heads": 2, "key_padding_mask": Type("i64", (N, T))},
            "mask == 0",
        ),
        ("TransformerEncoderLayer", 1, {"nhead": 2, "is_causal": True}, "src_mask=triu("),
        ("TransformerDecoderLayer", 2, {"nhead": 2, "memory_is_causal": True}, "memory_mask=triu("),
        ("Transformer", 2, {"nhead": 2, "tgt_is_causal": True}, "tgt_mask=triu("),
        (
            "scaled_dot_product_attention",
            3,
            {"is_causal": True, "attn_mask": Type("bool", (T, T))},
            "is_causal=True alone",
        ),
    ],
)
def test_a_wrong_setting_is_told_what_to_write(
    layer: str, flows: int, given: dict[str, Any], said: str
) -> None:
    x = Type("f32", (N, T, dim(8)))
    assert said in why_not(layer, *(x,) * flows, **given).write


def test_a_feature_map_is_turned_before_attention_reads_its_last_axis() -> None:
    signal = Type("f32", (N, dim(8), dim(100)), spatial=1)
    found = why_not("TransformerEncoderLayer", signal, nhead=2)
    assert "transpose(1, 2)" in found.write


def test_masks_of_other_steps_or_records_are_refused() -> None:
    x, other = Type("f32", (N, T, dim(8))), Type("f32", (N, S, dim(8)))
    across = {"num_heads": 2, "attn_mask": Type("bool", (T, S))}
    record = LAYERS["MultiheadAttention"]
    arguments = {p.name: p.default for p in (*record.parameters, *record.called_with)}
    arguments |= dict.fromkeys(record.infers)
    assert not isinstance(record.gives((x, other, other), arguments | across), Mismatch)
    turned = {"attn_mask": Type("bool", (S, T))}
    assert "bool[T, S]" in why_not("MultiheadAttention", x, other, other, num_heads=2, **turned).why
    per_head = across | {"attn_mask": Type("bool", (N * 2, T, S))}
    assert not isinstance(record.gives((x, other, other), arguments | per_head), Mismatch)
    pads = {"key_padding_mask": Type("bool", (N, T))}
    assert "bool[N, S]" in why_not("MultiheadAttention", x, other, other, num_heads=2, **pads).why


def test_without_weights_there_is_none_and_with_them_they_are_shares() -> None:
    record = LAYERS["MultiheadAttention"]
    x = Type("f32", (N, T, dim(8)))
    arguments = {p.name: p.default for p in (*record.parameters, *record.called_with)}
    arguments |= dict.fromkeys(record.infers) | {"num_heads": 2}

    def weights(**given: Any) -> Any:
        found = record.gives((x, x, x), arguments | given)
        assert not isinstance(found, Mismatch | Given | Type) and found is not None
        return found[1]

    assert weights(need_weights=False) is None
    assert weights() == Type("f32", (N, T, T), meaning="probabilities")
    assert weights(dropout=0.1).meaning == ""
    assert weights(average_attn_weights=False).shape == (N, dim(2), T, T)
    assert weights(add_bias_kv=True, add_zero_attn=True).shape == (N, T, T + 2)


def test_operations_of_attention_are_torch_s_with_biases_softmax_scale_and_average() -> None:
    query, key, value = (3, 4, 8), (3, 6, 5), (3, 6, 7)
    mine = answered("MultiheadAttention", query, key, value, num_heads=2)
    module = nn.MultiheadAttention(8, 2, kdim=5, vdim=7, batch_first=True)
    biases = 2 * 3 * 4 * 8 + 2 * 3 * 6 * 8
    scores = 3 * 2 * 4 * 6
    assert mine.flops == counted(module, query, key, value) + biases + 6 * scores + 3 * 4 * 8
    lean = answered(
        "MultiheadAttention", query, key, value, num_heads=2, bias=False, need_weights=False
    )
    assert mine.flops - lean.flops == biases + scores


def test_operations_of_a_dot_product_are_torch_s_with_softmax_and_scale() -> None:
    shapes = ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 7))
    mine = answered("scaled_dot_product_attention", *shapes)
    with FlopCounterMode(display=False) as counter:
        nn.functional.scaled_dot_product_attention(*(torch.randn(shape) for shape in shapes))
    scores = 2 * 3 * 4 * 6
    assert mine.flops == counter.get_total_flops() + 5 * scores + 2 * 3 * 4 * 5


def test_operations_of_transformers_are_torch_s_with_what_is_done_to_each_element() -> None:
    source, target, width, hidden, heads = (2, 5, 8), (2, 3, 8), 8, 16, 2
    common = {"nhead": heads, "dim_feedforward": hidden, "bias": False}

    def elements(own: int, seen: tuple[int, ...]) -> int:
        """Softmax and scale of each attention; the activation; norms (7) and additions (1)."""
        looks = sum(2 * own * (steps * heads * 5 + width) for steps in seen)
        return looks + 2 * own * (hidden + (len(seen) + 1) * width * 8)

    made: dict[str, Any] = {**common, "batch_first": True, "dropout": 0.0}
    encoder = answered("TransformerEncoderLayer", source, **common)
    theirs = counted(nn.TransformerEncoderLayer(width, **made), source)
    assert encoder.flops == theirs + elements(5, (5,))
    decoder = answered("TransformerDecoderLayer", target, source, **common)
    theirs = counted(nn.TransformerDecoderLayer(width, **made), target, source)
    assert decoder.flops == theirs + elements(3, (3, 5))
    layers = {"num_encoder_layers": 2, "num_decoder_layers": 3}
    whole = answered("Transformer", source, target, **common, **layers)
    norms = 7 * width * 2 * (5 + 3)
    assert whole.flops == encoder.flops * 2 + decoder.flops * 3 + norms


@pytest.mark.parametrize("layer", [n for n, record in LAYERS.items() if not record.unpacks])
def test_what_is_packed_is_refused_by_all_that_is_not_for_it(layer: str) -> None:
    packed = Type("f32", (N, T, dim(4)), packed=True)
    found = LAYERS[layer].gives((packed,), {})
    assert isinstance(found, Mismatch)
    assert "pad_packed_sequence" in found.write
    assert isinstance(LAYERS[layer].gives((), {"index": packed}), Mismatch)


def test_only_layers_over_time_and_padding_take_what_is_packed() -> None:
    taking = {layer for layer, record in LAYERS.items() if record.unpacks}
    assert taking == {"LSTM", "GRU", "RNN", "pad_packed_sequence"}
    assert str(Type("f32", (N, T), packed=True)) == "packed f32[N, T]"


def test_packing_teaches_its_two_settings_and_padding_its_length() -> None:
    x, lengths = Type("f32", (N, T, dim(4))), Type("i64", (N,))
    assert "enforce_sorted=False" in why_not("pack_padded_sequence", x, lengths).write
    unsorted = {"enforce_sorted": False}
    last = why_not("pack_padded_sequence", x, lengths, **unsorted, batch_first=False)
    assert "batch_first=True" in last.write
    many = why_not("pack_padded_sequence", x, Type("i64", (S,)), **unsorted)
    assert "N records have S lengths" in many.why
    packed = Type("f32", (N, T, dim(4)), packed=True)
    assert why_not("pad_packed_sequence", packed).write == "total_length=T"
    assert "pack_padded_sequence" in why_not("pad_packed_sequence", x, total_length=3).write
    short = why_not("pad_packed_sequence", packed, total_length=T - 1)
    assert "which total_length=T - 1 cuts" in short.why


def test_what_is_padded_keeps_the_bound_of_tokens_where_the_filling_is_one() -> None:
    words = Type("i64", (N, T), tokens=50, packed=True)
    record = LAYERS["pad_packed_sequence"]
    arguments = {"batch_first": True, "padding_value": 0.0, "total_length": T}
    assert record.gives((words,), arguments) == (Type("i64", (N, T), tokens=50), Type("i64", (N,)))
    above = record.gives((words,), arguments | {"padding_value": 50.0})
    assert above == (Type("i64", (N, T)), Type("i64", (N,)))


@pytest.mark.parametrize(
    ("left", "right", "same", "conditions"),
    [
        (T, T, True, 0),
        (dim(3), dim(4), False, 0),
        (T, dim(4), True, 1),
        (T * 2, T + 1, True, 1),
        (T, S, False, 0),
        (N, dim(4), False, 0),
        (N * 2, N + 4, True, 1),
        (T + 1, T, False, 0),
    ],
)
def test_sizes_that_must_be_equal_are_compared_now_or_where_the_data_is(
    left: Dim, right: Dim, same: bool, conditions: int
) -> None:
    found: list[Condition] = []
    assert equal(left, right, found) is same
    assert found == [Condition(left, "==", right)] * conditions
