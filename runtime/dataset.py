"""A data block at run time: from a source to tensors on the device, and back for predictions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from .augment import Augmentation
from .batches import Column, Split
from .columns import columns
from .errors import DataError
from .fields import Field
from .forecasts import encoded_windows
from .levels import Counts, Late, counted, fit, learns, stays_bytes
from .loading import Reading, check_classes
from .ordered_splits import GroupSplit
from .pictures import Resize
from .records import Record, encoded, read_images
from .series import load_series
from .sources import Source
from .splits import ColumnSplit, KFold, RandomSplit
from .steps import State
from .stream import Stream
from .table import Array, Table, choose
from .tokens import Tokenize

if TYPE_CHECKING:
    from .download import Progress

__all__ = ["Dataset", "Field", "Split", "Splits", "columns"]

Chosen: TypeAlias = "slice | Array"
Columns: TypeAlias = dict[str, Column]
SplitKind: TypeAlias = RandomSplit | KFold | ColumnSplit


@dataclass(frozen=True, slots=True)
class Splits:
    """What trains, validates and tests; None for a split that the data does not have.

    Which there are a spec says, not a type: whoever reads one knows that it is there.
    `dataset` is the data block that made them: its steps have learned from `train`.
    """

    train: Split
    validation: Split | Any
    test: Split | Any
    dataset: Dataset

    @property
    def sizes(self) -> dict[str, int]:
        """The number of records of each split that there is."""
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: len(split) for name, split in found.items() if split is not None}


class Dataset:
    """A data block: a source, the fields made of its columns, and how records are split.

    `augment` is done to the pictures of a field while training.
    """

    def __init__(
        self,
        source: Source,
        fields: Mapping[str, Field],
        split: SplitKind | None = None,
        augment: Mapping[str, Sequence[Augmentation]] | None = None,
    ) -> None:
        self.source = source
        self.fields = dict(fields)
        self.split = split
        self.augment = dict(augment or {})
        self.folders: tuple[str | Path, ...] = ()  # where data was looked for last

    def load(
        self,
        folders: Sequence[str | Path],
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
        *,
        fold: int | None = None,
        fitted: bool = False,
    ) -> Splits:
        """Read, split, fit the steps on the training split, apply them, move to the device.

        Relative paths are looked up in `folders`, the working directory and DLC_DATA_DIR.
        `fold` is the part that tests in cross-validation, from 1; for None all records train.
        With `fitted` the steps learn nothing and stay as `restore` made them.
        Raises DataError for whatever the data lacks or has wrong.
        """
        device = torch.device(device)
        self.folders = tuple(folders)
        for field in self.fields.values():
            for step in field.steps if not fitted else ():
                if isinstance(step, Tokenize):
                    step.open(folders)
        table = self.source.read(folders, progress)
        if len(table) == 0:
            raise DataError(f"There are no records in {table.place}.", "Give some.", table.place)
        for name, field in self.fields.items():
            check_classes(name, field, table)
        notes = list(table.notes)
        if any(field.looks for field in self.fields.values()):
            return self._splits(load_series(self, table, device, notes, fold, fitted), {}, notes)
        rows = self._rows(table, fold, notes)
        read: dict[str, Reading] = {}
        for name, field in self.fields.items():
            pictures = table.pictures.get(field.selection.column)
            if pictures is not None:
                field.selection.resolve(table)
                numbered = {part: np.arange(len(table))[chosen] for part, chosen in rows.items()}
                read[name] = Reading(name, field, pictures, numbered, device, progress)
                rows = dict(read[name].rows)
                notes.append(read[name].note)
        held: dict[str, Columns] = {part: {} for part in rows}
        late: dict[str, Late] = {}
        for name, field in self.fields.items():
            raw = read[name].parts if name in read else _chosen(field.read(name, table), rows)
            if _is_bytes(raw["train"]) and stays_bytes(field):
                counts = read[name].counts if name in read else None
                learning = None if fitted else table.place
                made = _bytes(field, raw, counts, learning, device)
                late[name] = Late(field, device)
            else:
                made = self._applied(name, raw, rows, table, device, fitted)
            for part, column in made.items():
                held[part][name] = column
        return self._splits(held, late, notes)

    def _splits(
        self, held: Mapping[str, Columns], late: Mapping[str, Late], notes: Sequence[str]
    ) -> Splits:
        """What is held of each split, after a word about what is left out."""
        # Of a picture that two fields read, the note is one.
        for note in dict.fromkeys(filter(None, notes)):
            print(f"note: {note}", file=sys.stderr)
        splits = {
            part: Split(named, late, self.augment if part == "train" else None)
            for part, named in held.items()
        }
        return Splits(splits["train"], splits.get("validation"), splits.get("test"), self)

    def encode(self, field: str, records: Sequence[Record]) -> Tensor:
        """[N, *shape] on the CPU: raw records through the fitted steps, as training did it.

        A record has the field's raw columns by name, or its raw values under the field's own
        name: `{"image": [0, 16, …]}`, nested or flat; None is a hole. A picture may also be the
        path of its file, looked up as that of the source is. Of a window a record has the values
        as a list, oldest first. Raises DataError.
        """
        given = field, self._field(field), records, self.source.missing, self.folders
        return encoded_windows(*given) if self._field(field).looks else encoded(*given)

    def inverse(self, field: str, tensor: Tensor) -> Tensor:
        """The same values in the units of the field's raw columns: f64 on the CPU."""
        return self._field(field).inverse(tensor)

    def labels(self, field: str) -> tuple[str, ...]:
        """What the numbers of a label stand for; nothing for other fields."""
        return self._field(field).labels

    def read_images(self, field: str, paths: Sequence[str | Path]) -> list[Record]:
        """Picture files as records for `encode`, at the size that training gave them."""
        return read_images(field, self._field(field), paths)

    def image_field(self) -> str:
        """The first field whose raw column is an image; a DataError where there is none."""
        for name, field in self.fields.items():
            if field.raw_image:
                return name
        listed = ", ".join(f"`{name}`" for name in self.fields)
        raise DataError(
            f"No field of this data block is made of pictures; it has {listed}.",
            "Give the records as JSON lines or CSV.",
        )

    def state(self) -> State:
        """What the steps have learned, ready for JSON, to lie beside the weights."""
        return {name: field.state() for name, field in self.fields.items()}

    def restore(self, state: Mapping[str, State]) -> None:
        """Take back what `state` gave, instead of loading; a DataError if it fits no more."""
        try:
            for name, field in self.fields.items():
                field.restore(state[name])
        except (KeyError, TypeError, ValueError, StopIteration) as why:
            raise DataError(
                "What was saved with the weights does not fit the fields of this data block.",
                "Use the code that was saved with the run, or train anew.",
            ) from why

    def _field(self, name: str) -> Field:
        if name in self.fields:
            return self.fields[name]
        raise DataError(f"There is no field `{name}`.", choose(name, self.fields))

    def _rows(self, table: Table, fold: int | None, notes: list[str]) -> dict[str, Chosen]:
        """The records of each split, training first; a part of the source goes before a share."""
        parts: dict[str, slice] = dict(table.parts or {"train": slice(0, len(table))})
        training = parts.pop("train")
        if self.split is None:
            return {"train": training, **parts}
        count = len(range(len(table))[training])
        if isinstance(self.split, GroupSplit):
            values = table.column(self.split.column)[training]
            drawn = self.split.rows_of(values, _Where(table, training))
        elif isinstance(self.split, ColumnSplit):
            values = table.column(self.split.column)[training]
            drawn = self.split.rows(values, _Where(table, training))
            notes.append(self.split.left_out(values))
        else:
            classes = None
            if self.split.field is not None:
                field = self._field(self.split.field)
                classes = field.read(self.split.field, table)[training]
            if isinstance(self.split, KFold):
                drawn = self.split.rows(count, classes, fold)
                parts.pop("test", None)  # each fold has its own
            else:
                drawn = self.split.rows(count, classes)
        return {name: numbers + training.start for name, numbers in drawn.items()} | parts

    def _applied(
        self,
        name: str,
        raw: Mapping[str, Array | Stream],
        rows: Mapping[str, Chosen],
        table: Table,
        device: torch.device,
        fitted: bool,
    ) -> Columns:
        """Each part's tensor of a field, after all its steps."""
        field = self.fields[name]
        made: Columns = {}
        for part, array in raw.items():
            assert not isinstance(array, Stream)
            where = _Where(table, rows[part])
            if part == "train" and not fitted:
                array = field.learn(array, table.place, where)
            else:
                array = field.apply(array, where)
            made[part] = field.finish(name, array, where).to(device)
        return made


def _chosen(raw: Array, rows: Mapping[str, Chosen]) -> dict[str, Array]:
    return {part: raw[chosen] for part, chosen in rows.items()}


def _is_bytes(raw: Array | Stream) -> bool:
    return isinstance(raw, Stream) or (raw.dtype == np.uint8 and raw.ndim == 4)


def _bytes(
    field: Field,
    raw: Mapping[str, Array | Stream],
    counts: Counts | None,
    place: str | None,
    device: torch.device,
) -> Columns:
    """Each part's pictures as bytes, resized, after the field has learned from the first.

    `place` is what messages call the data; None for a field that has learned already.
    """
    resize = field.steps[0] if field.steps and isinstance(field.steps[0], Resize) else None
    made: Columns = {}
    for part, pictures in raw.items():
        if isinstance(pictures, Stream):
            made[part] = pictures
            first = next(pictures.batches([torch.tensor([0])])).cpu().numpy()
        else:
            sized = pictures if resize is None else resize.apply(pictures)
            made[part] = torch.from_numpy(np.ascontiguousarray(sized)).to(device)
            first = pictures[:1]
            if part == "train" and place is not None and learns(field):
                counts = counted(sized)
        if part == "train" and place is not None:
            fit(field, first, counts, place)
    return made


class _Where:
    """Tells a record of a split as the table does."""

    def __init__(self, table: Table, chosen: Chosen) -> None:
        self.table = table
        self.chosen = chosen

    def __call__(self, row: int) -> str:
        return self.table.where(int(np.arange(len(self.table))[self.chosen][row]))
