"""What the trained model gets right and wrong: pictures of the whole, and single records."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from torch import nn

from ..dataset import Split, Splits
from .confusion import confusion, is_matrix
from .markup import Markup, Part, counted, figure, note, section, tag
from .outcomes import Outcomes, outcomes
from .overview import NAMED, Results, ordered
from .plot import bars, scatter
from .samples import samples

LEAST = 0.25  # seconds that looking at records may take
SHARE = 50  # the part of the seconds that the run took
DOTS = 1000  # of a scatter plot at most


def predictions(
    predict: Any, models: Mapping[str, nn.Module], data: Splits, status: Mapping[str, Any]
) -> list[Markup]:
    """A section for each output that predicts a field, of the best split that there is."""
    results: Results = status.get("results") or {}
    # A report is to cost little beside the training.
    seconds = max(LEAST, (status.get("seconds") or 0.0) / SHARE)
    name, split = best_split(data)
    model = _model(predict, models)
    if model is None or not getattr(predict, "TARGETS", None):
        return []
    found = outcomes(predict, model, data.dataset, split, seconds)
    return [
        section(
            f"Predictions of {each.output}" if len(found) > 1 else "Predictions",
            *_whole(each, name, len(split), results if len(found) == 1 else {}),
            note(f"What follows is of the {len(each.each):,} looked at.")
            if len(each.each) < len(split)
            else None,
            *samples(each, predict.INPUTS, data.dataset, split),
        )
        for each in found
    ]


def best_split(data: Splits) -> tuple[str, Split]:
    """The split that tells most about unseen records."""
    if data.test is not None and len(data.test):
        return "test", data.test
    if data.validation is not None and len(data.validation):
        return "validation", data.validation
    return "train", data.train


def matrices(results: Results) -> list[Part]:
    """The confusion matrix of results alone, where the data is gone."""
    for split in ordered(results):
        if (matrix := _measured(results, split)) is not None:
            names = [str(number) for number in range(len(matrix))]
            return [section("Classes", note(f"Of the {split} split."), *confusion(matrix, names))]
    return []


def _model(predict: Any, models: Mapping[str, nn.Module]) -> nn.Module | None:
    """The model that the package predicts with: the only one, or the one that it builds."""
    if len(models) == 1:
        return next(iter(models.values()))
    built = getattr(predict.build, "__annotations__", {}).get("return")
    fitting = [m for m in models.values() if isinstance(built, type) and isinstance(m, built)]
    return fitting[-1] if fitting else None


def _whole(found: Outcomes, name: str, count: int, results: Results) -> list[Part]:
    """All looked-at records in one picture."""
    looked = len(found.each)
    of = f"{counted(looked, 'record')}" if looked == count else f"{looked:,} of {count:,} records"
    if not found.single:
        return [note(f"{of} of the {NAMED.get(name, name)} split.")]
    if not found.labels:
        return [
            note(f"{of} of the {NAMED.get(name, name)} split, in the units of the data."),
            *_numbers(found),
        ]
    matrix = _measured(results, name)
    if matrix is not None and len(matrix) == len(found.labels):
        of = counted(sum(map(sum, matrix)), "record")
    else:
        matrix = found.matrix()
    right = sum(matrix[index][index] for index in range(len(matrix)))
    total = sum(map(sum, matrix))
    said = f"{of} of the {NAMED.get(name, name)} split; {right:,} right, {total - right:,} wrong."
    return [note(said), *confusion(matrix, found.labels)]


def _measured(results: Results, split: str) -> list[list[int]] | None:
    for name, value in (results.get(split) or {}).items():
        if name.endswith("confusion_matrix") and is_matrix(value):
            matrix: list[list[int]] = value
            return matrix
    return None


def _numbers(found: Outcomes) -> list[Part]:
    """Predicted against true, and how the errors are spread, for each number of the output."""
    parts: list[Part] = []
    width = len(found.each[0].true)
    for index in range(width):
        pairs = [(each.true[index], each.predicted[index]) for each in found.each]
        good = [pair for pair in pairs if all(map(isfinite, pair))]
        if not good:
            continue
        name = found.field if width == 1 else f"{found.field}[{index}]"
        step = -(-len(good) // DOTS)
        errors = [predicted - true for true, predicted in good]
        mean = sum(map(abs, errors)) / len(errors)
        parts.append(
            tag("figure", tag("figcaption", tag("b", name), tag("small", "predicted against true")),
                scatter(f"Predicted against true {name}", good[::step], "true", "predicted"))
        )  # fmt: skip
        parts.append(
            tag("figure", tag("figcaption", tag("b", "errors"),
                tag("small", f"predicted less true; mean size {figure(mean)}")),
                bars(f"Errors of {name}", errors, "error"))
        )  # fmt: skip
    return [tag("div", *parts, class_="charts")] if parts else []
