"""Claims of dlc.compiler.lints about sequences: what is pointed out, and what is left in peace."""

from __future__ import annotations

import pytest
import torch
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source
from sequences import HEADS, codes, found, network

TAGGED = """
data tags {{
  x: f32[{steps}, 2] = {rows}
  tag: class(3)[{steps}] = {labels}
}}
model Tagger {{
  input x: f32[N, {steps}, 2]
  output logits = {body}
}}
train Tagger on tags {{
  loss = {loss}
  optimizer = Adam(lr=1e-2)
  epochs = 3
}}
"""


def tagged(body: str, loss: str, steps: int = 3) -> str:
    """A training whose scores are `body`."""
    rows = [[[float(step), 1.0] for step in range(steps)]] * 2
    labels = [[step % 3 for step in range(steps)]] * 2
    return TAGGED.format(steps=steps, rows=rows, labels=labels, body=body, loss=loss)


# --- the batch -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("x[-1] -> Linear(2)", "x[-1]"),
        ("x -> mean(0) -> Linear(2)", "mean(0)"),
        ("x -> relu -> sum -> reshape(1, 1) -> Linear(2)", "sum"),
        ('einsum("ntd->td", x) -> Linear(2)', 'einsum("ntd->td", x)'),
    ],
)
def test_an_output_without_its_batch_is_refused_where_the_batch_is_lost(
    body: str, place: str
) -> None:
    (only,) = found(network(body, declared="f32[N, 2]"))
    assert only.code == "D0270"
    assert only.span.text == place


def test_a_state_that_is_declared_as_a_row_is_told_how_to_become_one() -> None:
    text = network("h -> Linear(2)", before="_, h = x -> GRU(8)", declared="f32[N, 2]")
    (only,) = check(Source("state.dl", text)).diagnostics
    assert only.code == "D0207"
    assert "`h[-1]`" in only.help[0]
    assert check(Source("state.dl", text.replace("= h ->", "= h[-1] ->"))).diagnostics == ()


@pytest.mark.parametrize("body", ["x[:, -1] -> Linear(2)", "x -> mean(1) -> Linear(2)"])
def test_an_output_that_keeps_its_batch_is_left_in_peace(body: str) -> None:
    assert codes(network(body, declared="f32[N, 2]")) == []


def test_a_model_may_give_one_result_for_all_records() -> None:
    assert codes(network("mean(x)", declared="f32")) == []


# --- torch's order -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "right"),
    [
        ("TransformerEncoderLayer(64, 8)", "TransformerEncoderLayer(8)"),
        ("TransformerEncoderLayer(64, 2048)", "TransformerEncoderLayer(8)"),
        ("GRU(64, 128)", "GRU(128)"),
        ("LSTM(64, 32)", "LSTM(32)"),
    ],
)
def test_the_width_written_first_is_pointed_out_with_what_is_meant(layer: str, right: str) -> None:
    (only,) = found(network(f"x -> {layer} -> abs"))
    assert only.code == "D0271"
    assert only.help == (f"write `{right}`",)
    assert codes(network(f"x -> {right} -> abs")) == []


@pytest.mark.parametrize(
    "layer", ["GRU(64, 2)", "LSTM(32, 16)", "TransformerEncoderLayer(8, 64)", "GRU(64)"]
)
def test_deep_and_wide_layers_are_left_in_peace(layer: str) -> None:
    assert codes(network(f"x -> {layer} -> abs")) == []


def test_as_many_heads_as_a_few_features_are_left_in_peace() -> None:
    assert codes(network("x -> TransformerEncoderLayer(4)", "f32[N, T, 4]")) == []


# --- reshape -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("takes", "sizes", "right"),
    [
        ("f32[N, T, 64]", "N, 4, T, 16", "reshape(N, T, 4, 16) -> transpose(1, 2)"),
        (HEADS, "N, T, 64", "transpose(1, 2) -> reshape(N, T, 64)"),
        ("f32[N, 20, 32]", "N, 32, 20", "permute(0, 2, 1)"),
        ("f32[N, 9, 10, 3]", "N, 3, 9, 10", "permute(0, 3, 1, 2)"),
    ],
)
def test_a_reshape_that_moves_an_axis_is_pointed_out_with_what_does(
    takes: str, sizes: str, right: str
) -> None:
    (only,) = found(network(f"x -> reshape({sizes})", takes))
    assert only.code == "D0272"
    assert only.help == (f"write `{right}`",)
    assert codes(network(f"x -> {right}", takes)) == []


def test_a_reshape_in_place_of_a_permutation_deals_values_out_anew_in_torch() -> None:
    x = torch.arange(2 * 3 * 4).reshape(2, 3, 4)
    assert x.reshape(2, 4, 3).shape == x.permute(0, 2, 1).shape
    assert not torch.equal(x.reshape(2, 4, 3), x.permute(0, 2, 1))


@pytest.mark.parametrize(
    ("takes", "body"),
    [
        ("f32[N, 784]", "x -> reshape(N, 1, 28, 28)"),
        ("f32[N, T, 64]", "x -> reshape(N, T, 4, 16)"),
        ("f32[N, T, 64]", "x -> reshape(N * T, 64)"),
        ("f32[N, 96, 3]", "x -> reshape(N, 24, 12)"),
        ("f32[N, 16, 16]", "x -> reshape(N, 256) -> tanh -> reshape(N, 16, 16)"),
        ("f32[N, 20, 1]", "x -> reshape(N, 1, 20)"),
        ("f32[N, 12, H, W]", "x -> reshape(N, 3, 2, 2, H, W)"),
        ("f32[N, C, H, W]", "x -> reshape(N, C, H * W) -> transpose(1, 2)"),
    ],
)
def test_a_reshape_that_keeps_its_axes_in_order_is_left_in_peace(takes: str, body: str) -> None:
    assert codes(network(body, takes)) == []


def test_a_flatten_between_does_not_hide_that_axes_are_moved() -> None:
    text = network("x -> flatten(1) -> reshape(N, 3, 9, 10)", "f32[N, 9, 10, 3]")
    assert codes(text) == ["D0272"]


# --- losses --------------------------------------------------------------------------------------


def test_as_many_steps_as_classes_are_pointed_out() -> None:
    assert codes(tagged("x -> Linear(3)", "cross_entropy(logits, tag)")) == ["D0278"]


@pytest.mark.parametrize(
    ("body", "loss"),
    [
        ("x -> Linear(3)", "cross_entropy(logits -> permute(0, 2, 1), tag)"),
        ("x -> Linear(3) -> permute(0, 2, 1)", "cross_entropy(logits, tag)"),
        ("x -> Linear(3)", "cross_entropy(logits -> reshape(N * 3, 3), tag -> reshape(N * 3))"),
    ],
)
def test_scores_with_the_classes_on_axis_1_are_left_in_peace(body: str, loss: str) -> None:
    assert codes(tagged(body, loss)) == []


def test_four_steps_of_three_classes_are_an_error_of_shapes() -> None:
    text = tagged("x -> Linear(3)", "cross_entropy(logits, tag)", steps=4)
    assert [each.code for each in check(Source("four.dl", text)).diagnostics] == ["D0403"]


PADDED = """
data lines {
  words: token(20)[4] = ["good film", "not good at all"] -> words -> vocabulary(20) -> pad(4)
  turned: class(20)[4] = ["film good", "all at good not"] -> words -> vocabulary(20) -> pad(4)
}
model Turn {
  input words: token(20)[N, T]
  y, _ = words -> Embedding(16, padding_idx=0) -> GRU(32)
  output logits: f32[N, T, 20] = y -> Linear(20)
}
train Turn on lines {
  loss = cross_entropy(logits -> permute(0, 2, 1), turned)
  optimizer = Adam(lr=0.01)
  epochs = 3
}
"""


@pytest.mark.parametrize(
    ("scores", "target"),
    [
        ("logits -> permute(0, 2, 1)", "turned"),
        ("logits[:, :-1] -> permute(0, 2, 1)", "turned[:, 1:]"),
        ("logits -> reshape(N * 4, 20)", "turned -> reshape(N * 4)"),
    ],
)
def test_padding_in_a_loss_is_pointed_out_until_it_is_left_out(scores: str, target: str) -> None:
    before = "logits -> permute(0, 2, 1), turned)"
    assert codes(PADDED.replace(before, f"{scores}, {target})")) == ["D0279"]
    assert codes(PADDED.replace(before, f"{scores}, {target}, ignore_index=0)")) == []


# --- layers over steps ---------------------------------------------------------------------------


@pytest.mark.parametrize("layer", ["LSTM(8)", "TransformerEncoderLayer(4)", "GRU(8)", "RNN(8)"])
def test_layers_that_would_read_from_record_to_record_are_refused(layer: str) -> None:
    text = network(f"x -> {layer} -> abs", "f32[T, N, 64]")
    (only,) = check(Source("turned.dl", text)).diagnostics
    assert only.code == "D0420"
    assert [each.span.text for each in only.others] == ["x"]


@pytest.mark.parametrize("pool", ["AdaptiveAvgPool1d(1)", "MaxPool1d(2)", "avg_pool1d(2)"])
def test_a_pool_over_the_features_of_steps_is_pointed_out(pool: str) -> None:
    text = network(f"x -> Embedding(8) -> {pool}", "token(50)[N, 20]")
    (only,) = check(Source("pool.dl", text)).diagnostics
    assert only.code == "D0680"
    assert "runs over the features" in only.message
    right = text.replace(f"-> {pool}", f"-> permute(0, 2, 1) -> {pool}")
    assert check(Source("pool.dl", right)).diagnostics == ()


def test_maps_of_features_are_not_read_as_steps() -> None:
    text = network("x -> Conv1d(8, 3) -> LSTM(16) -> abs", "f32[N, 3, 50]")
    (only,) = check(Source("map.dl", text)).diagnostics
    assert only.code == "D0201"
    assert (
        check(Source("map.dl", text.replace("-> LSTM", "-> transpose(1, 2) -> LSTM"))).diagnostics
        == ()
    )


@pytest.mark.parametrize("sizes", ["N, 32", "N, 2, 16"])
def test_a_reshape_that_moves_the_batch_is_refused_as_it_mixes_records(sizes: str) -> None:
    state = "_, h = x -> GRU(16, bidirectional=True)"
    wrong = network(f"h -> reshape({sizes})", before=state)
    (only,) = found(wrong)
    assert (only.code, only.severity) == ("D0272", "error")
    right = network(f"h -> transpose(0, 1) -> reshape({sizes})", before=state)
    assert codes(right) == []


def test_a_single_state_loses_its_axis_by_a_reshape() -> None:
    assert codes(network("h -> reshape(N, 16)", before="_, h = x -> GRU(16)")) == []


def test_one_way_of_both_is_pointed_out_where_the_other_is_lost() -> None:
    state = "_, h = x -> GRU(16, bidirectional=True)"
    (only,) = check(Source("way.dl", network("h[-1]", before=state))).diagnostics
    assert only.code == "D0681"
    both = network("cat([h[-2], h[-1]], 1)", before=state)
    assert check(Source("way.dl", both)).diagnostics == ()
    every = network("(y -> mean(1) -> Linear(16)) + h[-1]", before=state.replace("_, h", "y, h"))
    assert check(Source("way.dl", every)).diagnostics == ()


def test_the_last_step_of_what_was_packed_is_padding() -> None:
    packed = (
        "input lengths: i64[N]\n"
        "  p = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)\n"
        "  h, last = p -> GRU(16)\n"
        "  y, _ = pad_packed_sequence(h, batch_first=True, total_length=T)"
    )
    (only,) = check(Source("packed.dl", network("y[:, -1] + last[-1]", before=packed))).diagnostics
    assert only.code == "D0905"
    assert "`h[-1]`" in only.help[0]
    right = network("(y -> mean(1)) + last[-1]", before=packed)
    assert check(Source("packed.dl", right)).diagnostics == ()
