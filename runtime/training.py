"""One training on its way: what it measures, what it keeps, and how it goes on after a break."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from .artifacts import append_lines, save_weights, write_atomic, write_json
from .averaging import WeightMean
from .checkpoint import Checkpoints
from .dataset import Splits
from .divergence import Diverged, told
from .interrupts import Interrupted, Interrupts
from .length import Length
from .order import Order, part_of
from .progress import Progress, warn
from .random_state import random_state, restore_random_state
from .resuming import (
    Stateful,
    conditions,
    difference,
    fitted,
    give_back,
    gradients,
    lines,
    put_gradients,
)
from .samples import save_picture
from .snapshots import Snapshot, States, all_finite, states, sums
from .stopping import Patience, watching
from .tracking import PACK, Measures, Tracked, brought, train_measures

__all__ = ["Diverged", "Interrupted", "Run"]

Batch = TypeVar("Batch")

FLUSH_AFTER = 0.5  # seconds between looks at the files and the terminal
SAVE_AFTER = 10.0  # seconds between checkpoints
SAVE_SHARE = 20  # after a checkpoint that took one second come so many seconds without one


class Run:
    """One training on its way.

    `device` is where tensors live, `folders` are where data is looked for, in order, and `path`
    is the folder that keeps everything. `fold` counts from 1 under cross-validation and is None
    for the training on all records. `epoch` and `batch` count from 1; `count` is for `train` to
    count what it likes, and is saved. `history` has what metrics.jsonl has, `measured` the last
    measures of each split, `notes` what status.json has besides; `data` and `models` are what
    `keep` was given. Where several trainings follow each other, these are of the last, and `order`
    has all of them.
    """

    def __init__(
        self, path: Path, device: torch.device, folders: tuple[Path, ...], progress: Progress
    ) -> None:
        self.path = path
        self.device = device
        self.folders = folders
        self.progress = progress
        self.interrupts = Interrupts()
        self.measured: dict[str, dict[str, Any]] = {}
        self.history: list[dict[str, Any]] = []
        self.notes: dict[str, Any] = {}
        self.data: Splits | None = None
        self.order = Order()
        self._checkpoints = Checkpoints(path / "checkpoints")
        self._saved: dict[str, Any] | None = None
        self._held: list[dict[str, Tensor]] = []
        self._written = 0
        self._looked = self._last_save = 0.0
        self._save_took = 0.0
        self._begin(None)

    @property
    def downloading(self) -> Callable[[str, int, int | None], None]:
        """What a source that has to fetch its files tells how far it is."""
        return self.progress.downloading

    # How a run begins, or begins again.

    def load(self) -> None:
        """Go on from the newest whole checkpoint of this folder, if there is one.

        Raises ArtifactError where there are checkpoints, all of them damaged.
        """
        self._saved = self._checkpoints.load(warn)
        if self._saved is None:
            write_atomic(self.path / "metrics.jsonl", b"")

    def begin(self, name: str) -> None:
        """The next of several trainings begins; what it measures is kept under this name."""
        self.order.begin(name, self._saved)
        self.measured = self.order.results[name]
        self._held = self.order.held.get(name, [])
        self.notes = {"training": name}
        self.progress.fold = name
        self._begin(None)

    def folds(self, count: int, *models: nn.Module) -> Iterator[int | None]:
        """The folds that are still to be trained, and None at last, for all records.

        Each begins with the `models` as they are at first.
        """
        start = self.order.start(models, self._saved)
        for fold in self.order.folds(count, self._saved):
            self._begin(fold)
            for model, state in zip(models, start, strict=True):
                model.load_state_dict(state)
            told = f"fold {fold}/{count}" if fold else ""
            self.progress.fold = f"{self.order.name} {told}".strip()
            yield fold

    def _begin(self, fold: int | None) -> None:
        self.fold = fold
        self.epoch = self.batch = self.count = 0
        self.models: dict[str, nn.Module] = {}
        self._trained: dict[str, nn.Module] = {}
        self._parts: Mapping[str, Stateful] = {}
        self._length = Length()
        self._tracked: dict[str, Tracked] = {}
        self._finite, self._best = Snapshot(), Snapshot()
        self._watching = watching()
        self._stopping: Patience | None = None
        self._skipped = 0

    def keep(self, data: Splits, **parts: Stateful) -> None:
        """What checkpoints hold: modules, optimizers and schedules by name; modules are saved.

        Where a `WeightMean` follows a module, the mean is what is saved of it. In a run that goes
        on, each part gets its state back here.
        """
        self.data = data
        self._parts = parts
        self._trained = {name: each for name, each in parts.items() if isinstance(each, nn.Module)}
        means = {e.trained: e.model for e in parts.values() if isinstance(e, WeightMean)}
        self.models = {name: means.get(each, each) for name, each in self._trained.items()}
        self.order.models |= self._trained
        if self._saved is not None and self.order.over:
            self.order.give_back(self._saved, data, self.models)
        elif self._saved is not None:
            give_back(self._saved, data, parts)

    # The loop.

    def epochs(
        self, count: int = 0, stopping: Patience | None = None, *, steps: int = 0
    ) -> Iterator[int]:
        """The numbers of the epochs that are still to be trained, from 1.

        There are `count` of them, or as many as `steps` batches take, the last one cut short. With
        `stopping` the best weights are in the models when the last epoch has ended.
        """
        if self.order.over:
            return
        self._length = Length(count, steps)
        self._stopping = stopping
        self._watching = stopping or watching()
        saved, self._saved = self._saved, None
        if saved is not None:
            self._go_on(saved)
        self.progress.start(count, self.epoch)
        self._looked, self._last_save = 0.0, time.monotonic()
        self.interrupts.install()
        while self._skipped or not self._over:
            self.epoch += 1
            yield self.epoch
            self._end_epoch(self._over)
        self._end()
        self.interrupts.restore()

    def watch(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches that this epoch has not had yet; a terminal shows how far it is."""
        self.batch = done = self._skipped
        self._skipped = 0
        batches = self._length.enter(batches, self.epoch, done)
        self.progress.count = self._length.epochs
        for batch in self.progress.watch(batches, self.epoch, done):
            self.batch += 1
            self._length.done += 1
            yield batch
            if self.interrupts.raised:
                self._leave()

    def completes(self, batches: int, every: int = 1) -> bool:
        """Whether the gradients of so many batches are together, or all that the epoch has left.

        `every` is that of a step which runs where `count` is a multiple of it.
        """
        return self._length.completes(batches, self.batch, every, self.count)

    def track(self, loss: Tensor, count: int, name: str = "") -> None:
        """Keep the loss of a step over `count` records; `name` is the step's, of several."""
        tracked = self._tracked.get(name)
        if tracked is None:
            tracked = self._tracked[name] = Tracked()
        tracked.losses.append(loss.detach())
        tracked.counts.append(count)
        tracked.steps.append(self.batch)
        if len(tracked.losses) >= PACK:
            tracked.pack()

    def log(self, validation: Measures | None = None) -> None:
        """End an epoch: its mean losses, and measures of validation.

        Raises Diverged where a loss or a weight is not finite, after saving those that were.
        """
        now = states(self.models)
        means = [tracked.mean() for tracked in self._tracked.values()]
        given = {} if validation is None else {"validation": validation}
        found, values = brought(given, [*means, *sums(now)])
        losses = dict(zip(self._tracked, values, strict=False))
        place = {"epoch": self.epoch, **self.order.part(self.fold)}
        entry = {**place, "train": train_measures(losses), **found}
        self.history.append(entry)
        if not all(map(isfinite, values)) and not (
            all(map(isfinite, losses.values())) and all_finite(now)
        ):
            self._diverge(now)
        watched = self._stopping is not None or "loss" in given.get("validation", ())
        if watched and self._watching.better(self.epoch, self._watching.value(entry)):
            self._best.take(self.epoch, now)
        self._finite.take(self.epoch, now)
        self._tracked.clear()
        self.batch = 0
        if time.monotonic() - self._looked > FLUSH_AFTER:
            self._flush()

    @property
    def loss(self) -> float:
        """The mean training loss of the epoch that ended last."""
        value: float = self.history[-1]["train"]["loss"]
        return value

    def sample(self, picture: Tensor) -> None:
        """Keep a picture of this epoch: [3, H, W] or [1, H, W], values from 0 to 1."""
        name = f"{self.order.file(self.fold)}epoch-{self.epoch:04}.png"
        save_picture(self.path / "samples" / name, picture)

    # The results.

    def hold_out(self, observed: Mapping[str, Tensor]) -> None:
        """Keep what a fold's model gave for the records that it was not trained on."""
        self._held.append({name: tensor.detach().cpu() for name, tensor in observed.items()})

    def held_out(self) -> dict[str, Tensor]:
        """What all folds so far held out, one after the other, on the run's device."""
        names = self._held[0] if self._held else {}
        return {
            name: torch.cat([each[name] for each in self._held]).to(self.device) for name in names
        }

    def finish(self, **results: Measures) -> None:
        """Save the weights and what the data steps learned; keep the last measures."""
        self._flush()
        if self.order.over:
            return
        if self.fold is None:
            self._keep_weights(states(self.models))
            self.order.end(self.data, self._best.held, self._held)
        self.measured.update(brought(results)[0])

    # What happens between epochs.

    @property
    def _over(self) -> bool:
        return self._watching.stops or self._length.over(self.epoch)

    def _go_on(self, saved: dict[str, Any]) -> None:
        """Be where the checkpoint was."""
        # What was measured after the checkpoint will be measured again.
        write_atomic(self.path / "metrics.jsonl", saved["metrics"].encode())
        self.history = lines(saved["metrics"])
        self._written = len(self.history)
        self._held = saved["held"]
        self.epoch, self._skipped, self.count = saved["epoch"], saved["batch"], saved["count"]
        self._length.done = saved["steps"]
        self._watching.load_state_dict(saved["watching"])
        self._best.load_state_dict(saved["best"])
        if self._skipped:
            self._finite.load_state_dict(saved["finite"])
            put_gradients(self._trained, saved["gradients"])
        elif self.epoch:
            self._finite.take(self.epoch, states(self.models))
        for name, state in saved["tracked"].items():
            self._tracked[name] = Tracked()
            self._tracked[name].load_state_dict(state, self.device)
        changed = difference(saved["conditions"], conditions(self.device))
        if changed:
            warn(f"{changed}: the result may differ from that of an uninterrupted run.")
        batch = f", batch {self._skipped}" if self._skipped else ""
        self.progress.say(f"going on after epoch {self.epoch}{batch}")
        restore_random_state(saved["random"], self.device)

    def _end_epoch(self, last: bool) -> None:
        if self.interrupts.raised:
            self._leave()
        since = time.monotonic() - self._last_save
        if last or since >= max(SAVE_AFTER, SAVE_SHARE * self._save_took):
            self._save()

    def _end(self) -> None:
        """After the last epoch: with early stopping, the best weights are put back."""
        self._flush(last=True)
        kept = self.epoch
        if self._stopping and self._best.epoch:
            kept = self._best.epoch
            self._best.put_back(self.models)
        part = self.order.part(self.fold)
        here = [each for each in self.history if part_of(each) == part]
        for entry in here[kept - 1 : kept]:
            self._measure(entry)
        if self._stopping:
            self.progress.say(self._stopping.told(self.epoch, kept))
        self.notes["epoch"] = kept

    def _leave(self) -> None:
        """Save everything for going on, and end."""
        now = states(self.models)
        means = brought({}, [tracked.mean() for tracked in self._tracked.values()])[1]
        if not all(map(isfinite, means)) or not all_finite(now):
            self._diverge(now)
        where = f"batch {self.batch} of epoch {self.epoch}" if self.batch else f"epoch {self.epoch}"
        self._save()
        self._keep_weights(now)
        self.notes["epoch"] = self.epoch
        raise Interrupted(where + self.order.told(self.fold))

    def _diverge(self, now: States) -> None:
        """Keep the weights of the last finite epoch, and say what became infinite, and when."""
        self._flush()
        kept = self._finite
        if kept.epoch:
            self._keep_weights(kept.held)
            self.notes["epoch"] = kept.epoch
        weights = self.path / "checkpoints" / "last.pt"
        where = f"epoch {self.epoch}{self.order.told(self.fold)}"
        raise told(self._tracked, now, where, kept.epoch, weights)

    def _flush(self, last: bool = False) -> None:
        """Write down and show what the epochs since the last look have measured."""
        self._looked = time.monotonic()
        fresh = self.history[self._written :]
        if not fresh:
            return
        append_lines(self.path / "metrics.jsonl", fresh)
        self._written = len(self.history)
        self._measure(fresh[-1])
        self.progress.epoch(fresh[-1], last)

    def _measure(self, entry: Mapping[str, Any]) -> None:
        self.measured.update({k: entry[k] for k in ("train", "validation") if k in entry})

    def _keep_weights(self, now: States) -> None:
        """The weights that predictions use, the best ones, and what the data steps learned."""
        folder = self.path / "checkpoints"
        folder.mkdir(exist_ok=True)
        save_weights(folder / "last.pt", self.order.weights(now))
        self.order.keep_best(folder / "best.pt", now, self._best.held)
        if self._best.epoch:
            self.notes["best"] = self._watching.kept()
        if self.data is not None:
            write_json(folder / "data.json", self.order.data(self.data.dataset.state()))

    def _save(self) -> None:
        """A checkpoint of everything, as it is between two batches or two epochs."""
        self._flush()
        started = time.monotonic()
        metrics = self.path / "metrics.jsonl"
        within = self.batch > 0
        self._checkpoints.save(
            {
                "fold": self.fold,
                "epoch": self.epoch - within,
                "batch": self.batch,
                "count": self.count,
                "steps": self._length.done,
                "parts": {name: part.state_dict() for name, part in self._parts.items()},
                "gradients": gradients(self._trained) if within else {},
                "random": random_state(self.device),
                "tracked": {name: each.state_dict() for name, each in self._tracked.items()},
                "watching": self._watching.state_dict(),
                "best": self._best.state_dict(),
                "finite": self._finite.state_dict() if within else {},
                "held": self._held,
                "order": self.order.state_dict(self._parts),
                "fitted": fitted(self.data) if self.data is not None else "",
                "metrics": metrics.read_text(encoding="utf-8") if metrics.exists() else "",
                "conditions": conditions(self.device),
            }
        )
        self._last_save = time.monotonic()
        self._save_took = self._last_save - started
