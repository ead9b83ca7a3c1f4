"""What the trained model says about the records of a split, beside what is true."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite, log, sqrt
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from ..dataset import Dataset, Split

BATCH = 128
RECORDS = 10_000  # looked at, and a batch more at most
PROBABILITIES = 2_000_000  # read, at most: one for each label of each record
FEW = 4  # numbers of a record that are told apart

Said: TypeAlias = tuple[int, Any, Any, Any]  # place, true, predicted, probabilities


@dataclass(frozen=True, slots=True)
class Outcome:
    """One record: its place in the split, what is true, what was predicted, and how wrong.

    `loss` is -log of the true label's probability, the share of wrong labels of a sequence, or
    the error of numbers in deviations of what is true; `probability` is of the predicted label.
    """

    place: int
    true: Any
    predicted: Any
    right: bool
    loss: float
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes of one output; `labels` are those of its field, none where it has numbers."""

    output: str
    field: str
    labels: tuple[str, ...]
    each: Sequence[Outcome]

    @property
    def single(self) -> bool:
        """Whether a record has one label, or few numbers."""
        first = self.each[0].true
        return not isinstance(first, list) or (not self.labels and len(first) <= FEW)

    def matrix(self) -> list[list[int]]:
        """Counts of single labels: a row for each true one, a column for each predicted one."""
        numbers = {label: number for number, label in enumerate(self.labels)}
        counts = [[0] * len(self.labels) for _ in self.labels]
        for each in self.each:
            counts[numbers[each.true]][numbers[each.predicted]] += 1
        return counts


def outcomes(
    predict: Any, model: nn.Module, dataset: Dataset, split: Split, seconds: float
) -> list[Outcomes]:
    """Those of each output that predicts labels or numbers, of records all over the split.

    `predict` is the package's module: INPUTS, TARGETS and `decode`. As many records are
    looked at as `seconds` are likely to suffice for. The model is left in evaluation mode.
    """
    targets = {
        output: field
        for output, field in predict.TARGETS.items()
        # What was made of names and has no labels is a row of zeros and a one.
        if dataset.labels(field) or not readable(dataset, field)
    }
    if not targets or len(split) == 0:
        return []
    said: dict[str, list[Said]] = {output: [] for output in targets}
    labels = {field: dataset.labels(field) for field in targets.values()}
    most = PROBABILITIES // max(1, *map(len, labels.values()))
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    model.eval()
    with torch.no_grad():
        for start, batch in _spread(split, most, seconds):
            given = dict(zip(dataset.fields, batch, strict=True))
            found = model(*(given[name].to(device) for name in predict.INPUTS))
            records = predict.decode(*(found if isinstance(found, tuple) else (found,)))
            for output, field in targets.items():
                truths = _truths(dataset, field, given[field], labels[field])
                for row, (record, true) in enumerate(zip(records, truths, strict=True)):
                    probabilities = record.get(f"{output}.probabilities")
                    said[output].append((start + row, true, record[output], probabilities))
    made = (
        Outcomes(output, field, labels[field], _compared(labels[field], said[output]))
        for output, field in targets.items()
    )
    return [each for each in made if each.each]


def readable(dataset: Dataset, field: str) -> bool:
    """Whether the values of a field stand for words."""
    from ..categories import Categories
    from ..texts import Vocabulary

    found = dataset.fields[field]
    return any(isinstance(step, Categories | Vocabulary) for step in found.steps)


def _spread(split: Split, most: int, seconds: float) -> Iterator[tuple[int, tuple[Tensor, ...]]]:
    """Batches with the place of their first record: all, or as many as the limits allow.

    A source may have its records class by class, so those left out are all over the split.
    """
    least, wanted = inf, 0
    by_count = ceil(len(split) / min(RECORDS, max(1, most)))
    for number, batch in enumerate(split.batches(BATCH)):
        if number == wanted:
            began = time.perf_counter()
            yield number * BATCH, batch
            # The quickest so far: the first one loads what the others find.
            least = min(least, time.perf_counter() - began)
            wanted += max(1, by_count, ceil(least * len(split) / BATCH / seconds))


def _truths(dataset: Dataset, field: str, values: Tensor, labels: Sequence[str]) -> list[Any]:
    """What is true of each record: a label or labels, or a list of numbers in the raw units."""
    if labels:
        return [_named(number, labels) for number in values.tolist()]
    flat = dataset.inverse(field, values).reshape(len(values), -1)
    return [[float(value) for value in row] for row in flat.tolist()]


def _named(number: Any, labels: Sequence[str]) -> Any:
    if isinstance(number, list):
        return [_named(each, labels) for each in number]
    return labels[int(number)]


def _compared(labels: Sequence[str], said: Sequence[Said]) -> list[Outcome]:
    """The outcomes; none where the predictions and the field are not of one form."""
    if not labels:
        return _of_numbers(said)
    if all(isinstance(probabilities, dict) for *_, probabilities in said):
        return [_of_label(*each) for each in said]
    return _of_sequences(said)


def _of_label(place: int, true: str, _: Any, probabilities: Mapping[str, float]) -> Outcome:
    # Not the decoded label itself: that is a number where its name is one.
    predicted = max(probabilities, key=probabilities.__getitem__)
    chance = probabilities[true]
    loss = -log(chance) if chance > 0 else inf
    return Outcome(place, true, predicted, predicted == true, loss, probabilities[predicted])


def _of_sequences(said: Sequence[Said]) -> list[Outcome]:
    found: list[Outcome] = []
    for place, true, predicted, _ in said:
        pair = [str(each) for each in _flat(true)], [str(each) for each in _flat(predicted)]
        if len(pair[0]) != len(pair[1]):
            return []
        wrong = sum(a != b for a, b in zip(*pair, strict=True))
        found.append(Outcome(place, *pair, wrong == 0, wrong / max(1, len(pair[0]))))
    return found


def _of_numbers(said: Sequence[Said]) -> list[Outcome]:
    """Errors count in deviations of each output, so that none counts more for its unit."""
    pairs: list[tuple[int, list[float], list[float]]] = []
    for place, true, predicted, _ in said:
        values = [float(value) for value in _flat(predicted) if isinstance(value, int | float)]
        if not values or len(values) != len(true):
            return []
        pairs.append((place, true, values))
    widths = [_deviation(values) for values in zip(*(true for _, true, _ in pairs), strict=True)]
    found: list[Outcome] = []
    for place, true, values in pairs:
        errors = [abs(a - b) / w for a, b, w in zip(true, values, widths, strict=True)]
        loss = sum(errors) / len(errors)
        found.append(Outcome(place, true, values, loss == 0, loss if isfinite(loss) else inf))
    return found


def _deviation(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / len(values)) or 1.0


def _flat(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return [inner for each in value for inner in _flat(each)]
    return [value]
