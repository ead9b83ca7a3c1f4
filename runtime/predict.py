"""Predictions from a run: raw records in, decoded outputs out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from .artifacts import load_weights
from .dataset import Dataset
from .devices import choose_device
from .errors import DataError

Record = dict[str, Any]
IMAGES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
AT_ONCE = 256


def classes(probabilities: Tensor, labels: Sequence[str]) -> list[dict[str, Any]]:
    """The most probable label of each record, and the probability of each label.

    `probabilities` is [n, C], or [n] with the probability of the second of two labels. Labels
    that are numbers are given as numbers.
    """
    scores = probabilities.detach().float().cpu()
    if scores.dim() == 1:
        rows = [[1 - score, score] for score in scores.tolist()]
    else:
        rows = scores.tolist()
    plain = [int(label) if label.isdecimal() else label for label in labels]
    return [
        {
            "": plain[max(range(len(row)), key=row.__getitem__)],
            "probabilities": dict(zip(labels, row, strict=True)),
        }
        for row in rows
    ]


def numbers(values: Tensor) -> list[dict[str, Any]]:
    """Each record's values; one alone is a number."""
    flat = values.detach().cpu()
    if flat.dim() == 2 and flat.shape[1] == 1:
        flat = flat[:, 0]
    return [{"": value} for value in flat.tolist()]


def rows(outputs: Mapping[str, list[dict[str, Any]]]) -> list[Record]:
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
    build: Callable[[], nn.Module],
    predict: Callable[..., list[Record]],
    *,
    run: str | None = None,
    inputs: Sequence[str] = ("-",),
    device: str = "cpu",
    as_json: bool = False,
) -> int:
    """Load the weights of a run, predict every record of the inputs, and print the results."""
    home = build.__globals__
    # A run folder holds its package at generated/<name>/predict.py.
    path = Path(run) if run else Path(str(home["__file__"])).parent.parent.parent
    data: Dataset = next(each for each in home.values() if isinstance(each, Dataset))
    try:
        chosen = choose_device(device)
        model = build()
        checkpoints = path / "checkpoints"
        model.load_state_dict(load_weights(checkpoints / "last.pt"))
        data.restore(json.loads((checkpoints / "data.json").read_text(encoding="utf-8")))
        model.to(chosen).eval()
        for batch in _batches(inputs, data):
            for name, record in zip(
                [each[0] for each in batch],
                predict(model, [each[1] for each in batch], str(chosen)),
                strict=True,
            ):
                print(json.dumps(record) if as_json else _line(name, record), flush=True)
    except DataError as error:
        print(f"error: {error.message}", file=sys.stderr)
        print(f"help: {error.help}", file=sys.stderr)
        return 3
    return 0


def _line(name: str, record: Record) -> str:
    parts: list[str] = []
    for key, value in record.items():
        if key.endswith(".probabilities"):
            best = max(value.values())
            parts[-1] += f" ({best:.1%})"
        else:
            shown = f"{value:.6g}" if isinstance(value, float) else value
            parts.append(f"{key}: {shown}")
    return f"{name}: {', '.join(parts)}" if name else ", ".join(parts)


def _batches(inputs: Sequence[str], data: Dataset) -> Iterator[list[tuple[str, Record]]]:
    batch: list[tuple[str, Record]] = []
    for each in inputs:
        for item in _records(each, data):
            batch.append(item)
            if len(batch) == AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch


def _records(text: str, data: Dataset) -> Iterator[tuple[str, Record]]:
    """The records of one input: a picture, a CSV, JSON lines, or `-`."""
    if text == "-":
        yield from _json_lines(sys.stdin.read(), "standard input")
        return
    path = Path(text)
    if not path.is_file():
        raise DataError(
            f"There is no file `{text}`.",
            "Give a picture, a .csv, a .jsonl file, or - for JSON lines.",
            text,
        )
    suffix = path.suffix.lower()
    if suffix in IMAGES:
        field = data.image_field()
        for record in data.read_images(field, [path]):
            yield path.name, dict(record)
    elif suffix in (".csv", ".gz"):
        for record in data.read_records(path):
            yield "", dict(record)
    else:
        yield from _json_lines(path.read_text(encoding="utf-8"), text)


def _json_lines(text: str, place: str) -> Iterator[tuple[str, Record]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise DataError(
                f"Line {number} of {place} is no JSON object.",
                'Write one object a line, keyed by raw column: {"x": 7}',
                place,
            )
        yield "", record
