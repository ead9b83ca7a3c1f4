"""Records as a person looks at them: pictures, texts and rows, with what was predicted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor

from .images import picture_shape, pictures
from .markup import Markup, Part, figure, percent, shortened, table, tag
from .outcomes import BATCH, Outcome, Outcomes, readable

if TYPE_CHECKING:
    from ..dataset import Dataset, Split

SHOWN = 12  # records of each kind
NUMBERS = 12  # of a record
LETTERS = 400  # of a text
WORD = 24  # letters of what is kept in one line
NUMBER = re.compile("\\N{MINUS SIGN}?[\\d.,]*\\d(e\\N{MINUS SIGN}?\\d+)?|\\N{EN DASH}|nan")

Columns: TypeAlias = dict[str, list[str]]  # one text a record


@dataclass(frozen=True, slots=True)
class Given:
    """What the model was given, by record: a picture of it, or else its values by column."""

    places: Mapping[int, int]
    images: Sequence[str]
    columns: Columns


def samples(found: Outcomes, inputs: Sequence[str], dataset: Dataset, split: Split) -> list[Part]:
    """The worst records and some others; `found` has at least one outcome."""
    by_loss = sorted(found.each, key=lambda each: -each.loss)
    wrong = [each for each in by_loss if not each.right][:SHOWN]
    worst = wrong or by_loss[:SHOWN]
    chosen = {each.place for each in worst}
    others = [each for each in found.each if each.place not in chosen]
    if found.labels:
        others = [each for each in others if each.right]
        titles = ("Most wrong" if wrong else "Least certain, yet right", "Right")
    else:
        titles = ("Largest errors", "Others")
    groups = [
        (title, group)
        for title, group in zip(titles, (worst, _spaced(others)), strict=True)
        if group
    ]
    places = [each.place for _, group in groups for each in group]
    given = _given(inputs, dataset, split, places)
    spell = _speller(found, dataset)
    show = _gallery if given.images else _listed
    return [
        part
        for title, group in groups
        for part in (tag("h3", title), show(group, found, given, spell))
    ]


def _spaced(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Some from all over."""
    count = min(SHOWN, len(outcomes))
    return [outcomes[number * len(outcomes) // count] for number in range(count)]


def _given(inputs: Sequence[str], dataset: Dataset, split: Split, places: Sequence[int]) -> Given:
    """The inputs of the records at these places of the split."""
    rows: dict[int, tuple[Tensor, ...]] = {}
    for number, batch in enumerate(split.batches(BATCH)):
        start = number * BATCH
        for place in places:
            if start <= place < start + BATCH:
                rows[place] = tuple(tensor[place - start] for tensor in batch)
    values = {
        name: torch.stack([row[index] for row in rows.values()])
        for index, name in enumerate(dataset.fields)
        if name in inputs
    }
    numbered = {place: index for index, place in enumerate(rows)}
    for name in inputs:
        shape = picture_shape(dataset, name)
        if shape is not None:
            raw = dataset.inverse(name, values[name])
            as_bytes = dataset.fields[name].raw_image
            return Given(numbered, pictures(raw, shape, as_bytes), {})
    columns: Columns = {}
    for name in inputs:
        columns |= _columns(dataset, name, values[name])
    return Given(numbered, [], columns)


def _columns(dataset: Dataset, name: str, values: Tensor) -> Columns:
    """A field's values in words or raw units, a column of the table for each raw column."""
    if readable(dataset, name):
        return {name: [shortened(text, LETTERS) for text in dataset.fields[name].words(values)]}
    if dataset.labels(name) and values.dim() == 1:
        return {name: [dataset.labels(name)[number] for number in values.tolist()]}
    raw = _rounded(dataset.inverse(name, values).reshape(len(values), -1))
    rows = [[figure(value) for value in row[:NUMBERS]] for row in raw.tolist()]
    heads = _heads(dataset, name, raw.shape[1])
    if heads:
        return dict(zip(heads, map(list, zip(*rows, strict=True)), strict=True))
    more = ", …" if raw.shape[1] > NUMBERS else ""
    return {name: [", ".join(row) + more for row in rows]}


def _rounded(values: Tensor) -> Tensor:
    """[N, K] with zeros for what is nothing beside its column: steps back leave 1e-9 of zero."""
    return values.where(values.abs() > 1e-6 * values.abs().amax(0), 0.0)


def _heads(dataset: Dataset, name: str, width: int) -> list[str]:
    """The names of a field's columns where they are few and each is a column of the source."""
    raw = dataset.fields[name].selection.state()
    if width == 1:
        return [name]
    if width > NUMBERS or len(raw) != width:
        return []
    return [f"{name}[{index}]" if column is None else column for index, column in enumerate(raw)]


def _speller(found: Outcomes, dataset: Dataset) -> Callable[[object], str]:
    """How a true or predicted value is written."""
    field = dataset.fields[found.field]

    def spell(value: object) -> str:
        if not isinstance(value, list):
            return str(value)
        if not found.labels:
            more = ", …" if len(value) > NUMBERS else ""
            return ", ".join(map(figure, value[:NUMBERS])) + more
        from ..texts import PADDED

        return shortened(field.between.join(each for each in value if each != PADDED), LETTERS)

    return spell


def _gallery(
    group: Sequence[Outcome], found: Outcomes, given: Given, spell: Callable[[object], str]
) -> Markup:
    """Pictures, and below each what was predicted, and what is true where it is another thing."""
    shown: list[Part] = []
    for each in group:
        predicted, true = spell(each.predicted), spell(each.true)
        says: list[Part] = [tag("b", predicted)]
        if each.probability is not None:
            says.append(f" {percent(each.probability)}")
        if not each.right:
            says.append(tag("span", f"true: {true}", class_="true"))
        image = tag("img", src=given.images[given.places[each.place]], alt=f"a record: {true}")
        style = "sample" if each.right or not found.labels else "sample miss"
        shown.append(tag("figure", image, tag("figcaption", *says), class_=style))
    return tag("div", *shown, class_="gallery")


def _listed(
    group: Sequence[Outcome], found: Outcomes, given: Given, spell: Callable[[object], str]
) -> Markup:
    """A table: what is true, what was predicted, how sure or how far off, and the inputs."""
    last = _measure(found)
    sure = "probability" if found.labels and found.single else "error"
    rows = [
        [
            figure(each.place),
            spell(each.true),
            tag("b", spell(each.predicted)),
            *([last(each)] if last else []),
            *(values[given.places[each.place]] for values in given.columns.values()),
        ]
        for each in group
    ]
    said = _kind([spell(value) for each in group for value in (each.true, each.predicted)])
    kinds = f"n{said}{said}{'n' * bool(last)}{''.join(map(_kind, given.columns.values()))}"
    head = ["record", found.field, found.output, *([sure] if last else []), *given.columns]
    return table(head, rows, kinds)


def _measure(found: Outcomes) -> Callable[[Outcome], str] | None:
    """How the last column of a record is written."""
    if found.labels:
        if found.single:
            return lambda each: percent(each.probability or 0.0)
        return lambda each: percent(each.loss)
    if found.single and len(found.each[0].true) == 1:
        return lambda each: figure(each.predicted[0] - each.true[0])
    return None


def _kind(texts: Sequence[str]) -> str:
    """Numbers stand right, all else left, and short texts in one line."""
    if all(map(NUMBER.fullmatch, texts)):
        return "n"
    return "w" if all(len(text) <= WORD for text in texts) else "t"
