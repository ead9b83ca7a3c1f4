"""Runs of the steady packages, cut short where a test wants it, and what they left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from dlc.runtime.artifacts import load_weights
from dlc.runtime.run import Run, launch
from torch import nn

from . import train as one


class Killed(BaseException):
    """Stands for the end of the process: nothing of a run catches it."""


def ran(path: Path, train: Callable[[Run], Any] = one.train, **options: Any) -> int:
    """Train in that folder, quietly: the exit code. What it sets in this process is put back."""
    threads = torch.get_num_threads()
    try:
        return launch(train, run=str(path), device="cpu", quiet=True, **options)
    finally:
        torch.set_num_threads(threads)


def interrupting(epoch: int, batch: int, fold: int | None = None) -> Callable[..., None]:
    """What raises the flag of a signal behind one batch."""

    def behind(run: Run, model: nn.Module) -> None:
        if (run.fold, run.epoch, run.batch) == (fold, epoch, batch):
            run.interrupts.raised = True

    return behind


def killing(epoch: int, batch: int) -> Callable[..., None]:
    """What ends everything behind one batch."""

    def behind(run: Run, model: nn.Module) -> None:
        if (run.epoch, run.batch) == (epoch, batch):
            raise Killed

    return behind


def left(path: Path) -> dict[str, Any]:
    """Everything that a run must leave equal, whether it was interrupted or not."""
    checkpoints = path / "checkpoints"
    status = json.loads((path / "status.json").read_text())
    weights = {
        f"{file.stem}.{part}.{name}": tensor.numpy().tobytes()
        for file in sorted(checkpoints.glob("*.pt"))
        if not file.name.startswith("resume-")
        for part, state in load_weights(file).items()
        for name, tensor in state.items()
    }
    return {
        **weights,
        "metrics": (path / "metrics.jsonl").read_text(),
        "data": (checkpoints / "data.json").read_text(),
        **{name: status.get(name) for name in ("status", "results", "epoch", "best")},
    }


def status_of(path: Path) -> dict[str, Any]:
    """What `status.json` says."""
    return json.loads((path / "status.json").read_text())


def metrics_of(path: Path) -> list[dict[str, Any]]:
    """The lines of `metrics.jsonl`."""
    return [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]


def taking(copies: dict[int, dict[str, torch.Tensor]]) -> Callable[..., None]:
    """What copies the weights behind the last batch of each epoch."""

    def behind(run: Run, model: nn.Module) -> None:
        copies[run.epoch] = {name: each.clone() for name, each in model.state_dict().items()}

    return behind


def same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> bool:
    """Whether two models have the same weights, to the bit."""
    return found.keys() == expected.keys() and all(
        torch.equal(found[name], each) for name, each in expected.items()
    )
