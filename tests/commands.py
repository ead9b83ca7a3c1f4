"""The command line, called in this process."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlc.compiler.cli import main
from packages import forget

MODEL = """\
model Net(width: int = 8) {
  input x: f32[N, 4]
  output y: f32[N, 2] = x -> Linear(width) -> relu -> Linear(2)
}
"""
TRAINED = """\
param rate = 0.1

data points {
  x: f32[1] = [1, 2]
  y: f32[1] = [2, 4]
}

model Line {
  input x: f32[N, 1]
  output y_hat: f32[N, 1] = x -> Linear(1)
}

train Line on points {
  loss = mse_loss(y_hat, y)
  optimizer = SGD(lr=rate)
  epochs = 2
}
"""
WRONG = MODEL.replace("relu", "relus")


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """The objects of `--json`, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def dlc(*arguments: object, stdin: bytes | None = None) -> Said:
    """Run `dlc` with the arguments; what it changes in this process is put back."""
    forget()
    out, err = io.StringIO(), io.StringIO()
    path, given = list(sys.path), sys.stdin
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch else 0
    if stdin is not None:
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main([str(each) for each in arguments])
    except SystemExit as end:
        code = end.code
    finally:
        sys.path[:], sys.stdin = path, given
        forget()
        if torch:
            torch.set_num_threads(threads)
    assert isinstance(code, int)
    return Said(code, out.getvalue(), err.getvalue())


def workspace(folder: Path) -> Path:
    """The folder, with a good spec, one that trains, and a wrong one."""
    for name, text in (("net.dl", MODEL), ("line.dl", TRAINED), ("wrong.dl", WRONG)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder
