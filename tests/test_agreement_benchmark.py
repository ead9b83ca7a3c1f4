"""The script that counts how often records agree with torch: its sums, and what it notices."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from agreement import Drawn
from test_agreement import DRAWN

SCRIPT = Path(__file__).parent / "benchmarks" / "agreement.py"


@pytest.fixture(scope="module")
def counting() -> Any:
    spec = importlib.util.spec_from_file_location("agreement_benchmark", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def tallies(counting: Any, layer: str, drawn: Drawn) -> tuple[Any, Any]:
    closed, open_ = counting.Tally(), counting.Tally()
    counting.draw(layer, drawn, 30, 0, closed, open_)
    return closed, open_


def test_what_agrees_is_counted_with_numbers_and_with_names(counting: Any) -> None:
    closed, open_ = tallies(counting, "relu", DRAWN["relu"])
    assert closed.ended["gives"] > 5 and open_.ended["gives"] > 5
    assert not closed.failures and not open_.failures
    assert closed.compared == closed.ended.total()
    assert open_.compared == open_.ended.total() - open_.ended["closed"]


@pytest.mark.parametrize(
    "call",
    [
        lambda case, given, tensors: torch.zeros(1, 2, 3, 4, 5),
        lambda case, given, tensors: tensors[0].bool(),
    ],
    ids=["shape", "dtype"],
)
def test_a_record_that_differs_from_torch_is_noticed(
    counting: Any, call: Callable[..., Any]
) -> None:
    closed, _ = tallies(counting, "relu", replace(DRAWN["relu"], call=call))
    assert closed.ended["differs"] == len(closed.failures) > 0
    assert "relu" in closed.failures[0]


def test_a_refusal_without_a_stated_reason_differs(counting: Any) -> None:
    told, _ = tallies(counting, "squeeze", DRAWN["squeeze"])
    assert told.ended["stricter"] and not told.ended["differs"]
    untold, _ = tallies(counting, "squeeze", replace(DRAWN["squeeze"], stricter=lambda case: ""))
    assert untold.ended["differs"] == told.ended["stricter"]


def test_the_last_line_sums_up() -> None:
    command = [sys.executable, str(SCRIPT), "--only", "relu", "--cases", "10", "--reasons"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("1 layers and functions, ") and "100.00 % agree with torch" in last
