"""Layers over time: results, weights and gradients are torch's, and wrong inputs are taught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from answers import answered
from dlc.compiler.cost import parameters
from dlc.compiler.dims import dim, name
from dlc.compiler.layers import LAYERS
from dlc.compiler.layers.record import Mismatch
from dlc.compiler.tensor import Type
from networks import code_of, codes, emitted, network, same
from packages import checked
from torch import Tensor, nn

STATES = """
model Net(width: int = 5) {
  input x: f32[N, T, 3]
  input start: f32[2, N, 5]
  layer encoder = LSTM(width, num_layers=2)
  y, (h, c) = x -> encoder
  again, (h2, _) = (y[:, ::2, :3], (h, c)) -> encoder
  u, hu = (y, start) -> GRU(5, bidirectional=True)
  v, _ = (u, start[:1]) -> RNN(5, nonlinearity="relu", bias=False)
  output last = y[:, -1]
  output state = h
  output cell = c
  output more = again
  output moved = h2
  output both = u
  output ends = hu
  output plain = v
  output flowed: f32[N, T, 4] = x -> LSTM(7) -> GRU(6) -> Linear(4)
}
"""


def test_emitted_layers_over_time_are_torch_s(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = emitted(STATES, tmp_path).Net()

    def reference(x: Tensor, start: Tensor) -> tuple[Tensor, ...]:
        y, (h, c) = net.encoder(x)
        again, (h2, _) = net.encoder(y[:, ::2, :3], (h, c))
        u, hu = net.gru1(y, start)
        v, _ = net.rnn1(u, start[:1])
        flowed = net.linear1(net.gru2(net.lstm1(x)[0])[0])
        return y[:, -1], h, c, again, h2, u, hu, v, flowed

    same(net, reference, torch.randn(4, 6, 3), torch.randn(2, 4, 5))


def test_emitted_layers_have_the_settings_of_the_spec(tmp_path: Path) -> None:
    net = emitted(STATES, tmp_path).Net()
    assert {type(each).__name__ for each in net.children()} == {"LSTM", "GRU", "RNN", "Linear"}
    assert all(each.batch_first for each in net.children() if isinstance(each, nn.RNNBase))
    assert (net.encoder.input_size, net.encoder.hidden_size, net.encoder.num_layers) == (3, 5, 2)
    assert net.gru1.bidirectional and not net.gru2.bidirectional
    assert (net.rnn1.nonlinearity, net.rnn1.bias) == ("relu", False)


def test_a_network_has_as_many_parameters_as_torch_counts(tmp_path: Path) -> None:
    net = emitted(STATES, tmp_path).Net()
    assert parameters(network(STATES)) == sum(each.numel() for each in net.parameters())


def test_a_layer_over_time_is_written_as_in_torch() -> None:
    code = code_of(STATES)
    assert "self.encoder = nn.LSTM(3, width, num_layers=2, batch_first=True)" in code
    assert "# (N, T, width), (2, N, width), (2, N, width)\n        y, (h, c) = self.enc" in code
    assert "x, _ = self.lstm1(x)  # (N, T, 7)" in code


@pytest.mark.parametrize("layer", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("both", [False, True])
def test_open_sizes_stay_and_both_directions_double_the_features(
    layer: str, layers: int, both: bool
) -> None:
    x = Type("f32", (name("N"), name("T"), dim(4)))
    stated = {"hidden_size": 6, "num_layers": layers, "bidirectional": both}
    ours = answered(LAYERS[layer], stated, x)
    assert not isinstance(ours, Mismatch)
    y, *states = ours.types
    ways = 2 if both else 1
    assert y.shape == (name("N"), name("T"), dim(6 * ways))
    assert len(states) == (2 if layer == "LSTM" else 1)
    assert {each.shape for each in states} == {(dim(layers * ways), name("N"), dim(6))}


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        ("flat -> LSTM(8)", "reshape(N, 20, 1) for 20 steps of one number"),
        ("words -> GRU(8)", "-> Embedding(64) before it makes [N, T, 64] of indices"),
        ("image -> RNN(8)", "-> flatten(2) before it, with the steps in axis 1"),
        ("x -> LSTM(8, batch_first=False)", "leave out batch_first, and give it [N, T, F]"),
        ("(x, x) -> LSTM(8)", "(x, (h, c)) -> LSTM(…)"),
    ],
)
def test_a_wrong_input_is_told_what_to_write(chain: str, said: str) -> None:
    text = f"""
    model Net {{
      input x: f32[N, 5, 4]
      input flat: f32[N, 20]
      input words: token(9)[N, 5]
      input image: f32[N, 3, 5, 5]
      pooled = (image -> mean(-1) -> mean(-1))[:, :2]
      a = (flat -> Linear(2)) + (words -> Embedding(2) -> sum(1)) + pooled
      y, _ = {chain}
      output b = a + x[:, 0, :2]
    }}
    """
    (fault,) = checked(text).diagnostics
    assert fault.code == "D0201"
    assert said in fault.help[0]


@pytest.mark.parametrize(
    "chain",
    [
        "x -> LSTM()",
        "x -> LSTM(0)",
        "x -> LSTM(8, num_layers=0)",
        "x -> LSTM(8, dropout=1.5)",
        'x -> RNN(8, nonlinearity="sigmoid")',
        "x -> LSTM(8, input_size=5)",
        "x -> LSTM(4, 8, 2)",
        "(x, (x, x)) -> LSTM(8)",
        "(x, (x, x, x)) -> LSTM(8)",
        "(x, [x]) -> LSTM(8)",
        "(x, zeros(1, N, 7)) -> GRU(8)",
        "(x, zeros(1, N, 8), x) -> GRU(8)",
        "x -> LSTM(8, proj_size=8)",
        "x -> GRU(8, proj_size=4)",
        "x > 0 -> LSTM(8)",
    ],
)
def test_a_wrong_setting_is_refused(chain: str) -> None:
    text = f"model Net {{ input x: f32[N, 5, 4] y, _ = {chain} output z = x -> Linear(2) }}"
    assert len(codes(text)) == 1


def test_dropout_in_one_layer_is_a_warning_as_in_torch() -> None:
    def said(settings: str) -> list[str]:
        text = (
            f"model Net {{ input x: f32[N, 5, 4] output y = x -> LSTM({settings}) -> Linear(2) }}"
        )
        return codes(text)

    assert said("8, dropout=0.2") == ["D0231"]
    assert said("8, 2, dropout=0.2") == said("8") == []
    with pytest.warns(UserWarning, match="dropout"):
        nn.LSTM(4, 8, dropout=0.2)


def test_a_layer_over_time_learns_a_task_that_needs_a_memory(tmp_path: Path) -> None:
    """Which of the two signs came first: nothing that sees the last step alone can tell."""
    text = """
    model Net {
      input x: f32[N, 6, 1]
      h, _ = x -> LSTM(12)
      output score: f32[N] = h[:, -1] -> Linear(1) -> reshape(N)
    }
    """
    torch.manual_seed(1)
    net: Any = emitted(text, tmp_path).Net()
    x = torch.randn(256, 6, 1)
    target = (x[:, 0, 0] > 0).float()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(120):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(net(x), target)
        loss.backward()
        optimizer.step()
    assert ((net(x) > 0) == (target > 0)).float().mean() > 0.95
