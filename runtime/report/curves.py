"""How loss and metrics went from epoch to epoch: `metrics.jsonl` as pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from pathlib import Path
from typing import Any

from .markup import Markup, counted, figure, note, section, tag
from .plot import Line, lines

COLOURS = 6  # in the style sheet
CHARTS = 24  # at most, so that a page stays a page


@dataclass(slots=True)
class Course:
    """What was measured: the values of each metric by line, split or split and model, and fold."""

    values: dict[str, dict[tuple[str, int | None], dict[int, float]]] = field(default_factory=dict)
    epochs: int = 0
    folds: set[int] = field(default_factory=set)
    trainings: set[str] = field(default_factory=set)

    @property
    def colours(self) -> dict[str, int]:
        """The colour of each line, one in all pictures."""
        names = dict.fromkeys(name for lines in self.values.values() for name, _ in lines)
        return {name: number % COLOURS + 1 for number, name in enumerate(names)}


def course(path: Path) -> Course:
    """What a `metrics.jsonl` tells; a last line that was cut off, and what is no number, is nan."""
    found = Course()
    for entry in _entries(path):
        epoch, fold = entry.get("epoch"), entry.get("fold")
        if not isinstance(epoch, int):
            continue
        found.epochs = max(found.epochs, epoch)
        if fold is not None:
            found.folds.add(fold)
        training = entry.get("training")
        if training is not None:
            found.trainings.add(training)
        for metric, name, value in _flat(entry):
            name = f"{training} {name}" if training is not None else name
            lines = found.values.setdefault(metric, {})
            lines.setdefault((name, fold), {})[epoch] = value
    return found


def curves(found: Course, status: Mapping[str, Any]) -> Markup | None:
    """A picture for each metric, loss first; None where no epoch ended.

    The status tells which epoch was `best`, and of which `epoch` the weights are.
    """
    if not found.values:
        return None
    names = sorted(found.values, key=lambda name: name != "loss")
    best = status.get("best") or {}
    # Where several trainings follow each other, these are of the last alone.
    mark = best.get("epoch") if found.epochs > 1 and not found.trainings else None
    kept = status.get("epoch") if not found.trainings else None
    remarks = [
        counted(found.epochs, "epoch"),
        f"the best by {best.get('on')} is epoch {mark}" if mark else "",
        f"the weights are of epoch {kept}" if kept else "",
        f"{counted(len(found.folds), 'fold')}, drawn thin" if found.folds else "",
        f"the first {CHARTS} of {len(names)} metrics" if len(names) > CHARTS else "",
    ]
    return section(
        "Training",
        note("; ".join(filter(None, remarks)) + "."),
        tag("div", *(_chart(name, found, mark) for name in names[:CHARTS]), class_="charts"),
    )


def _chart(metric: str, found: Course, mark: int | None) -> Markup:
    values = found.values[metric]
    colours = found.colours
    drawn = [
        Line(name, sorted(by_epoch.items()), colours[name], fold is not None)
        for (name, fold), by_epoch in values.items()
    ]
    legend = [_key(line, mark) for line in _one_each(drawn)]
    log = metric == "loss" or "error" in metric
    shown, is_log = lines(f"{metric} by epoch", drawn, "epoch", log=log, mark=mark)
    said = tag("figcaption", tag("b", metric), tag("small", "log scale") if is_log else None)
    return tag("figure", said, shown, tag("p", *legend, class_="legend"))


def _key(line: Line, mark: int | None) -> Markup:
    """The name of a line with its colour and the value it ended with."""
    at = dict(line.points).get(mark, nan) if mark is not None else nan
    last = "" if line.faint else f" {figure(line.last)}"
    known = isfinite(at) and mark != line.points[-1][0]
    best = f", {figure(at)} in epoch {mark}" if known else ""
    return tag("span", tag("i", class_=f"key c{line.colour}"), line.name, tag("b", last), best)


def _one_each(drawn: Sequence[Line]) -> list[Line]:
    """A line for each name, a whole one rather than one of a fold."""
    found: dict[str, Line] = {}
    for line in drawn:
        if line.name not in found or found[line.name].faint:
            found[line.name] = line
    return list(found.values())


def _entries(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        return
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(text)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def _flat(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Each number of an epoch: its metric, its line, its value; tables are left out."""
    for split, measures in entry.items():
        if not isinstance(measures, dict):
            continue
        for key, value in measures.items():
            if isinstance(value, dict):
                yield from (
                    (metric, f"{split} {key}", _number(inner))
                    for metric, inner in value.items()
                    if not isinstance(inner, list | dict)
                )
            elif not isinstance(value, list):
                yield key, split, _number(value)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else nan
