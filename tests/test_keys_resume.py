"""A training with keys that was cut short goes on to the bit; every part of its state counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from dlc.runtime.checkpoint import Checkpoints
from dlc.runtime.run import launch
from dlc.runtime.training import Run
from keyed import BATCHES, spec
from packages import imported, package, written
from steady.runs import left

KEYS = {
    "ema": "epochs = 3; ema = 0.8",
    "accumulate": "epochs = 3; accumulate = 4; schedule = cosine()",
    "steps": "steps = 15; schedule = warmup(0.2) -> linear()",
    "all": "steps = 16; ema = 0.9; accumulate = 4; clip_norm = 0.5; freeze = [encoder]",
    "f16": "epochs = 3; precision = f16; accumulate = 2",
    "stopping": "steps = 16; ema = 0.7; early_stopping = patience(2, on=validation.loss)",
}
LENGTH = 15  # batches that each of them trains at least


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


class Cut:
    """A compiled training, run in whole or with a break behind one batch."""

    def __init__(self, text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.module = imported(written(package(text), folder / "code"), "train")

    def ran(self, name: str, behind: int = 0, **options: Any) -> int:
        """Train in a folder of that name; `behind` counts batches from 1."""
        track, seen = Run.track, [0]

        def tracked(run: Run, *arguments: Any) -> None:
            track(run, *arguments)
            seen[0] += 1
            run.interrupts.raised = run.interrupts.raised or seen[0] == behind

        with self.monkeypatch.context() as patch:
            patch.setattr(Run, "track", tracked)
            path = str(self.folder / name)
            return launch(self.module.train, run=path, device="cpu", quiet=True, **options)

    def left(self, name: str) -> dict[str, Any]:
        return left(self.folder / name)


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_a_run_goes_on_from_any_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    cut = Cut(spec(keys), tmp_path, monkeypatch)
    assert cut.ran("whole") == 0
    for behind in range(1, LENGTH + 1):
        assert cut.ran(f"{behind}", behind) == 130
        torch.manual_seed(99)
        assert cut.ran(f"{behind}", resume=True) == 0
        assert cut.left(f"{behind}") == cut.left("whole"), f"cut behind batch {behind}"


def test_a_run_can_be_cut_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = Cut(spec(KEYS["all"]), tmp_path, monkeypatch)
    assert cut.ran("whole") == 0
    assert cut.ran("run", 3) == 130
    for _ in range(3):
        assert cut.ran("run", 4, resume=True) == 130
    assert cut.ran("run", resume=True) == 0
    assert cut.left("run") == cut.left("whole")


def wrong_mean(saved: dict[str, Any]) -> None:
    for each in saved["parts"]["ema"]["mean"].values():
        if each.is_floating_point():
            each.mul_(1.01)


def wrong_trained(saved: dict[str, Any]) -> None:
    for name, each in saved["parts"]["model"].items():
        each.copy_(saved["parts"]["ema"]["mean"][name])


DROPPED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "mean": wrong_mean,
    "weights behind the mean": wrong_trained,
    "count of the mean": lambda saved: saved["parts"]["ema"].update(count=0),
    "open gradients": lambda saved: saved.update(gradients={}),
    "batches so far": lambda saved: saved.update(steps=saved["steps"] - 1),
    "optimizer": lambda saved: saved["parts"]["optimizer"].update(state={}),
    "place in the epoch": lambda saved: saved.update(batch=saved["batch"] - 1),
}


@pytest.mark.parametrize("part", DROPPED)
def test_without_a_part_of_the_checkpoint_the_run_would_be_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    cut = Cut(spec("steps = 15; ema = 0.9; accumulate = 3"), tmp_path, monkeypatch)
    assert cut.ran("whole") == 0
    assert cut.ran("run", BATCHES + 4) == 130
    load = Checkpoints.load

    def loaded(self: Checkpoints, warn: Callable[[str], None]) -> dict[str, Any] | None:
        found = load(self, warn)
        assert found is not None
        DROPPED[part](found)
        return found

    monkeypatch.setattr(Checkpoints, "load", loaded)
    assert cut.ran("run", resume=True) == 0
    assert cut.left("run") != cut.left("whole")


def test_without_the_scale_of_the_losses_the_run_would_be_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scale too large is halved after a step that is left out: its state decides on steps."""
    cut = Cut(spec("epochs = 2; precision = f16"), tmp_path, monkeypatch)
    assert cut.ran("whole") == 0
    assert cut.ran("run", 3) == 130
    load = Checkpoints.load

    def loaded(self: Checkpoints, warn: Callable[[str], None]) -> dict[str, Any] | None:
        found = load(self, warn)
        assert found is not None
        found["parts"]["scaler"].update(scale=2.0**40)
        return found

    monkeypatch.setattr(Checkpoints, "load", loaded)
    assert cut.ran("run", resume=True) == 0
    assert cut.left("run") != cut.left("whole")


def test_what_an_interrupted_run_leaves_is_the_mean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = Cut(spec("epochs = 3; ema = 0.9"), tmp_path, monkeypatch)
    assert cut.ran("run", 9) == 130
    saved = Checkpoints(tmp_path / "run" / "checkpoints").load(print)
    assert saved is not None
    kept = cut.left("run")
    for name, each in saved["parts"]["ema"]["mean"].items():
        assert kept[f"last.model.{name}"] == each.numpy().tobytes()
    raw = saved["parts"]["model"]
    assert any(kept[f"last.model.{name}"] != raw[name].numpy().tobytes() for name in raw)
