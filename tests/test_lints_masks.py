"""Claims of dlc.compiler.lints about masks: what hides nothing, or all, in torch too."""

from __future__ import annotations

import math

import pytest
import torch
from sequences import HEADS, codes, found, network
from torch import nn
from torch.nn import functional as F


def shares(scores: str, made: str = "tril(ones(T, T)) > 0") -> str:
    """A model that reads its steps by the shares of `scores`."""
    return network("shares @ x", before=f"mask = {made}\n  shares = {scores}")


# --- masks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "right"),
    [
        ("tril(ones(T, T))", "tril(ones(T, T)) > 0"),
        ("triu(ones(T, T), 1)", "triu(ones(T, T), 1) == 0"),
    ],
)
def test_a_mask_of_ones_that_is_added_is_pointed_out(mask: str, right: str) -> None:
    text = network("scaled_dot_product_attention(x, x, x, attn_mask=mask)", HEADS, f"mask = {mask}")
    assert codes(text) == ["D0273"]
    assert codes(text.replace(f"mask = {mask}", f"mask = {right}")) == []


def test_the_help_for_an_added_mask_is_in_the_sense_of_the_layer() -> None:
    text = network("TransformerEncoderLayer(4)(x, src_mask=mask)", before="mask = tril(ones(T, T))")
    (only,) = found(text)
    assert only.help == ("make it bool: `src_mask=mask == 0`",)
    assert codes(text.replace("src_mask=mask", "src_mask=mask == 0")) == []


def test_a_mask_of_infinities_is_left_in_peace() -> None:
    text = network(
        "scaled_dot_product_attention(x, x, x, attn_mask=triu(full((T, T), -inf), 1))", HEADS
    )
    assert codes(text) == []


WAYS = [
    ("tril(ones(T, T)) > 0", False),
    ("tril(ones(T, T)) == 0", True),
    ("~(tril(ones(T, T)) > 0)", True),
    ("triu(ones(T, T), 1) -> to(bool)", True),
    ("triu(ones(T, T), 1) == 0", False),
    ("logical_not(tril(ones(T, T, dtype=bool)))", True),
    ("tril(ones(T, T, dtype=bool))", False),
    ("tril(ones(T, T), -1) > 0", True),
    ("triu(ones(T, T)) != 0", False),
]


def torch_mask(mask: str, size: int = 5) -> torch.Tensor:
    """The mask of a spec's expression, written in torch."""
    known = {"T": size, "bool": torch.bool, "tril": torch.tril, "triu": torch.triu}
    known |= {"ones": torch.ones, "logical_not": torch.logical_not}
    text = f"({mask.removesuffix(' -> to(bool)')}).to(bool)"
    return eval(text, {}, known)  # type: ignore[no-any-return]


@pytest.mark.parametrize(("mask", "hides"), WAYS)
def test_a_mask_that_leaves_a_step_nothing_to_see_is_refused_and_torch_gives_nan(
    mask: str, hides: bool
) -> None:
    text = network("scaled_dot_product_attention(x, x, x, attn_mask=mask)", HEADS, f"mask = {mask}")
    assert codes(text) == ["D0274"] * hides
    x = torch.randn(2, 4, 5, 16)
    seen = torch_mask(mask)
    shares = (x @ x.mT).masked_fill(~seen, -math.inf).softmax(-1)
    assert bool(shares.isnan().any()) is hides


@pytest.mark.parametrize(("mask", "sees"), WAYS)
def test_the_layers_hide_what_is_true_so_the_other_way_round_is_refused(
    mask: str, sees: bool
) -> None:
    wrong = torch_mask(mask).all(-1).any().item()
    text = network(
        "h", before=f"mask = {mask}\n  h, _ = MultiheadAttention(4)(x, x, x, attn_mask=mask)"
    )
    assert codes(text) == ["D0274"] * bool(wrong)
    x = torch.randn(2, 5, 64)
    layer = nn.MultiheadAttention(64, 4, batch_first=True)
    given, _ = layer(x, x, x, attn_mask=torch_mask(mask))
    assert bool(given.isnan().any()) is bool(wrong)


def test_a_mask_the_wrong_way_round_before_a_softmax_is_refused_too() -> None:
    text = shares("x @ x.mT / 8 -> masked_fill(mask, -inf) -> softmax(-1)")
    assert codes(text) == ["D0274"]
    assert codes(text.replace("masked_fill(mask", "masked_fill(~mask")) == []


def test_a_buffer_is_looked_into_for_the_sense_of_a_mask() -> None:
    body = "scaled_dot_product_attention(x, x, x, attn_mask=mask)"
    text = network(body, HEADS, "buffer mask: bool[T, T] = triu(ones(T, T), 1) -> to(bool)")
    assert codes(text) == ["D0274"]


def test_a_mask_put_together_from_others_is_left_in_peace() -> None:
    before = "mask = logical_or(tril(ones(T, T)) == 0, arange(T) > 3)"
    text = network("scaled_dot_product_attention(x, x, x, attn_mask=mask)", HEADS, before)
    assert codes(text) == []


# --- scores and shares ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scores",
    [
        "x @ x.mT / 8 -> masked_fill(~mask, 0.0) -> softmax(-1)",
        "x @ x.mT / 8 -> masked_fill(~mask, 0) -> Softmax(dim=-1)",
        "softmax((x @ x.mT) * mask, -1)",
    ],
)
def test_scores_of_zero_before_a_softmax_are_pointed_out(scores: str) -> None:
    assert codes(shares(scores)) == ["D0275"]


def test_a_score_of_zero_gets_a_share_in_torch() -> None:
    assert F.softmax(torch.tensor([0.0, 0.0, 1.0]), -1)[0] > 0.2


@pytest.mark.parametrize(
    "scores",
    [
        "x @ x.mT / 8 -> masked_fill(~mask, -inf) -> softmax(-1)",
        "x @ x.mT / 8 -> masked_fill(~mask, -1e9) -> softmax(-1)",
        "x @ x.mT / 8 -> softmax(-1) -> masked_fill(~mask, 0.0)",
        "x @ x.mT / 8 -> masked_fill(~mask, 0.0) -> tanh",
        "(x @ x.mT) * 0.125 -> softmax(-1)",
    ],
)
def test_scores_that_are_hidden_or_only_scaled_are_left_in_peace(scores: str) -> None:
    unused = "mask" not in scores
    text = shares(scores)
    assert codes(text.replace("mask = tril(ones(T, T)) > 0\n", "\n") if unused else text) == []


def test_infinities_among_shares_that_are_summed_with_are_pointed_out() -> None:
    text = shares("x @ x.mT / 8 -> softmax(-1) -> masked_fill(~mask, -inf)")
    assert codes(text) == ["D0276"]


def test_infinities_among_shares_that_are_only_ranked_are_left_in_peace() -> None:
    body = "x -> softmax(-1) -> masked_fill(x < 0, -inf) -> argmax(-1)"
    assert codes(network(body)) == []


@pytest.mark.parametrize("product", ["shares @ x", "matmul(shares, x)", "bmm(shares, x)"])
def test_shares_along_another_axis_than_is_summed_over_are_pointed_out(product: str) -> None:
    text = network(product, before="shares = softmax(x @ x.mT / 8, 1)")
    assert codes(text) == ["D0277"]
    assert codes(text.replace("8, 1)", "8, -1)")) == []


def test_shares_behind_dropout_are_the_same_shares() -> None:
    text = network("shares @ x", before="shares = softmax(x @ x.mT / 8, 1) -> dropout(0.1)")
    assert codes(text) == ["D0277"]


@pytest.mark.parametrize(
    "body",
    [
        "(x -> Linear(4) -> softmax(1)).mT @ x",
        "(x -> Linear(4) -> softmax(-1)).mT @ x",
        "sum((x -> Linear(1) -> softmax(1)) * x, 1)",
        'einsum("nts,ntd->nsd", softmax(x @ x.mT, 1), x)',
        "(s / sum(s, -1, keepdim=True)) @ x",
    ],
)
def test_shares_that_are_turned_or_made_anew_are_left_in_peace(body: str) -> None:
    before = "s = softmax(x @ x.mT, 1)" if "s /" in body else ""
    assert codes(network(body, before=before)) == []


# --- masks of words ------------------------------------------------------------------------------

WORDS = "token(50)[N, 7]"
READS = "e = x -> Embedding(16)\n  "


@pytest.mark.parametrize(
    ("mask", "wrong"),
    [("x != 0", True), ("x > 0", True), ("~(x == 0)", True), ("x == 0", False), ("x == 3", False)],
)
def test_a_mask_of_padding_hides_the_padding_and_not_the_words(mask: str, wrong: bool) -> None:
    attends = f"h, _ = MultiheadAttention(4)(e, e, e, key_padding_mask={mask})"
    assert codes(network("h", WORDS, READS + attends)) == ["D0274"] * wrong
    body = f"TransformerEncoderLayer(4)(e, src_key_padding_mask={mask})"
    assert codes(network(body, WORDS, READS)) == ["D0274"] * wrong


@pytest.mark.parametrize(("mask", "wrong"), [("x != 0", False), ("x == 0", True)])
def test_where_true_is_seen_the_words_are_to_be_true(mask: str, wrong: bool) -> None:
    body = f"scaled_dot_product_attention(e, e, e, attn_mask=({mask})[:, None])"
    assert codes(network(body, WORDS, READS)) == ["D0274"] * wrong
    body = f"softmax(masked_fill(e @ e.mT / 4, ~({mask})[:, None], -inf), -1)"
    assert codes(network(body, WORDS, READS)) == ["D0274"] * wrong


def test_a_text_without_padding_becomes_nan_under_a_mask_the_wrong_way_round() -> None:
    words = torch.tensor([[3, 1, 2]])
    x = torch.randn(1, 3, 16)
    layer = nn.MultiheadAttention(16, 4, batch_first=True)
    assert layer(x, x, x, key_padding_mask=words != 0)[0].isnan().all()
    assert not layer(x, x, x, key_padding_mask=words == 0)[0].isnan().any()


def test_a_mask_of_ones_times_infinity_is_pointed_out_and_is_nan_in_torch() -> None:
    text = network("x @ x.mT + triu(ones(T, T), 1) * -inf -> softmax(-1)")
    assert codes(text) == ["D0273"]
    assert (torch.ones(3, 3).triu(1) * -math.inf).isnan().any()
    assert codes(text.replace("triu(ones(T, T), 1) * -inf", "triu(full((T, T), -inf), 1)")) == []
