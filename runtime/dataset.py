"""A data block at run time: from a source to tensors on the device, and back for predictions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from .columns import columns
from .errors import DataError
from .fields import Field
from .records import Record, encoded, read_images
from .sources import Csv, Source
from .splits import RandomSplit, hashes
from .steps import State, reshaped
from .table import Array, Table, choose

if TYPE_CHECKING:
    from .download import Progress

__all__ = ["Dataset", "Field", "Split", "Splits", "columns"]

LARGEST_COPY = 1 << 30  # bytes; what is larger is not copied whole for each epoch

Chosen: TypeAlias = "slice | Array"


class Split:
    """Records as tensors on one device: `split.image` or `split["image"]`, [N, …] each."""

    def __init__(
        self, tensors: Mapping[str, Tensor], factors: Mapping[str, float] | None = None
    ) -> None:
        # `factors` names the fields whose tensors hold bytes, and by what these are multiplied.
        self.tensors = dict(tensors)
        self.factors = dict(factors or {})

    def __len__(self) -> int:
        return len(next(iter(self.tensors.values())))

    def __getitem__(self, field: str) -> Tensor:
        return self._made(field, self.tensors[field])

    def __getattr__(self, field: str) -> Tensor:
        # Copying and unpickling look for methods before there are any tensors.
        tensors: Mapping[str, Tensor] = self.__dict__.get("tensors", {})
        if field in tensors:
            return self[field]
        raise AttributeError(f"there is no field {field!r}; there are {', '.join(tensors)}")

    def _made(self, field: str, held: Tensor) -> Tensor:
        factor = self.factors.get(field)
        return held if factor is None else held.float().mul_(factor)

    def made(self, parts: Iterable[tuple[Tensor, ...]]) -> Iterator[tuple[Tensor, ...]]:
        """Batches of what is held as batches of what the fields are."""
        if not self.factors:
            yield from parts
            return
        fields = list(self.tensors)
        for part in parts:
            yield tuple(map(self._made, fields, part))

    def batches(self, size: int) -> Iterator[tuple[Tensor, ...]]:
        """`size` records each, the last with what remains, in the order of the data."""
        held = (torch.split(tensor, size) for tensor in self.tensors.values())
        return self.made(zip(*held, strict=True))

    def shuffled(self, size: int, seed: int, epoch: int, drop_last: bool = False) -> Batches:
        """All records once, in batches of `size`, in an order made by (seed, epoch) alone.

        `drop_last` leaves out a last batch that is not full. Records that fit one batch are
        given as they stand, dropped or not.
        """
        return Batches(self, size, seed, epoch, drop_last)

    def order(self, seed: int, epoch: int) -> Tensor:
        """The order of the records in an epoch, made by (seed, epoch) alone."""
        # Two rounds of hashing: epoch 1 of seed 0 is not epoch 0 of seed 1.
        start = int(hashes(int(hashes(seed, 1)[0]) + epoch, 1)[0])
        generator = torch.Generator().manual_seed(start >> 1)
        return torch.randperm(len(self), generator=generator)


class Batches:
    """The batches of one epoch; `len` tells how many there are."""

    def __init__(self, split: Split, size: int, seed: int, epoch: int, drop_last: bool) -> None:
        self.split = split
        self.size = size
        self.order = (seed, epoch)
        self.drop_last = drop_last

    def __len__(self) -> int:
        whole, rest = divmod(len(self.split), self.size)
        return max(1, whole + bool(rest and not self.drop_last))

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        tensors = tuple(self.split.tensors.values())
        count, size = len(self.split), self.size
        if count <= size:
            yield from self.split.made([tensors])
            return
        order = self.split.order(*self.order).to(tensors[0].device)
        if self.drop_last:
            order = order[: count - count % size]
        if sum(tensor.nbytes for tensor in tensors) <= LARGEST_COPY:
            gathered = [torch.split(tensor.index_select(0, order), size) for tensor in tensors]
            yield from self.split.made(zip(*gathered, strict=True))
            return
        parts = torch.split(order, size)
        yield from self.split.made(
            tuple(t.index_select(0, some) for t in tensors) for some in parts
        )


@dataclass(frozen=True, slots=True)
class Splits:
    """What trains, validates and tests; None for a split that the data does not have."""

    train: Split
    validation: Split | None
    test: Split | None

    @property
    def sizes(self) -> dict[str, int]:
        """The number of records of each split that there is."""
        found = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: len(split) for name, split in found.items() if split is not None}


class Dataset:
    """A data block: a source, the fields made of its columns, and how records are split."""

    def __init__(
        self, source: Source, fields: Mapping[str, Field], split: RandomSplit | None = None
    ) -> None:
        self.source = source
        self.fields = dict(fields)
        self.split = split

    def load(
        self,
        folders: Sequence[str | Path],
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
    ) -> Splits:
        """Read, split, fit the steps on the training split, apply them, move to the device.

        Relative paths are looked up in `folders`, the working directory and DLC_DATA_DIR.
        Raises DataError for whatever the data lacks or has wrong.
        """
        table = self.source.read(folders, progress)
        if len(table) == 0:
            raise DataError(f"There are no records in {table.place}.", "Give some.", table.place)
        rows = self._rows(table)
        tensors: dict[str, dict[str, Tensor]] = {name: {} for name in rows}
        factors: dict[str, float] = {}
        for name, field in self.fields.items():
            raw = field.read(name, table)
            factor = field.factor(raw)
            if factor is not None:
                factors[name] = factor
                field.learn(raw[:1], table.place)
            for part, chosen in rows.items():
                some = raw[chosen]
                if factor is not None:
                    held = np.ascontiguousarray(reshaped(some, field.shape))
                    tensors[part][name] = torch.from_numpy(held).to(device)
                    continue
                array = field.learn(some, table.place) if part == "train" else field.apply(some)
                tensor = field.finish(name, array, _Where(table, chosen))
                tensors[part][name] = tensor.to(device)
        splits = {part: Split(named, factors) for part, named in tensors.items()}
        return Splits(splits["train"], splits.get("validation"), splits.get("test"))

    def encode(self, field: str, records: Sequence[Record]) -> Tensor:
        """[N, *shape] on the CPU: raw records through the fitted steps, as training did it.

        A record has the field's raw columns by name, or its raw values under the field's own
        name: `{"image": [0, 16, …]}`, nested or flat; None is a hole. Raises DataError.
        """
        return encoded(field, self._field(field), records, self.source.missing)

    def inverse(self, field: str, tensor: Tensor) -> Tensor:
        """The same values in the units of the field's raw columns: f64 on the CPU."""
        return self._field(field).inverse(tensor)

    def labels(self, field: str) -> tuple[str, ...]:
        """What the numbers of a label stand for; nothing for other fields."""
        return self._field(field).labels

    def read_images(self, field: str, paths: Sequence[str | Path]) -> list[Record]:
        """PNG and JPEG files as records for `encode`, stretched to the size of the source's."""
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

    def read_records(self, path: str | Path) -> list[Record]:
        """The rows of a text table as records, cut and read as the source's own file is."""
        own = self.source if isinstance(self.source, Csv) else Csv("")
        table = replace(own, path=os.path.abspath(path)).read([])
        rows = zip(*(column.tolist() for column in table.columns.values()), strict=True)
        return [dict(zip(table.columns, row, strict=True)) for row in rows]

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

    def _rows(self, table: Table) -> dict[str, Chosen]:
        """The records of each split, training first; a part of the source goes before a share."""
        parts = table.parts or {"train": slice(0, len(table))}
        rows: dict[str, Chosen] = dict(parts)
        if self.split is None:
            return rows
        training = parts["train"]
        classes = None
        if self.split.field is not None:
            field = self._field(self.split.field)
            classes = field.read(self.split.field, table)[training]
        count = len(range(len(table))[training])
        drawn = self.split.rows(count, classes)
        return {name: numbers + training.start for name, numbers in drawn.items()} | {
            name: part for name, part in rows.items() if name != "train"
        }


class _Where:
    """Tells a record of a split as the table does."""

    def __init__(self, table: Table, chosen: Chosen) -> None:
        self.table = table
        self.chosen = chosen

    def __call__(self, row: int) -> str:
        return self.table.where(int(np.arange(len(self.table))[self.chosen][row]))
