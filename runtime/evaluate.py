"""Measures of a run's split, with the weights of the run, as training measured them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from .artifacts import finite
from .dataset import Split
from .devices import choose_device
from .errors import DataError
from .folders import search_folders
from .places import named
from .predict import Build, dataset, trained

SPLITS = ("test", "validation", "train")
Evaluate = Callable[..., dict[str, Tensor]]


def launch_evaluation(
    build: Build,
    evaluate: Evaluate | None,
    *,
    run: str,
    folds: int | None = None,
    training: str | None = None,
    split: str | None = None,
    device: str = "auto",
    data: Sequence[str] = (),
    spec_folder: str | None = None,
    weights: str = "last",
    as_json: bool = False,
    debug: bool = False,
) -> int:
    """Load the data and the weights of a run, measure a split, and print the measures.

    `build` makes the model, or several by name; `evaluate(model, split)`, of several
    `evaluate(G, D, split)`, is that of the run's `train.py`, None where it has none. Without a
    `split` it is the first that there is of test, validation and train. With `folds` the measures
    over all folds, taken while training, are told; `training` is which of several they are of.
    Gives the exit code: 0 good, 2 for a split that there is not, 3 for what data and weights lack.
    """
    path = Path(run)
    try:
        if folds is not None:
            split, measures = _pooled(path, folds, training, split)
            records = None
        else:
            folders = search_folders(spec_folder, (*data, *_earlier_folders(path)))
            split, part, measures = _measured(
                build, evaluate, path, split, device, folders, weights, debug
            )
            records = len(part)
    except _NoSplit as error:
        return _told(error, 2)
    except DataError as error:
        return _told(error, error.exit_code)
    if as_json:
        print(json.dumps({"split": split, **finite(measures)}))
    else:
        if folds is not None:
            print(f"Over all {folds} folds, measured while training (status.json):")
        of = "" if records is None else f" ({records:,} {'record' if records == 1 else 'records'})"
        print("\n".join([f"{split}{of}", *table(measures, _labels(build))]))
    return 0


class _NoSplit(DataError):
    """The data has no split of that name."""


def _measured(
    build: Build,
    evaluate: Evaluate | None,
    path: Path,
    split: str | None,
    device: str,
    folders: Sequence[Path],
    weights: str,
    debug: bool,
) -> tuple[str, Split, dict[str, Any]]:
    if evaluate is None:
        raise DataError(
            "The training of this run measures nothing: it has no loss of a whole split.",
            "Look at its expectations and samples, or use `dlc predict`.",
            str(path),
        )
    source = dataset(build)
    chosen = choose_device(device)
    model = trained(build, source, path, weights)
    splits = source.load(folders, chosen, fitted=True)
    has = [name for name in SPLITS if getattr(splits, name) is not None]
    name = split or has[0]
    if name not in has:
        raise _NoSplit(
            f"The data of this run has no {name} split.", f"It has: {', '.join(has)}.", str(path)
        )
    part: Split = getattr(splits, name)
    models = list(model.values()) if isinstance(model, Mapping) else [model]
    measures = named(path, debug)(evaluate)(*(each.to(chosen) for each in models), part)
    return name, part, {each: value.tolist() for each, value in measures.items()}


def _earlier_folders(path: Path) -> list[str]:
    """Where the training found its data."""
    try:
        environment = json.loads((path / "env.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(map(str, environment.get("folders", [])))


def _pooled(
    path: Path, folds: int, training: str | None, split: str | None
) -> tuple[str, dict[str, Any]]:
    """The measures over the folds, which the run kept: each record was held out once."""
    try:
        status = json.loads((path / "status.json").read_text(encoding="utf-8"))
        results: dict[str, Any] = status["results"]
        results = results[training] if training else results
    except (OSError, ValueError, KeyError) as why:
        raise DataError(
            f"{path} has no results of its {folds} folds.",
            "Train to the end: `dlc run SPEC --resume`.",
            str(path),
        ) from why
    has = [name for name in SPLITS if name in results]
    name = split or (has[0] if has else "test")
    if name not in has:
        raise _NoSplit(
            f"The {folds} folds of this run have no measures of {name}.",
            f"There is: {', '.join(has) or 'nothing yet'}.",
            str(path),
        )
    return name, results[name]


def _labels(build: Build) -> tuple[str, ...]:
    """The labels of the first field that an output predicts: those of a confusion matrix."""
    targets: Mapping[str, str] = build.__globals__["TARGETS"]
    return dataset(build).labels(next(iter(targets.values()))) if targets else ()


def table(measures: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """The measures one below the other, and matrices with their labels."""
    single = {name: value for name, value in measures.items() if not isinstance(value, list)}
    width = max(map(len, single), default=0)
    lines = [
        f"  {name:{width}}  {'nan' if value is None else f'{value:.6g}'}"
        for name, value in single.items()
    ]
    for name, value in measures.items():
        if isinstance(value, list):
            lines += [f"  {name}: a row for each label, a column for each prediction"]
            lines += _matrix(value, labels)
    return lines


def _matrix(rows: Sequence[Sequence[float]], labels: Sequence[str]) -> list[str]:
    names = list(labels) if len(labels) == len(rows) else [str(each) for each in range(len(rows))]
    cells = [["", *names], *([name, *map(str, row)] for name, row in zip(names, rows, strict=True))]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "    " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in cells
    ]


def _told(error: DataError, code: int) -> int:
    print(f"error: {error.message}", file=sys.stderr)
    print(f"help: {error.help}", file=sys.stderr)
    return code
