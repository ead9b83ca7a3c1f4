"""What checking says of data at hand, and what a run says of the same data."""

from __future__ import annotations

from pathlib import Path

import pytest
from dlc.compiler.diagnostics import Diagnostic
from dlc.runtime.errors import DataError
from packages import checked, imported, package, written

TRAINED = """
model Net {
  input x: f32[N, WIDTH]
  output scores: f32[N, 3] = x -> Linear(3)
}

train Net on rows {
  loss = cross_entropy(scores, label)
  optimizer = Adam(lr=1e-3)
  epochs = 1
}
"""


def diagnostics(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Diagnostic]:
    """All that is said of a spec in a folder."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    return list(checked(text).diagnostics)


def codes(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes of all that is said of a spec in a folder."""
    return [each.code for each in diagnostics(text, folder, monkeypatch)]


def loads(text: str, folder: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a run says of the data, for a spec that was compiled where the data is not at hand."""
    (made / "apart").mkdir(parents=True)
    monkeypatch.chdir(made / "apart")
    monkeypatch.delenv("DLC_DATA_DIR", raising=False)
    module = imported(written(package(text), made), "data")
    blocks = [each for each in vars(module).values() if type(each).__name__ == "Dataset"]
    try:
        for block in blocks:
            block.load([folder])
    except DataError as why:
        return why.message
    return ""
