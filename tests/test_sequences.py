"""Emitted attention, cells and packed sequences compute what the same layers of torch compute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from networks import code_of, codes, emitted, same
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PACKED = """
model Net {
  input x: f32[N, T, 3]
  input lengths: i64[N]
  packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
  p, (h, c) = packed -> LSTM(6, proj_size=2)
  q, last = p -> GRU(4, bidirectional=True)
  y, counts = pad_packed_sequence(q, batch_first=True, total_length=T + 1, padding_value=-1.0)
  output steps: f32[N, T + 1, 8] = y
  output counted: i64[N] = counts
  output state: f32[1, N, 2] = h
  output cell: f32[1, N, 6] = c
  output ends: f32[2, N, 4] = last
}
"""
LOOKING = """
model Net {
  input x: f32[N, T, 8]
  input memory: f32[N, S, 8]
  input wide: f32[N, S, 5]
  input gone: bool[N, S]
  later = triu(ones(T, T), 1) > 0
  a, shares = MultiheadAttention(2)(x, memory, wide, key_padding_mask=gone)
  e = TransformerEncoderLayer(2, dim_feedforward=16)(a, src_mask=later)
  d = TransformerDecoderLayer(4, activation="gelu")(e, memory, memory_key_padding_mask=gone)
  t = Transformer(2, num_encoder_layers=1, num_decoder_layers=1)(memory, d, tgt_mask=later)
  output looked = t + scaled_dot_product_attention(x, x, x, is_causal=True, dropout_p=0.5)
  output weights: f32[N, T, S] = shares
}
"""


def test_packed_sequences_go_through_layers_over_time_as_in_torch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(PACKED, tmp_path).Net()

    def reference(x: Tensor, lengths: Tensor) -> tuple[Tensor, ...]:
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        p, (h, c) = net.lstm1(packed)
        q, last = net.gru1(p)
        y, counts = pad_packed_sequence(q, True, -1.0, total_length=x.shape[1] + 1)
        return y, counts, h, c, last

    same(net, reference, torch.randn(4, 6, 3), torch.tensor([2, 6, 1, 4]))


def test_a_packed_record_is_read_as_if_it_stood_alone(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(PACKED, tmp_path).Net()
    x, lengths = torch.randn(3, 5, 3), torch.tensor([3, 5, 1])
    steps, counted, state, *_ = net(x, lengths)
    assert counted.tolist() == [3, 5, 1]
    for record, length in enumerate(lengths.tolist()):
        alone, _, own, *_ = net(x[record : record + 1, :length], torch.tensor([length]))
        assert torch.allclose(steps[record, :length], alone[0, :length], atol=1e-6)
        assert torch.allclose(state[:, record], own[:, 0], atol=1e-6)
        assert (steps[record, length:] == -1).all()


def test_emitted_attention_is_torch_s(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(LOOKING, tmp_path).Net().eval()

    def reference(x: Tensor, memory: Tensor, wide: Tensor, gone: Tensor) -> tuple[Tensor, ...]:
        later = torch.ones(x.shape[1], x.shape[1]).triu(1) > 0
        a, shares = net.attention1(x, memory, wide, key_padding_mask=gone)
        e = net.encoder1(a, src_mask=later)
        d = net.decoder1(e, memory, memory_key_padding_mask=gone)
        t = net.transformer1(memory, d, tgt_mask=later)
        return t + F.scaled_dot_product_attention(x, x, x, is_causal=True), shares

    gone = torch.tensor([[False, False, True], [False, True, True]])
    same(net, reference, torch.randn(2, 4, 8), torch.randn(2, 3, 8), torch.randn(2, 3, 5), gone)


def test_attention_is_written_as_in_torch(tmp_path: Path) -> None:
    code = code_of(LOOKING)
    assert "self.attention1 = nn.MultiheadAttention(8, 2, vdim=5, batch_first=True)" in code
    assert "a, shares = self.attention1(x, memory, wide, key_padding_mask=gone)" in code
    assert "dropout_p=0.5 if self.training else 0.0" in code
    net: Any = emitted(LOOKING, tmp_path).Net()
    assert (net.attention1.kdim, net.attention1.vdim) == (8, 5)
    assert net.decoder1.activation is F.gelu
    assert net.transformer1.batch_first and net.encoder1.self_attn.batch_first


def test_a_cell_in_a_row_of_steps_is_the_layer_over_time(tmp_path: Path) -> None:
    text = """
    model Net {
      input x: f32[N, 3, 4]
      layer cell = LSTMCell(5)
      h, c = x[:, 0] -> cell
      h2, c2 = (x[:, 1], (h, c)) -> cell
      h3, c3 = (x[:, 2], (h2, c2)) -> cell
      output last: f32[N, 5] = h3
      output kept: f32[N, 5] = c3
    }
    """
    torch.manual_seed(0)
    net = emitted(text, tmp_path).Net()
    whole = torch.nn.LSTM(4, 5, batch_first=True)
    whole.load_state_dict({f"{key}_l0": value for key, value in net.cell.state_dict().items()})
    x = torch.randn(2, 3, 4)
    _, (h, c) = whole(x)
    last, kept = net(x)
    assert torch.allclose(last, h[0], atol=1e-6) and torch.allclose(kept, c[0], atol=1e-6)


@pytest.mark.parametrize(
    "chain",
    [
        "x -> MultiheadAttention(2)",
        "MultiheadAttention(3)(x, x, x)",
        "MultiheadAttention(2, embed_dim=6)(x, x, x)",
        "MultiheadAttention(2)(x, x, x, attn_mask=x)",
        "MultiheadAttention(2)(x, x, x, attn_mask=ones(3, 3))",
        "MultiheadAttention(2)(x, x, x, need_weights=False, average_attn_weights=False)",
        "x -> TransformerEncoderLayer(2, batch_first=False)",
        'x -> TransformerEncoderLayer(2, activation="tanh")',
        "(x, x[:, :, :4]) -> TransformerDecoderLayer(2)",
        "(x, x) -> Transformer(2, num_encoder_layers=0)",
        "(x, x, x) -> scaled_dot_product_attention(dropout_p=2.0)",
        "(x, x, x[:, :3]) -> scaled_dot_product_attention",
        "(x, x[:, :, :4], x) -> scaled_dot_product_attention",
        "(x, x[:, :3]) -> Bilinear(2)",
        "x -> LSTMCell(5)",
        "(x[:, 0], x[:, 0]) -> LSTMCell(5)",
        "x -> EmbeddingBag(5)",
        "words -> EmbeddingBag(5, num_embeddings=4)",
        'words -> EmbeddingBag(5, mode="max", scale_grad_by_freq=True)',
        "embedding(words, ones(4, 5))",
        "linear(x, ones(5, 7))",
        "linear(x, ones(5, 8), bias=ones(8))",
        "bilinear(x, x, ones(5, 8, 7))",
        "pad_packed_sequence(x, total_length=5)",
    ],
)
def test_a_wrong_use_is_one_message(chain: str) -> None:
    text = f"""
    model Net {{
      input x: f32[N, 5, 8]
      input words: token(9)[N, 5]
      wrong = ({chain})
      output y = (x -> Linear(2)) + (words -> Embedding(2))
    }}
    """
    found = [code for code in codes(text) if code != "D0683"]
    assert len(found) == 1, found
