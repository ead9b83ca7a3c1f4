"""Trainings with keys, compiled and run, and the parts for a loop by hand beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from dlc.runtime.artifacts import load_weights
from packages import imported, package, trained, written
from torch import Tensor, nn

# 22 records train: batches of 4, 4, 4, 4, 4 and 2. Each layer has a width of its own.
SPEC = """\
data points {
  x: f32[1] = range(32) -> standardize
  y: f32[1] = 2 * range(32) + 1 -> standardize
  split = random(train=0.7, validation=0.15, test=0.15, seed=3)
}

model Line {
  input x: f32[N, 1]
  layer encoder = Linear(5) -> tanh -> Linear(6, bias=False) -> BatchNorm1d(momentum=0.3)
  layer head = Linear(1)
  output y_hat: f32[N, 1] = x -> encoder -> relu -> Linear(7) -> LayerNorm() -> head
}

train Line on points {
  loss = mse_loss(y_hat, y)
  optimizer = OPTIMIZER
  batch = 4
  KEYS
}
"""
BATCHES = 6
ADAM = "AdamW(lr=0.01)"


def spec(keys: str, optimizer: str = ADAM) -> str:
    """The spec with these keys, one a line, in its training."""
    return SPEC.replace("OPTIMIZER", optimizer).replace("KEYS", "\n  ".join(keys.split("; ")))


class Trained:
    """A spec that was compiled, trained and left its weights in `weights`."""

    def __init__(self, text: str, folder: Path, epochs: int | None = None, code: int = 0) -> None:
        self.home = written(package(text), folder / "code")
        module = imported(self.home, "train")
        epochs = getattr(module, "EPOCHS", 1) if epochs is None else epochs
        found, self.run = trained(self.home, folder / "runs", folder, epochs)
        assert found == code, (self.run / "status.json").read_text()
        last = self.run / "checkpoints" / "last.pt"
        self.weights: dict[str, Tensor] = load_weights(last)["model"] if last.exists() else {}

    def fresh(self) -> tuple[nn.Module, Any]:
        """The model as it is before its training, and its data."""
        data = imported(self.home, "data").points.load([])
        torch.manual_seed(0)
        return imported(self.home, "model").Line(), data


def batches(data: Any, epochs: int, size: int = 4) -> Iterator[tuple[int, int, Tensor, Tensor]]:
    """Every batch as the training has them: epoch and batch count from 1."""
    for epoch in range(1, epochs + 1):
        for batch, (x, y) in enumerate(data.train.shuffled(size, 0, epoch), 1):
            yield epoch, batch, x, y


def close(found: dict[str, Tensor], expected: nn.Module) -> None:
    """Raise unless these are the weights and buffers of that model."""
    state = expected.state_dict()
    assert found.keys() == state.keys()
    for name, each in state.items():
        torch.testing.assert_close(found[name], each, rtol=1e-6, atol=1e-6, msg=name)


def adam(model: nn.Module, **settings: Any) -> torch.optim.AdamW:
    """The optimizer of the spec, as fused as that of the runtime."""
    return torch.optim.AdamW(model.parameters(), lr=0.01, fused=True, **settings)


def layer(model: nn.Module, kind: type[nn.Module], width: int) -> Any:
    """The one layer of a kind and width."""
    found = [
        each
        for each in model.modules()
        if type(each) is kind and next(each.parameters()).shape[0] == width
    ]
    assert len(found) == 1
    return found[0]
