"""Predictions from a run: raw records in, decoded outputs out."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from .artifacts import finite, load_weights, write_atomic
from .asking import reading, wanted
from .dataset import Dataset
from .devices import choose_device
from .errors import DataError
from .inputs import Given, given
from .places import named
from .texts import PADDED

Record = dict[str, Any]
Model: TypeAlias = "nn.Module | Mapping[str, nn.Module]"
Build: TypeAlias = Callable[[], Model]
Models: TypeAlias = Mapping[str, Any]  # by the names of their weights
AT_ONCE = 256
LONGEST = 12  # values of a list that a line shows


def classes(probabilities: Tensor, labels: Sequence[str], axis: int = 1) -> list[Record]:
    """The most probable label of each record, and the probability of each label.

    `probabilities` is [n, …] with the labels along `axis`. Where there are more axes, each place
    has its label, in lists shaped as the places are, and the probabilities are left out. Labels
    that are numbers are given as numbers.
    """
    scores = probabilities.detach().movedim(axis, -1).float().cpu()
    # A digit among the pieces of a text is a piece of text.
    pieces = PADDED in labels
    plain = [int(label) if label.isdecimal() and not pieces else label for label in labels]
    best = [{"": _named(places, plain)} for places in scores.argmax(-1).tolist()]
    if scores.dim() > 2:
        return best
    return [
        {**each, "probabilities": dict(zip(labels, row, strict=True))}
        for each, row in zip(best, scores.tolist(), strict=True)
    ]


def binary(probability: Tensor, labels: Sequence[str]) -> list[Record]:
    """As `classes` for two labels: [n] has the probability of the second."""
    return classes(torch.stack([1 - probability, probability], 1), labels)


def numbers(values: Tensor) -> list[Record]:
    """Each record's values, in lists shaped as they are; one alone is a number."""
    flat = values.detach().cpu()
    if flat.dim() == 2 and flat.shape[1] == 1:
        flat = flat[:, 0]
    return [{"": value} for value in flat.tolist()]


def rows(outputs: Mapping[str, list[Record]]) -> list[Record]:
    """One dictionary a record, keyed by output; what belongs to an output stands behind a dot."""
    names = list(outputs)
    found: list[Record] = []
    for parts in zip(*outputs.values(), strict=True):
        record: Record = {}
        for name, part in zip(names, parts, strict=True):
            record |= {f"{name}.{key}" if key else name: value for key, value in part.items()}
        found.append(record)
    return found


def launch(
    build: Build,
    predict: Callable[..., list[Record]],
    *,
    run: str | None = None,
    inputs: Sequence[str] = ("-",),
    device: str = "cpu",
    weights: str = "last",
    output: str | None = None,
    quiet: bool = False,
    as_json: bool = False,
    debug: bool = False,
) -> int:
    """Load the weights of a run, predict every record of the inputs, and print the results.

    `output` is a .csv or .jsonl file that gets them instead, all or none. Gives the exit code: 0,
    or 3 where a record, a file or the run is at fault, 4 where a package is missing; what was
    right before it has been printed.
    """
    home = build.__globals__
    # A run folder holds its package at generated/<name>/predict.py.
    path = Path(run) if run else Path(str(home["__file__"])).parent.parent.parent
    data = _dataset(home)
    names: Sequence[str] = home["INPUTS"]
    found: list[tuple[str, Record]] = []
    try:
        chosen = choose_device(device)
        model = trained(build, data, path, weights)
        for part in model.values() if isinstance(model, Mapping) else [model]:
            part.to(chosen).eval()
        ask = named(path, debug)(lambda batch: predict(model, batch, str(chosen)))
        most: int = home.get("AT_ONCE", AT_ONCE)
        # What a prediction draws at random is the same each time.
        torch.manual_seed(0)
        answers = (
            _predicted(ask, given(inputs, reading(data, names), names), most)
            if names
            else _drawn(ask, wanted(inputs), most)
        )
        for record, outputs in answers:
            if output is not None:
                found.append((record.name, outputs))
            else:
                print(_json(outputs) if as_json else line(record.name, outputs))
        if output is not None:
            write_atomic(Path(output), _file(output, found).encode())
            if not quiet and not as_json:
                print(f"{output}: {len(found):,} {'record' if len(found) == 1 else 'records'}")
    except DataError as error:
        sys.stdout.flush()
        print(f"error: {error.message}", file=sys.stderr)
        print(f"help: {error.help}", file=sys.stderr)
        return error.exit_code
    return 0


def launch_last(predictions: Mapping[str, ModuleType]) -> int:
    """Predict with the last of several modules, as `launch` does."""
    module: Any = [*predictions.values()][-1]
    return launch(module.build, module.predict)


def dataset(build: Build) -> Dataset:
    """The data block that the module of `build` works with."""
    found = _dataset(build.__globals__)
    assert found is not None
    return found


def _dataset(home: Mapping[str, Any]) -> Dataset | None:
    return next((each for each in home.values() if isinstance(each, Dataset)), None)


def trained(build: Build, data: Dataset | None, run: Path, weights: str = "last") -> Model:
    """The model of a run with its weights, on the CPU; `data` gets the steps that it learned.

    `weights` is "last" or "best". A DataError where the run has none of these or they do not fit.
    """
    home = build.__globals__
    checkpoints = run / "checkpoints"
    if weights == "best" and not (checkpoints / "best.pt").exists():
        raise DataError(
            f"{run} has no best weights: they are kept where the data has a validation split.",
            "Use the last weights: leave out `--weights best`.",
            str(run),
        )
    saved: Mapping[str, Any] = load_weights(checkpoints / f"{weights}.pt")
    model = build()
    parts = model if isinstance(model, Mapping) else {home.get("MODEL", "model"): model}
    if weights == "best" and not parts.keys() <= saved.keys():
        raise DataError(
            f"{', '.join(parts)} has no best weights: they are kept where the data of its last "
            "training has a validation split.",
            "Use the last weights: leave out `--weights best`.",
            str(run),
        )
    try:
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        steps = json.loads((checkpoints / "data.json").read_text(encoding="utf-8"))
        steps = steps[home["TRAINING"]] if "TRAINING" in home else steps
    except (KeyError, RuntimeError) as why:
        raise DataError(
            f"The weights in {checkpoints} are of another model than the code of the run makes.",
            "Use the code that was saved with the run, or train anew.",
            str(checkpoints),
        ) from why
    except (OSError, ValueError) as why:
        raise DataError(
            f"{checkpoints / 'data.json'} cannot be read: {why}.",
            "It tells what the data steps learned: train anew.",
            str(checkpoints),
        ) from why
    if data is not None:
        data.restore(steps)
    return model


def line(name: str, record: Record) -> str:
    """Outputs for a person, behind the name of what they were predicted for, if it has one."""
    parts: list[str] = []
    for key, value in record.items():
        if key.endswith(".probabilities"):
            parts[-1] += f" ({max(value.values()):.1%})"
        else:
            parts.append(f"{key}: {_shown(value)}")
    return f"{name}: {', '.join(parts)}" if name else ", ".join(parts)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if not isinstance(value, list):
        return str(value)
    if value and all(isinstance(each, str) and len(each) == 1 for each in value):
        return repr("".join(value))
    more = f", … {len(value)} in all" if len(value) > LONGEST else ""
    return f"[{', '.join(map(_shown, value[:LONGEST]))}{more}]"


def _named(places: Any, labels: Sequence[Any]) -> Any:
    """Label numbers, in lists or not, as labels."""
    return [_named(each, labels) for each in places] if isinstance(places, list) else labels[places]


def _predicted(
    predict: Callable[[list[Given]], list[Record]], records: Iterable[Given], most: int
) -> Iterator[tuple[Given, Record]]:
    """Each record with its outputs; of a batch with a wrong record, those before it."""
    for batch in _batches(records, most):
        try:
            found = predict(batch)
        except DataError:
            for record in batch:
                yield record, predict([record])[0]
            raise
        yield from zip(batch, found, strict=True)


def _drawn(
    predict: Callable[[Any], list[Record]], count: int, most: int
) -> Iterator[tuple[Given, Record]]:
    """So many records of a prediction that takes none."""
    while count:
        found = predict(min(count, most))
        yield from ((Given([], str), each) for each in found)
        count -= min(count, most)


def _batches(records: Iterable[Given], most: int) -> Iterator[list[Given]]:
    batch: list[Given] = []
    try:
        for record in records:
            batch.append(record)
            if len(batch) == most:
                yield batch
                batch = []
    except DataError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _json(record: Record) -> str:
    return json.dumps(finite(record))


def _file(name: str, found: Sequence[tuple[str, Record]]) -> str:
    """All results as JSON lines, or as a table with a column an output and a probability."""
    if not name.endswith(".csv"):
        return "".join(f"{_json(record)}\n" for _, record in found)
    rows = []
    for source, record in found:
        cells: dict[str, Any] = {"file": source} if source else {}
        for key, value in record.items():
            if isinstance(value, dict):
                cells |= {f"{key}.{label}": each for label, each in value.items()}
            else:
                cells[key] = json.dumps(finite(value)) if isinstance(value, list) else value
        rows.append(cells)
    columns = list(dict.fromkeys(column for cells in rows for column in cells))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
