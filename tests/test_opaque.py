"""Packed sequences and complex numbers stay where they are understood: anything else is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from networks import emitted
from packages import checked
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SEQUENCES = """
block Plain { input q: f32[N, T, D] output r = q }
block Short = LSTM(8)
model Net {
  input x: f32[N, 5, 4]
  input lengths: i64[N]
  p = pack_padded_sequence(x, lengths, enforce_sorted=False)
  BODY
}
"""
SPECTRA = """
block Plain { input q: f32[N, T, D] output r = q }
block Spectrum = rfft
model Net {
  input x: f32[N, 5, 4]
  BODY
}
"""


@pytest.mark.parametrize(
    "body",
    [
        "output z = p + 1",
        "output z = x + p",
        "output z = -p",
        "output z = p == p",
        "output z = p",
        "output z = if p > 0 { x } else { x }",
        "parts = [p, p] output z = parts[0]",
        "output z = p[:, 1]",
        "output z = x * p.shape[1]",
        "output z = p.T",
        "output z = p -> relu",
        "output z = p -> Plain",
        "output z = p -> Short",
    ],
)
def test_a_packed_sequence_outside_layers_over_time_is_told_to_be_padded(body: str) -> None:
    (fault,) = checked(SEQUENCES.replace("BODY", body)).diagnostics
    assert fault.code in ("D0202", "D0208")
    assert (
        "a packed sequence has no axes: only LSTM, GRU and RNN read it"
        in f"{fault.label}{fault.message}"
    )
    assert any("pad_packed_sequence(packed, total_length=T)" in each for each in fault.help)


def test_a_packed_sequence_goes_through_layers_over_time_as_in_torch(tmp_path: Path) -> None:
    body = """
    h, (last, _) = p -> LSTM(3)
    output z = pad_packed_sequence(h, total_length=5)[0]
    output end = last"""
    net = emitted(SEQUENCES.replace("BODY", body), tmp_path).Net()
    (layer,) = (each for each in net.children() if isinstance(each, nn.LSTM))
    x, lengths = torch.randn(3, 5, 4), torch.tensor([2, 5, 3])
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    h, (last, _) = layer(packed)
    padded = pad_packed_sequence(h, batch_first=True, total_length=5)[0]
    for mine, other in zip(net(x, lengths), (padded, last), strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize(
    "body", ["output z = fft(x)", "output z = x -> Spectrum", "c = fft(x) output z = c * c"]
)
def test_a_model_gives_no_complex_numbers_and_says_how_to_make_real_ones(body: str) -> None:
    (fault,) = checked(SPECTRA.replace("BODY", body)).diagnostics
    assert fault.code == "D0202"
    assert "a model gives real numbers" in fault.label
    assert "view_as_real" in fault.help[0]


@pytest.mark.parametrize(
    "body",
    [
        "output z = fft(x) -> real",
        "output z = x -> Spectrum -> abs",
        "c = fft(x) output z = c * c + 1 -> view_as_real",
    ],
)
def test_complex_numbers_inside_a_model_are_right(body: str) -> None:
    assert not checked(SPECTRA.replace("BODY", body)).diagnostics


def test_a_network_of_spectra_gives_what_torch_gives(tmp_path: Path) -> None:
    body = """
    weight pairs: f32[5, 3, 2] = normal_(std=1.0)
    c = rfft(x) * view_as_complex(pairs)
    output z: f32[N, 5, 4] = irfft(-c / 2, 4)
    output pair = conj(c) -> view_as_real"""
    net = emitted(SPECTRA.replace("BODY", body), tmp_path).Net()
    x = torch.randn(2, 5, 4)
    c = torch.fft.rfft(x) * torch.view_as_complex(net.pairs)
    z, pair = net(x)
    torch.testing.assert_close(z, torch.fft.irfft(-c / 2, 4))
    torch.testing.assert_close(pair, torch.view_as_real(c.conj().resolve_conj()))
