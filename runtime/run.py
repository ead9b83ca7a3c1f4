"""A run: its folder, its progress, its results; what `train.py` is given."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from .artifacts import append_lines, finite, lock_folder, save_weights, write_json
from .dataset import Dataset
from .devices import choose_device, environment
from .errors import DataError
from .expect import Expected
from .folders import new_run_folder, search_folders
from .progress import Progress, shown
from .startup import tune_allocator

Batch = TypeVar("Batch")
Measures = Mapping[str, Tensor]

FLUSH_AFTER = 0.5  # seconds between looks at the results on the device: each look waits for it


class Diverged(DataError):
    """The loss is no number any more."""


class Run:
    """One training on its way.

    `device` is where tensors live, `folders` are where data is looked for, in order, and `path`
    is the folder that keeps everything.
    """

    def __init__(
        self, path: Path, device: torch.device, folders: tuple[Path, ...], progress: Progress
    ) -> None:
        self.path = path
        self.device = device
        self.folders = folders
        self.progress = progress
        self.measured: dict[str, dict[str, Any]] = {}
        self._pending: list[tuple[int, dict[str, Measures]]] = []
        self._epoch = 0
        self._looked = 0.0

    @property
    def downloading(self) -> Callable[[str, int, int | None], None]:
        """What a source that has to fetch its files tells how far it is."""
        return self.progress.downloading

    def epochs(self, count: int) -> Iterator[int]:
        """The numbers of the epochs, from 1."""
        self.progress.start(count)
        for self._epoch in range(1, count + 1):
            yield self._epoch
        self._look()

    def watch(self, batches: Iterable[Batch]) -> Iterable[Batch]:
        """The same batches; a terminal shows how far the epoch is."""
        return self.progress.watch(batches, self._epoch)

    def log(self, loss: Tensor, validation: Measures | None = None) -> None:
        """Keep what this epoch showed: the mean training loss, and measures of validation."""
        parts: dict[str, Measures] = {"train": {"loss": loss}}
        if validation is not None:
            parts["validation"] = validation
        self._pending.append((self._epoch, parts))
        if time.monotonic() - self._looked > FLUSH_AFTER:
            self._look()

    def _look(self) -> None:
        """Bring pending measures over from the device, all at once, and write them down."""
        found = _numbers(self._pending)
        numbered = zip(self._pending, found, strict=True)
        append_lines(self.path / "metrics.jsonl", ({"epoch": n, **v} for (n, _), v in numbered))
        for (epoch, _), values in zip(self._pending, found, strict=True):
            if not isfinite(values["train"]["loss"]):
                raise Diverged(
                    f"The training diverged: the loss of epoch {epoch} is no number any more.",
                    "Lower the optimizer's lr, or scale the inputs: `-> standardize` in the data.",
                )
        if found:
            self.measured.update(found[-1])
            self.progress.epoch(self._pending[-1][0], found[-1])
        self._pending.clear()
        self._looked = time.monotonic()

    def finish(self, model: nn.Module, data: Dataset, **results: Measures) -> None:
        """Save the weights and what the data steps learned; keep the last measures."""
        self._look()
        checkpoints = self.path / "checkpoints"
        checkpoints.mkdir(exist_ok=True)
        save_weights(checkpoints / "last.pt", model.state_dict())
        write_json(checkpoints / "data.json", data.state())
        pending = [(0, {split: measures}) for split, measures in results.items()]
        for found in _numbers(pending):
            self.measured.update(found)


def _numbers(
    pending: list[tuple[int, dict[str, Measures]]],
) -> list[dict[str, dict[str, Any]]]:
    """The same structure with numbers; all scalars come over in one transfer."""
    scalars = [
        value.detach().double() if value.device.type != "mps" else value.detach().float()
        for _, parts in pending
        for measures in parts.values()
        for value in measures.values()
        if value.dim() == 0
    ]
    numbers = iter(torch.stack(scalars).tolist() if scalars else [])
    return [
        {
            split: {
                name: next(numbers) if value.dim() == 0 else value.tolist()
                for name, value in measures.items()
            }
            for split, measures in parts.items()
        }
        for _, parts in pending
    ]


def launch(
    train: Callable[[Run], nn.Module],
    *,
    run: str | None = None,
    out: str = "runs",
    device: str = "auto",
    data: tuple[str, ...] = (),
    spec_folder: str | None = None,
    quiet: bool = False,
    as_json: bool = False,
) -> int:
    """Train in a run folder and hold the result against what the spec expects.

    Gives the exit code: 0 good, 3 for what only data and training show, 130 when interrupted.
    """
    started = time.time()
    tune_allocator()
    package = str(train.__globals__["__package__"])
    source = Path(str(train.__globals__["__file__"])).parent
    path = Path(run) if run else new_run_folder(Path(out), source)
    progress = Progress(quiet=quiet or as_json)
    status: dict[str, Any] = {"status": "failed", "started": started}
    code = 3
    current: Run | None = None
    try:
        with lock_folder(path):
            chosen = choose_device(device)
            write_json(path / "env.json", environment(chosen))
            folders = search_folders(spec_folder, data)
            current = Run(path, chosen, folders, progress)
            model = train(current)
            expected = _expected(package, model, current)
            status["expectations"] = [each.as_json() for each in expected]
            good = all(each.holds for each in expected)
            status["status"] = "done" if good else "expectations failed"
            code = 0 if good else 3
            if not as_json:
                _say(current, expected, quiet)
    except DataError as error:
        status["error"] = error.message
        print(f"error: {error.message}", file=sys.stderr)
        print(f"help: {error.help}", file=sys.stderr)
    except KeyboardInterrupt:
        status["status"] = "interrupted"
        print("interrupted", file=sys.stderr)
        code = 130
    finally:
        if current is not None:
            status["results"] = finite(current.measured)
        status["seconds"] = round(time.time() - started, 3)
        if path.is_dir():
            write_json(path / "status.json", status)
    if as_json:
        print(json.dumps({"run": str(path), "ok": code == 0, **finite(status)}))
    return code


def _expected(package: str, model: nn.Module, run: Run) -> list[Expected]:
    """The expectations of the package, if it has any."""
    if find_spec(f"{package}.expect") is None:
        return []
    model.to("cpu").eval()
    module = import_module(f"{package}.expect")
    found: list[Expected] = module.expectations(model, run.measured)
    return found


def _say(run: Run, expected: list[Expected], quiet: bool) -> None:
    if not quiet:
        for split in ("test", "validation", "train"):
            if split in run.measured:
                print(f"{split}: {shown(run.measured[split])}")
    for each in expected:
        if not quiet or not each.holds:
            print(each.text(), file=sys.stdout if each.holds else sys.stderr)
    if not quiet:
        print(f"run: {run.path}")
