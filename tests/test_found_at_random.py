"""Faults that random models found: each once more, as small as it gets."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from networks import code_of, codes, emitted, network, same
from torch import Tensor, nn


def test_one_hot_has_as_many_classes_as_the_tokens_say(tmp_path: Path) -> None:
    text = "model Net { input x: token(7)[N, T] output y = x -> one_hot }"
    net = emitted(text, tmp_path).Net()
    assert net(torch.zeros(2, 3, dtype=torch.int64)).shape == (2, 3, 7)


@pytest.mark.parametrize("name", ["lt", "eq", "copysign", "mul", "pow"])
def test_two_values_flow_into_a_function_of_two(name: str, tmp_path: Path) -> None:
    text = f"model Net {{ input a: f32[N, 4] input b: f32[N, 4] output y = (a, b) -> {name} }}"
    a, b = torch.randn(3, 4), torch.randn(3, 4)
    found = emitted(text, tmp_path).Net()(a, b)
    torch.testing.assert_close(found, getattr(torch, name)(a, b), equal_nan=True)


def test_more_than_a_function_takes_is_still_refused() -> None:
    text = "model Net { input a: f32[N, 4] output y = (a, a, a, a) -> lt }"
    assert codes(text) == ["D0314"]
    assert codes(text.replace("(a, a, a, a) -> lt", "(a, a) -> relu")) == ["D0314"]
    assert codes(text.replace("(a, a, a, a) -> lt", "(a, a) -> softmax")) == ["D0314"]


CELL = """
model Net {{
  input x: f32[N, T, 6]
  layer cell = {cell}(2)
  h = zeros(N, 2)
  for t in range(T) {{
    h = cell(x[:, t], h)
  }}
  output y = h
}}
"""


@pytest.mark.parametrize("cell", ["GRUCell", "RNNCell"])
def test_a_declared_cell_takes_its_state_in_brackets(cell: str, tmp_path: Path) -> None:
    net = emitted(CELL.format(cell=cell), tmp_path).Net()

    def reference(x: Tensor) -> Tensor:
        h = torch.zeros(len(x), 2)
        for t in range(x.shape[1]):
            h = net.cell(x[:, t], h)
        return h

    same(net, reference, torch.randn(3, 5, 6))


def test_a_layer_in_place_takes_its_state_in_brackets(tmp_path: Path) -> None:
    text = """
model Net {
  input x: f32[N, T, 6]
  input h: f32[1, N, 2]
  output y, _ = GRU(2)(x, h)
}
""".replace("output y, _ =", "y, _ =").replace("\n}", "\n  output z = y\n}")
    net = emitted(text, tmp_path).Net()
    same(net, lambda x, h: net.gru1(x, h)[0], torch.randn(3, 5, 6), torch.randn(1, 3, 2))


DEFAULTS = """
block Wide(out: int = 1 + 1) {
  input x: f32[N, 4]
  output y = x -> Linear(out)
}
block Scaled(by: int = -3) {
  input x: f32[N, D]
  output y = x * by
}
model Net {
  input x: f32[N, 4]
  output a = x -> Wide
  output b = x -> Wide(3)
  output c = x -> Scaled
  output d = x -> Scaled(2)
}
"""


def test_a_default_that_is_computed_reaches_the_emitted_code(tmp_path: Path) -> None:
    net = emitted(DEFAULTS, tmp_path).Net()
    x = torch.randn(3, 4)
    a, b, c, d = net(x)
    assert (a.shape, b.shape) == ((3, 2), (3, 3))
    torch.testing.assert_close(c, x * -3)
    torch.testing.assert_close(d, x * 2)


IDENTITIES = """
model Net {
  input x: f32[N, 6]
  h = x -> Identity() -> Identity()
  a = x -> Linear(4) -> tanh -> Linear(6)
  output y = a
  output z = h * 2
}
"""


def test_what_identities_stand_for_is_not_written_over(tmp_path: Path) -> None:
    net = emitted(IDENTITIES, tmp_path).Net()

    def reference(x: Tensor) -> tuple[Tensor, Tensor]:
        return net.linear2(torch.tanh(net.linear1(x))), x * 2

    same(net, reference, torch.randn(3, 6))


RANKS = """
block Chain = Linear(4)
model Net {
  input x: f32[N, T, 6]
  h = x[:, 0] -> Chain()
  output y = x -> Chain()
  output z = h
}
"""


def test_a_chain_at_two_ranks_reads_its_size_off_the_right_axis(tmp_path: Path) -> None:
    net = emitted(RANKS, tmp_path).Net()
    linears = [each for each in net.modules() if isinstance(each, nn.Linear)]
    assert [each.in_features for each in linears] == [6, 6]
    y, z = net(torch.randn(3, 5, 6))
    assert (y.shape, z.shape) == ((3, 5, 4), (3, 4))


TOKENS = """
block Read = Embedding(4)
model Net {
  input a: token(7)[N, T]
  input b: token(50)[N, T]
  output y = (a -> Read) + (b -> Read)
}
"""


def test_a_chain_on_other_tokens_has_a_table_of_their_number(tmp_path: Path) -> None:
    net = emitted(TOKENS, tmp_path).Net()
    tables = [each for each in net.modules() if isinstance(each, nn.Embedding)]
    assert sorted(each.num_embeddings for each in tables) == [7, 50]


def test_a_chain_used_alike_stays_one_class() -> None:
    text = RANKS.replace("x[:, 0]", "(x -> Linear(6))")
    assert code_of(text).count("(nn.Module)") == 2


CAPTURED = """
block Body {
  input x: f32[N, 1, C]
  layer narrow = Conv1d(C, 1) -> Conv1d(1, 1)
  output y = x -> narrow
}
model Net {
  input x: f32[N, 1, 5]
  output y = x -> Body
}
"""


def test_a_size_named_like_an_axis_of_a_declared_chain_is_not_taken_for_it(tmp_path: Path) -> None:
    net = emitted(CAPTURED, tmp_path).Net()
    shapes = [tuple(each.weight.shape) for each in net.modules() if isinstance(each, nn.Conv1d)]
    assert shapes == [(5, 1, 1), (1, 5, 1)]


def test_a_scalar_of_another_dtype_than_declared_is_a_message() -> None:
    text = "model Net { input x: f32[N, 2] output y: f32 = x -> sum -> to(i64) }"
    assert codes(text) == ["D0207"]


def test_attention_without_weights_is_bound_to_two_names(tmp_path: Path) -> None:
    text = """
model Net {
  input x: f32[N, 9, 8]
  h, _ = MultiheadAttention(4)(x, x, x, need_weights=False)
  output y = h -> relu
}
"""
    net = emitted(text, tmp_path).Net().eval()

    def reference(x: Tensor) -> Tensor:
        return F.relu(net.attention1(x, x, x, need_weights=False)[0])

    same(net, reference, torch.randn(2, 9, 8))
    assert network(text).outputs[0].type.dtype == "f32"


SHARED = """
block Twice {
  input x: f32[N, C]
  layer f = tanh -> Linear(2)
  output y = x -> f -> f
}
model Net {
  input x: f32[N, 3]
  output y = x -> Twice
}
"""


def test_a_shared_chain_is_refused_where_it_would_need_other_weights() -> None:
    assert codes(SHARED) == ["D0230"]
    assert codes(SHARED.replace("tanh -> ", "")) == ["D0230"]


def test_a_shared_chain_on_like_sizes_has_one_set_of_weights(tmp_path: Path) -> None:
    net = emitted(SHARED.replace("Linear(2)", "Linear(3)"), tmp_path).Net()
    (linear,) = (each for each in net.modules() if isinstance(each, nn.Linear))
    same(net, lambda x: linear(torch.tanh(linear(torch.tanh(x)))), torch.randn(4, 3))
