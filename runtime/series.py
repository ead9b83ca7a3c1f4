"""Data whose records look at others: which of them are records, and what each split is given.

A series is cut where its parts belong together no more: at the end of a file, and of a group.
Nothing looks across a cut. A record is of the split in which all lies that it looks ahead at; its
past may reach back into the splits before, as a forecast from the last known values does. What
trains looks at nothing outside the training split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from .batches import Column
from .errors import DataError
from .ordered_splits import ChronologicalSplit, GroupSplit, grouped
from .sequences import Reach, looked_at
from .splits import ColumnSplit, KFold, RandomSplit
from .table import Array, Table, Where
from .unrolling import Learnable, pieces, unrolled
from .windows import chosen

if TYPE_CHECKING:
    from .dataset import Dataset

BESIDE = "outside of training the windows lie side by side, so that a token is measured once."

Rows: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]


class Series:
    """The places of a source in order: its records, or the tokens of long texts.

    `order` tells the record of the table for each place, `parts` the source's own parts by their
    places, `ends` where each stretch that belongs together ends; `where` tells a place.
    """

    def __init__(
        self, order: Rows, parts: Mapping[str, slice], ends: Sequence[int], where: Where
    ) -> None:
        self.order = order
        self.parts = parts
        self.where = where
        self.stretches = np.unique([*ends, len(order)])  # where each of them ends

    def __len__(self) -> int:
        return len(self.order)

    def beyond(self, reach: Reach) -> tuple[Mask, Mask]:
        """[T] each: which places look back beyond where their stretch begins, and which ahead
        beyond where it ends."""
        places = np.arange(len(self))
        lengths = np.diff(self.stretches, prepend=0)
        starts = np.repeat(self.stretches - lengths, lengths)
        ends = np.repeat(self.stretches, lengths)
        return places + reach.first < starts, places + reach.last >= ends

    def within(self, mask: Mask, reach: Reach) -> Mask:
        """[T]: whether all that a place looks at is there, and in `mask` [T]."""
        if reach == Reach():
            return mask
        found = np.zeros(len(mask), bool)
        low, high = max(0, -reach.first), len(mask) - max(0, reach.last)
        if low >= high:
            return found
        sums = np.concatenate([[0], np.cumsum(mask)])
        seen = sums[low + reach.last + 1 : high + reach.last + 1]
        found[low:high] = seen - sums[low + reach.first : high + reach.first] == reach.length
        if len(self.stretches) > 1:
            back, on = self.beyond(reach)
            found &= ~back & ~on
        return found


def looked_ahead(reaches: Sequence[Reach]) -> Reach:
    """What tells the split of a record: all that lies ahead of it.

    Where no field lies ahead, it begins where the field begins that begins last.
    """
    ahead = [each.first for each in reaches if each.first > 0]
    first = min(ahead) if ahead else max(each.first for each in reaches)
    return Reach(first, max(each.last for each in reaches))


def load_series(
    data: Dataset,
    table: Table,
    device: torch.device,
    notes: list[str],
    fold: int | None,
    fitted: bool,
) -> dict[str, dict[str, Column]]:
    """The columns of each split by field, training first; the steps learn unless `fitted`."""
    raw = {name: field.read(name, table) for name, field in data.fields.items()}
    of_text = any(field.of_text for field in data.fields.values())
    if of_text:
        cut = {name: pieces(field, raw[name]) for name, field in data.fields.items()}
        series = _long(cut, table)
        raw = {name: np.concatenate(each) for name, each in cut.items()}
    else:
        series = _records(data, table)
        raw = {name: each[series.order] for name, each in raw.items()}
    rows, learnable = _parted(data, table, series, raw, fold, notes)
    apart = min(field.reach.length for field in data.fields.values())
    if of_text and not _drawn(data) and len(rows) > 1 and apart > 1:
        rows = {
            part: each if part == "train" else beside(each, apart) for part, each in rows.items()
        }
        notes.append(BESIDE)
    held: dict[str, dict[str, Column]] = {part: {} for part in rows}
    for name, field in data.fields.items():
        learning = None if fitted else learnable
        found = unrolled(name, field, raw.pop(name), series.where, learning, table.place)
        view = found.on(device)
        for part, places in rows.items():
            held[part][name] = chosen(view, torch.from_numpy(places + found.first))
    return held


def beside(rows: Rows, apart: int) -> Rows:
    """Of each run of places that follow one another, every so many."""
    begins = np.diff(rows, prepend=rows[0] - 2) != 1
    first = np.maximum.accumulate(np.where(begins, rows, 0))
    kept: Rows = rows[(rows - first) % apart == 0]
    return kept


def _long(cut: Mapping[str, Sequence[Array]], table: Table) -> Series:
    """The tokens of a source's texts, one behind the other."""
    counts = {name: [len(each) for each in texts] for name, texts in cut.items()}
    first, *others = counts
    for other in others:
        if counts[other] != counts[first]:
            raise DataError(
                f"`{first}` has {sum(counts[first]):,} places in the text, and `{other}` "
                f"{sum(counts[other]):,}.",
                "Cut the text for both by the same steps.",
                table.place,
            )
    ends = [0, *np.cumsum(counts[first]).tolist()]
    parts = {part: slice(ends[of.start], ends[of.stop]) for part, of in _parts(table).items()}
    where = f"the text of {table.place}"
    return Series(np.arange(ends[-1]), parts, ends[1:], lambda place: where)


def _records(data: Dataset, table: Table) -> Series:
    """The records of a table, one series for each group where a split parts them by group."""
    parts = _parts(table)
    order, ends = np.arange(len(table)), [part.stop for part in parts.values()]
    if isinstance(data.split, GroupSplit):
        column = data.split.column
        groups = grouped(column, table.column(column), table.where)
        for part in parts.values():
            order[part] = part.start + groups[part].argsort(kind="stable")
        ends += (np.flatnonzero(np.diff(groups[order])) + 1).tolist()
    return Series(order, parts, ends, lambda place: table.where(int(order[place])))


def _parts(table: Table) -> Mapping[str, slice]:
    return table.parts or {"train": slice(0, len(table))}


def _drawn(data: Dataset) -> bool:
    """Whether each record is drawn by itself, whatever its neighbours are in."""
    together = ChronologicalSplit | GroupSplit
    return isinstance(data.split, RandomSplit | KFold) and not isinstance(data.split, together)


def _parted(
    data: Dataset,
    table: Table,
    series: Series,
    raw: Mapping[str, Array],
    fold: int | None,
    notes: list[str],
) -> tuple[dict[str, Rows], Learnable]:
    """The places of each split's records, training first, and what training may learn from."""
    reaches = [field.reach for field in data.fields.values()]
    every, ahead = looked_at(reaches), looked_ahead(reaches)
    whole = series.within(np.ones(len(series), bool), every)
    if _drawn(data):
        masks = _drawn_masks(data, series, raw, whole, fold)
        rows = {part: np.flatnonzero(mask & whole) for part, mask in masks.items()}
    else:
        masks = _masks(data, table, series, notes)
        rows = {
            part: np.flatnonzero(whole & series.within(mask, every if part == "train" else ahead))
            for part, mask in masks.items()
        }
        notes.append(_left_out(series, masks, rows, every))
    for part, found in rows.items():
        if len(found) == 0:
            raise DataError(
                f"The {part} split has no record: one looks at {every.length:,} places in a row, "
                f"and of {len(series):,} in all the split has {int(masks[part].sum()):,}.",
                "Take more data, a larger share, or a shorter window.",
                table.place,
            )
    training = masks["train"]

    def learnable(reach: Reach) -> Rows:
        # Of places drawn one by one the neighbours are in other splits.
        seen = training if _drawn(data) else series.within(training, reach)
        return np.flatnonzero(seen) + reach.first

    return rows, learnable


def _masks(data: Dataset, table: Table, series: Series, notes: list[str]) -> dict[str, Mask]:
    """[T] for each split, training first: which places are in it."""
    parts = dict(series.parts)
    own = parts.pop("train")
    split = data.split
    rows = {"train": np.arange(own.stop - own.start)}
    if isinstance(split, ChronologicalSplit):
        rows = split.rows(own.stop - own.start)
    elif isinstance(split, ColumnSplit | GroupSplit):
        values = table.column(split.column)[own]

        def where(row: int) -> str:
            return table.where(own.start + row)

        if isinstance(split, GroupSplit):
            rows = split.rows_of(values, where)
        else:
            rows = split.rows(values, where)
            notes.append(split.left_out(values))
    masks = {part: _mask(len(series), found + own.start) for part, found in rows.items()}
    masks = {part: mask[series.order] for part, mask in masks.items()}
    return masks | {part: _mask(len(series), places) for part, places in parts.items()}


def _drawn_masks(
    data: Dataset, series: Series, raw: Mapping[str, Array], whole: Mask, fold: int | None
) -> dict[str, Mask]:
    """The same where each record is drawn by itself, from those that are whole."""
    parts = dict(series.parts)
    own = parts.pop("train")
    places = own.start + np.flatnonzero(whole[own])
    split = data.split
    assert isinstance(split, RandomSplit | KFold)
    classes = None
    if split.field is not None:
        classes = raw[split.field][places + data.fields[split.field].reach.last]
    if isinstance(split, KFold):
        drawn = split.rows(len(places), classes, fold)
        parts.pop("test", None)  # each fold has its own
    else:
        drawn = split.rows(len(places), classes)
    masks = {part: _mask(len(series), places[found]) for part, found in drawn.items()}
    return masks | {part: _mask(len(series), found) for part, found in parts.items()}


def _mask(count: int, places: Rows | slice) -> Mask:
    mask = np.zeros(count, bool)
    mask[places] = True
    return mask


def _left_out(
    series: Series, masks: Mapping[str, Mask], rows: Mapping[str, Rows], every: Reach
) -> str:
    """A sentence about places of a split that are no record; nothing where there are none."""
    left = np.logical_or.reduce([*masks.values()])
    count = int(left.sum())
    for found in rows.values():
        left[found] = False
    back, on = series.beyond(every)
    counts = {
        "look back beyond the first": int((left & back).sum()),
        "look ahead beyond the last": int((left & ~back & on).sum()),
        "look into another split": int((left & ~back & ~on).sum()),
    }
    told = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
    return f"{int(left.sum()):,} of {count:,} places are no record: {told}." if told else ""
