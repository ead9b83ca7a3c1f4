"""Loops in `predict` blocks: those that only count stay loops, the others are gone through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from packages import checked, imported, package, written
from torch import Tensor, nn

HEAD = """\
data points {
  x: f32[2] = [[0, 1], [1, 0], [2, 1]]
}

model Move {
  input x: f32[N, 2]
  input turn: i64[N]
  output y: f32[N, 2] = (x -> Linear(2)) * 0.9 + 0.001 * to(turn, f32)[:, None]
}

train M = Move() on points {
  step M {
    loss = mse_loss(M(x, zeros(N, dtype=i64)), x)
    optimizer = SGD(lr=0.1)
  }
  epochs = 1
}
"""


def spec(body: str) -> str:
    return (
        f"{HEAD}\npredict walk {{\n  input x: f32[N, 2] = randn(N, 2)\n{body}\n"
        "  output y: f32[N, 2] = x\n}\n"
    )


def code(body: str) -> str:
    return package(spec(body)).files["procedures.py"]


def walked(body: str, tmp_path: Path, records: int = 3) -> tuple[Tensor, nn.Module]:
    """What the emitted function gives after `manual_seed(1)`, and the model that it called."""
    home = written(package(spec(body)), tmp_path)
    torch.manual_seed(0)
    model: Any = imported(home, "model").Move()
    procedures = imported(home, "procedures")
    torch.manual_seed(1)
    given = [model] if "M(" in body else []
    return procedures.walk(*given, records), model


def test_a_thousand_turns_are_one_loop_and_compute_what_a_loop_by_hand_does(
    tmp_path: Path,
) -> None:
    body = """
  for i in range(1000) {
    x = M(x, (999 - i) * ones(N, dtype=i64)) + 0.01 * randn_like(x)
  }"""
    emitted = code(body)
    assert emitted.count("M(") == 1
    assert emitted.count("for ") == 2  # the loop, and "for `n` records"
    found, model = walked(body, tmp_path)
    torch.manual_seed(1)
    with torch.no_grad():
        x = torch.randn(3, 2)
        for turn in reversed(range(1000)):
            x = model(x, torch.full((3,), turn)) + 0.01 * torch.randn(3, 2)
    torch.testing.assert_close(found, x)


def test_the_number_of_a_turn_starts_where_the_range_does_and_indexes(tmp_path: Path) -> None:
    body = """
  sizes = arange(10)
  for t in range(3, 7) {
    x = x * sizes[t] + t
  }"""
    found, _ = walked(body, tmp_path)
    torch.manual_seed(1)
    x = torch.randn(3, 2)
    for turn in (3, 4, 5, 6):
        x = x * turn + turn
    torch.testing.assert_close(found, x)


UNROLLED: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "what is carried grows": (
        "  for i in range(3) {\n    x = cat([x, x + i], 1)\n  }\n  x = x[:, 14:]",
        lambda x: x + 3,
    ),
    "a turn is told from others": (
        "  for i in range(3) {\n    x = if i == 1 { x * 3 } else { x + 1 }\n  }",
        lambda x: (x + 1) * 3 + 1,
    ),
    "what a turn binds is read later": (
        "  for i in range(3) {\n    last = x * (i + 1)\n  }\n  x = last",
        lambda x: 3 * x,
    ),
    "it counts down": (
        "  for i in reversed(range(3)) {\n    x = x * 2 + i\n  }",
        lambda x: ((2 * x + 2) * 2 + 1) * 2,
    ),
    "it leaves numbers out": (
        "  for i in range(6, 0, -2) {\n    x = x * 2 + i\n  }",
        lambda x: ((2 * x + 6) * 2 + 4) * 2 + 2,
    ),
}


@pytest.mark.parametrize("why", UNROLLED)
def test_a_loop_that_does_more_than_count_is_gone_through(why: str, tmp_path: Path) -> None:
    body, by_hand = UNROLLED[why]
    assert "for i in" not in code(body)
    found, _ = walked(body, tmp_path)
    torch.manual_seed(1)
    torch.testing.assert_close(found, by_hand(torch.randn(3, 2)))


def test_states_of_all_turns_are_listed(tmp_path: Path) -> None:
    body = """
  seen = []
  for i in range(4) {
    x = x + 1
    seen.append(x)
  }
  x = stack(seen, 1) -> sum(1)"""
    found, _ = walked(body, tmp_path)
    torch.manual_seed(1)
    torch.testing.assert_close(found, 4 * torch.randn(3, 2) + 10)


def test_more_calls_than_a_network_may_have_are_refused_at_their_place() -> None:
    text = spec("  for i in reversed(range(60000)) {\n    x = sin(cos(x + i))\n  }")
    (found,) = checked(text).diagnostics
    assert found.code == "D0126"
    assert found.span.text.startswith("for i in reversed")


def test_a_fault_in_a_loop_is_said_once_and_with_its_turn() -> None:
    text = spec("  for i in range(5) {\n    x = x @ ones(3, 2)\n  }")
    (found,) = checked(text).diagnostics
    assert found.code == "D0206" or found.code.startswith("D02")
    assert any("turn 1 of 5" in each.text for each in found.others)
