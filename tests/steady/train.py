"""Training as compiled code does it; a test looks on, or in, behind each batch."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from dlc.runtime.optim import Adam
from dlc.runtime.run import Run, launch
from dlc.runtime.schedules import Schedule, cosine, warmup
from dlc.runtime.stopping import patience
from torch import Tensor, nn

from .data import plane

EPOCHS = 5
BATCH = 8
SEED = 7
PATIENCE = 0
FOLDS = 0

behind: Callable[[Run, nn.Module], None] = lambda run, model: None  # noqa: E731


def build() -> nn.Sequential:
    """A network with parameters, buffers that change, and its own use of chance."""
    layers = (nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 1))
    return nn.Sequential(*layers)


@torch.no_grad()
def observe(model: nn.Module, split: Any) -> dict[str, Tensor]:
    """What the model gives for each record, and what it should."""
    model.eval()
    return {"y_hat": model(split.x), "y": split.y}


def measure(observed: dict[str, Tensor]) -> dict[str, Tensor]:
    """The loss over all records."""
    return {"loss": F.mse_loss(observed["y_hat"], observed["y"])}


def train(run: Run) -> nn.Module:
    """A trained model; metrics and weights go to the folder of the run."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    data = plane.load(run.folders, run.device, fold=run.fold)
    model = build().to(run.device)
    optimizer = Adam(model.parameters(), lr=0.05)
    batches = len(data.train.shuffled(BATCH, SEED, 1))
    schedule = Schedule(optimizer, warmup(0.2), cosine(), epochs=EPOCHS, batches=batches)
    run.keep(data, model=model, optimizer=optimizer, schedule=schedule)

    for epoch in run.epochs(EPOCHS, patience(PATIENCE) if PATIENCE else None):
        model.train()
        for x, y in run.watch(data.train.shuffled(BATCH, SEED, epoch)):
            loss = F.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            run.track(loss, len(x))
            behind(run, model)
        run.log(validation=measure(observe(model, data.validation)))

    if data.test is not None:
        run.hold_out(observe(model, data.test))
    held = run.held_out()
    run.finish(**({"test": measure(held)} if held else {}))
    return model


if __name__ == "__main__":
    raise SystemExit(launch(train, run=sys.argv[1], resume="--resume" in sys.argv, device="cpu"))
