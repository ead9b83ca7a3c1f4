"""Several results: names in torch's structure, what flows on, and what is emitted."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from networks import code_of, codes, emitted, same
from packages import checked
from torch import Tensor

PARTS = """
block Halves {
  input x: f32[N, D]
  require D % 2 == 0, "an even width"
  output left: f32[N, D // 2] = x[:, :D // 2]
  output right: f32[N, D // 2] = x[:, D // 2:]
}

model Net {
  input x: f32[N, 8]
  a, b = chunk(x, 2, -1)
  first, _ = split(x, [3, 5], 1)
  m, (n, (o, _)) = [a, [b, [a * 2, b * 2]]]
  left, right = x -> Halves
  u, _, v = [a, b, a + b] -> stack(1) -> unbind(1)
  output y: f32[N, 4] = m * n + o + left / 2 - right + u * v
  output z: f32[N, 3] = first
  output w: f32[N, 8] = cat(chunk(x, 2, -1), 1)
  output k: f32[N, 4] = x -> chunk(2, -1) -> relu
  output s: f32[N, 4] = x -> Halves -> tanh
  output t: f32[N, 4] = (x -> chunk(2, 1))[1]
}
"""


def test_names_get_the_parts_that_torch_gives(tmp_path: Path) -> None:
    net = emitted(PARTS, tmp_path).Net()

    def reference(x: Tensor) -> tuple[Tensor, ...]:
        a, b = x.chunk(2, -1)
        y = a * b + a * 2 + x[:, :4] / 2 - x[:, 4:] + a * (a + b)
        return y, x[:, :3], x, torch.relu(a), torch.tanh(x[:, :4]), b

    same(net, reference, torch.randn(5, 8))


def test_what_nothing_reads_has_no_name() -> None:
    code = code_of(PARTS)
    assert "a, b = x.chunk(2, -1)  # (N, 4), (N, 4)" in code
    assert "first, _ = torch.split(x, [3, 5], 1)  # (N, 3)" in code
    assert "u, _, v = torch.stack([a, b, a + b], dim=1).unbind(1)" in code


def test_a_name_of_one_underscore_is_not_lost_to_what_is_dropped(tmp_path: Path) -> None:
    text = """
    model Net {
      input x: f32[N, 4]
      _ = x * 2
      a, _ = chunk(x, 2, 1)
      b, c = chunk(x, 2, 1)
      output y: f32[N, 4] = _ + 1
      output z: f32[N, 2] = a
    }
    """
    net = emitted(text, tmp_path).Net()
    same(net, lambda x: (x * 2 + 1, x[:, :2]), torch.randn(3, 4))


def test_a_single_result_in_brackets_is_taken_out_of_them(tmp_path: Path) -> None:
    text = "model Net { input x: f32[N, 4] output y: f32[N, 4] = chunk(x, 1, 1)[0] * 2 }"
    same(emitted(text, tmp_path).Net(), lambda x: x * 2, torch.randn(3, 4))


def test_parts_that_do_not_divide_are_torch_s(tmp_path: Path) -> None:
    text = """
    model Net {
      input x: f32[N, 7]
      a, b, c = chunk(x, 3, 1)
      d, e = split(x, 4, 1)
      output y: f32[N, 1] = c
      output z: f32[N, 3] = e
    }
    """
    net = emitted(text, tmp_path).Net()
    same(net, lambda x: (x.chunk(3, 1)[2], x.split(4, 1)[1]), torch.randn(3, 7))


def test_an_open_axis_is_cut_where_it_divides(tmp_path: Path) -> None:
    text = "model Net { input x: f32[N, T] a, b = chunk(x, 2, 1) output y = a - b }"
    net = emitted(text, tmp_path).Net()
    same(net, lambda x: x[:, :3] - x[:, 3:], torch.randn(2, 6))
    with pytest.raises(ValueError, match=r"net\.dl:1: T must be a multiple of 2"):
        net(torch.randn(2, 5))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("h = x -> LSTM(3)", "D0223"),
        ("h = chunk(x, 2, -1)", "D0223"),
        ("h = x -> Two", "D0223"),
        ("y, h = x -> LSTM(3)", "D0223"),
        ("h = chunk(x, 2, -1) + 1", "D0223"),
        ("h = -(x -> GRU(3))", "D0223"),
        ("a, b, c = x -> GRU(3)", "D0224"),
        ("a, b, c = chunk(x, 2, -1)", "D0224"),
        ("y, (h, c, d) = x -> LSTM(3)", "D0224"),
        ("y, (h, c) = x -> GRU(3)", "D0224"),
        ("a, b = x", "D0224"),
        ("a, b = 3", "D0224"),
        ("a, b = [1, 2, 3]", "D0224"),
        ("a, a = chunk(x, 2, -1)", "D0302"),
        ("a, b = unknown(x)", "D0301"),
        ("a, b = chunk(x, 2, 0)", "D0201"),
        ("a, b = split(x, [1, 2], -1)", "D0201"),
        ("a, b = unbind(x, 0)", "D0201"),
        ("a = cat([x, x], 0)", "D0201"),
        ("a = cat([x, x[:, :, :2]], 1)", "D0201"),
        ("a = cat(x, 1)", "D0201"),
        ("a = cat([], 1)", "D0201"),
        ("a = cat([x, 3], 1)", "D0215"),
        ("a = [x, x] -> relu", "D0215"),
    ],
)
def test_a_wrong_statement_is_one_message(statement: str, code: str) -> None:
    text = f"""
    block Two {{ input x: f32[N, T, D] output a = x * 2 output b = x * 3 }}
    model Net {{
      input x: f32[N, 5, 4]
      {statement}
      output z = x -> Linear(1)
    }}
    """
    assert codes(text) == [code]


def test_names_after_a_fault_cause_no_second_message() -> None:
    text = """
    model Net {
      input x: f32[N, 5, 4]
      a, b, c = x -> GRU(3)
      output z = a + b * c -> Linear(1)
    }
    """
    assert codes(text) == ["D0224"]


def test_an_output_of_several_results_is_told_how_to_take_the_first() -> None:
    text = "model Net { input x: f32[N, 5, 4] output y: f32[N, 5, 8] = x -> LSTM(8) }"
    (fault,) = checked(text).diagnostics
    assert fault.message == "LSTM gives several results, and `y` would be all of them"
    assert fault.label == "LSTM gives y, (h, c)"
    assert fault.help == ("write `y, _ = …`, or let it flow on: `->` passes the first",)


def test_more_results_than_anyone_names_are_refused_not_made() -> None:
    for call in ("chunk(x, 1000000, 1)", "split(x, 1, 1)", "unbind(x, 1)", "chunk(t, 1000000, 1)"):
        text = f"""
        model Net {{
          input x: f32[N, 1000000000]
          input t: f32[N, T]
          a, b = {call}
          output y = x + 1
          output z = t + 1
        }}
        """
        assert codes(text) == ["D0201"], call
