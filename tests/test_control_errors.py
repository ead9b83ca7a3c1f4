"""Every message about what is decided when a network is built is shown by a golden."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dlc.compiler.diagnostics import Diagnostic
from dlc.compiler.errors import control, imports, maps, weights
from dlc.compiler.pipeline import check
from dlc.compiler.source import Source

FOLDER = Path(__file__).parent / "errors"
MODULES = (control, imports, maps, weights)
CODES = ("[D012", "[D013", "[D0230]", "[D026")


def messages(module: ModuleType) -> list[str]:
    """The names of the functions that a module of messages has."""
    return [
        name
        for name, each in inspect.getmembers(module, inspect.isfunction)
        if each.__module__ == module.__name__ and not name.startswith("_")
    ]


def test_every_message_is_shown_by_some_wrong_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    said: set[tuple[str, str]] = set()

    def noted(module: ModuleType, name: str) -> Any:
        message = getattr(module, name)

        def wrapped(*args: Any, **given: Any) -> Diagnostic:
            said.add((module.__name__, name))
            return message(*args, **given)

        return wrapped

    for module in MODULES:
        for name in messages(module):
            monkeypatch.setattr(module, name, noted(module, name))
    monkeypatch.chdir(FOLDER)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    for golden in sorted(FOLDER.glob("*.txt")):
        spec = golden.with_suffix(".dl")
        if any(code in golden.read_text(encoding="utf-8") for code in CODES):
            check(Source(spec.name, spec.read_text(encoding="utf-8")))
    wanted = {(module.__name__, name) for module in MODULES for name in messages(module)}
    assert wanted - said == set()


@pytest.mark.parametrize(
    ("condition", "sizes"),
    [("H > 64", {"H"}), ("H == W", {"H", "W"}), ("H % 2 == 0 and C == 3", {"H"})],
)
def test_a_condition_on_open_sizes_shows_where_they_are_open(
    condition: str, sizes: set[str]
) -> None:
    text = f"""model Net(C: int = 3) {{
  input x: f32[N, C, H, W]
  if {condition} {{ x = x -> relu }}
  output y = x
}}
"""
    (found,) = check(Source("net.dl", text)).diagnostics
    assert found.code == "D0123"
    assert {label.span.text for label in found.others} == sizes


@pytest.mark.parametrize(("stop", "good"), [("T", False), ("T - 1", True), ("T - 2", True)])
def test_a_loop_that_turns_at_all_has_as_many_steps_as_it_reads(stop: str, good: bool) -> None:
    text = f"""model Net {{
  input x: f32[N, T, 8]
  total = zeros(N, 8)
  for t in range({stop}) {{ total = total + x[:, t + 1] - x[:, t] }}
  output y: f32[N, 8] = total
}}
"""
    codes = [each.code for each in check(Source("net.dl", text)).diagnostics]
    assert codes == ([] if good else ["D0130"])


@pytest.mark.parametrize("operation", ["/ 5", "* 0.5", "** 0.5", "// 3"])
def test_a_known_size_is_a_number_like_any_other(operation: str) -> None:
    text = f"""model Net {{
  input x: f32[N, 40]
  output y: f32[N, 3] = x -> Linear(int(x.shape[1] {operation})) -> relu -> Linear(3)
}}
"""
    assert check(Source("net.dl", text)).diagnostics == ()
