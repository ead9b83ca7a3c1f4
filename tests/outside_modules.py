"""A spec with a module of Python, the module, and a folder where both are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from dlc.compiler.diagnostics import to_text
from dlc.compiler.pipeline import check, compile
from dlc.compiler.source import Source
from packages import imported, written

SPEC = """\
extern Head(width: int, gain: float = 2.0) = python("heads_of_test:Head") {
  input x: f32[N, D]
  output y: f32[N, width]
}

data points {
  x: f32[4] = [[1, 2, 3, 4], [2, 3, 4, 5], [0, 1, 0, 1], [1, 1, 1, 1]]
  y: f32[1] = [1, 2, 3, 4]
}

model Net(width: int = 8) {
  input x: f32[N, 4]
  output p: f32[N, 1] = x -> Linear(16) -> relu -> Head(width) -> Head(1, gain=1.0)
}

train Net on points {
  loss = mse_loss(p, y)
  optimizer = SGD(lr=0.01)
  epochs = 3
}
"""
HEADS = """\
import torch
from torch import nn


class Head(nn.Module):
    def __init__(self, **given):
        super().__init__()
        self.given = given
        self.inner = nn.LazyLinear(given["width"])

    def forward(self, x):
        return self.inner(x) * self.given["gain"]


class Pair(nn.Module):
    def __init__(self, parts, names=(), deep=False, name=""):
        super().__init__()
        self.told = (parts, names, deep, name)

    def forward(self, a, b):
        return a + b, torch.cat([a, b], 1)


class Wide(nn.Linear):
    def __init__(self, width, gain):
        super().__init__(16, width + 1)


class Flat(Wide):
    def forward(self, x):
        return super().forward(x).sum(1)


class Late(nn.Module):
    def __init__(self, width, gain):
        raise RuntimeError("no such width")
"""
ALLOW = ["heads_of_test"]
FIRST_LINE = '"""A file."""\n'


@pytest.fixture
def outside_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the module, which Python finds there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("heads_of_test", None)
    Path("heads_of_test.py").write_text(HEADS)
    Path("net.dl").write_text(SPEC)
    return tmp_path


def package(text: str = SPEC, allow: list[str] = ALLOW, name: str = "net.dl") -> Any:
    found = check(Source(name, text))
    assert found.program is not None, "\n".join(map(to_text, found.diagnostics))
    return compile(found.program, found.source, allow)


def model(text: str, folder: Path) -> Any:
    return imported(written(package(text), folder / "out"), "model")
