"""A run: training in a folder of its own, what it says, and what it leaves; for `train.py`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from torch import nn

from .artifacts import finite, lock_folder, write_json
from .constants import fault, given, restore
from .devices import choose_device, environment
from .errors import DataError
from .expect import Expected
from .folders import new_run_folder, search_folders
from .places import named
from .progress import Progress, losses, shown
from .random_state import seeded
from .startup import tune_allocator
from .training import Diverged, Interrupted, Run

__all__ = ["Run", "launch", "seeded"]

Trained = nn.Module | Mapping[str, nn.Module]


def launch(
    train: Callable[[Run], Trained],
    *,
    run: str | None = None,
    out: str = "runs",
    device: str = "auto",
    data: Sequence[str] = (),
    spec_folder: str | None = None,
    resume: bool | str = False,
    quiet: bool = False,
    as_json: bool = False,
    debug: bool = False,
) -> int:
    """Train in a run folder and hold the result against what the spec expects.

    With `resume` the training in `run`, or in the folder that it names, goes on from its newest
    checkpoint. Gives the exit code: 0 good, 3 for what only data and training show, 130 when
    interrupted.
    """
    started = time.time()
    tune_allocator()
    home = train.__globals__
    package = str(home["__package__"])
    wrong = fault(home)
    if wrong:
        return _refused(wrong, "Give 1 or more.")
    if isinstance(resume, str) and resume:
        if not (Path(resume) / "checkpoints" / "newest.json").exists():
            return _refused(f"{resume} has no checkpoint to go on from.", "Name a run's folder.")
        run = resume
    path = Path(run) if run else new_run_folder(Path(out), home)
    status: dict[str, Any] = {"status": "failed", "started": started}
    code = 3
    current: Run | None = None
    try:
        with lock_folder(path), named(path, debug):
            chosen = choose_device(device)
            earlier = _earlier_folders(path) if resume else []
            spec_folder = spec_folder or (earlier[0] if earlier else None)
            folders = search_folders(spec_folder, (*data, *earlier))
            if resume:
                restore(home, path)
            found = {**environment(chosen), "folders": [str(folder) for folder in folders]}
            write_json(path / "env.json", {**found, "given": given(home)})
            current = Run(path, chosen, folders, Progress(quiet=quiet or as_json))
            if resume:
                current.load()
            for _ in current.folds(int(home.get("FOLDS", 0))):
                model = train(current)
            expected = _expected(package, model, current)
            status["expectations"] = [each.as_json() for each in expected]
            good = all(each.holds for each in expected)
            status["status"] = "done" if good else "expectations failed"
            code = 0 if good else 3
            if not as_json:
                _say(current, expected, quiet)
            _look_back(current, package, status, started, quiet or as_json)
            if not quiet and not as_json:
                print(f"run: {path}")
    except DataError as error:
        code = error.exit_code
        status["error"] = error.message
        print(f"error: {error.message}", file=sys.stderr)
        print(f"help: {error.help}", file=sys.stderr)
        if isinstance(error, Diverged) and current is not None:
            status["status"] = "diverged"
            _look_back(current, package, status, started, quiet or as_json)
    except Interrupted as where:
        status["status"] = "interrupted"
        print(f"interrupted after {where}; everything is saved", file=sys.stderr)
        print(f"help: `dlc run --resume {path}` goes on", file=sys.stderr)
        code = 130
        if current is not None:
            _look_back(current, package, status, started, True)
    except KeyboardInterrupt:
        status["status"] = "interrupted"
        print("interrupted", file=sys.stderr)
        code = 130
    finally:
        if path.is_dir():
            write_json(path / "status.json", _whole(status, current, started))
        if current is not None:
            current.interrupts.restore()
    if as_json:
        print(json.dumps({"run": str(path), "ok": code == 0, **finite(status)}))
    return code


def _refused(message: str, help: str) -> int:
    print(f"error: {message}\nhelp: {help}", file=sys.stderr)
    return 3


def _whole(status: dict[str, Any], run: Run | None, started: float) -> dict[str, Any]:
    """What `status.json` holds."""
    if run is not None:
        status |= {**run.notes, "results": run.order.results or run.measured}
    status["seconds"] = round(time.time() - started, 3)
    return status


def _earlier_folders(path: Path) -> list[str]:
    """Where this run looked for its data before, the folder of the spec first."""
    environment = path / "env.json"
    if not environment.exists():
        return []
    found: list[str] = json.loads(environment.read_text(encoding="utf-8")).get("folders", [])
    return found


def _expected(package: str, model: Trained, run: Run) -> list[Expected]:
    """The expectations of the package, if it has any."""
    if find_spec(f"{package}.expect") is None:
        return []
    for each in model.values() if isinstance(model, Mapping) else [model]:
        each.to("cpu").eval()
    module = import_module(f"{package}.expect")
    results = run.order.results or run.measured
    found: list[Expected] = module.expectations(model, results)
    return found


def _look_back(run: Run, package: str, status: dict[str, Any], started: float, quiet: bool) -> None:
    """Findings and the report: they help, and whatever goes wrong in them spoils no run."""
    try:
        from .diagnosis import diagnose
        from .report import write_report

        status["findings"] = diagnose(run, run.models, package)
        for each in status["findings"] if not quiet else []:
            print(f"note: {each['what']}\nhelp: {each['help']}")
        write_report(run, run.models, package, finite(_whole(status, run, started)))
    except Exception as why:
        print(f"warning: the run has no report: {type(why).__name__}: {why}", file=sys.stderr)


def _say(run: Run, expected: list[Expected], quiet: bool) -> None:
    results = {} if quiet else run.order.results or {"": run.measured}
    for training, measured in results.items():
        for split in ("test", "validation"):
            if split in measured:
                print(f"{training} {split}: {shown(measured[split])}".lstrip())
        if "train" in measured:
            print(f"{training} train: {losses(measured['train'])}".lstrip())
    for each in expected:
        if not quiet or not each.holds:
            print(each.text(), file=sys.stdout if each.holds else sys.stderr)
