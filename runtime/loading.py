"""Picture files on their way into a data block: held as bytes, or streamed where they are many."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from .errors import DataError
from .fields import Field
from .levels import LEVELS, Counts, counted, learns, stays_bytes, wanted
from .pictures import Bytes, PictureFault, Pictures, Size, Told
from .stream import Stream, room
from .table import Table, label, nearest

if TYPE_CHECKING:
    from .download import Progress

Rows = NDArray[np.int64]

# What people call the folders of their splits.
PARTS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


class Reading:
    """The pictures of one field in the splits that `rows` names by the numbers of their records.

    `parts` are arrays u8 [N, C, H, W] where all of them fit the memory, else streams; `rows` are
    those that can be read. `counts` is how often each byte is in the training split where they
    are streamed and a step learns. A DataError for what cannot be read, unless it is skipped.
    """

    def __init__(
        self,
        name: str,
        field: Field,
        pictures: Pictures,
        rows: Mapping[str, Rows],
        device: torch.device,
        progress: Progress | None,
    ) -> None:
        self.pictures = pictures
        self.rows = dict(rows)
        self.counts: Counts | None = None
        self.faults: list[tuple[str, PictureFault]] = []
        self.count = sum(map(len, self.rows.values()))
        every = np.concatenate(list(self.rows.values()))
        channels, size = wanted(field)
        size = size or pictures.size(every.tolist())
        told = Told(name, [pictures.paths[row] for row in every], progress)
        wide = self.count * channels * math.prod(size)
        streamed = wide > room(device)
        if streamed and not stays_bytes(field):
            raise _too_large(name, wide)
        self.parts: dict[str, Bytes | Stream] = {}
        for part in self.rows:
            if not streamed:
                self.parts[part] = self._held(part, channels, size, told)
                continue
            learning = part == "train" and learns(field)
            if pictures.skip or learning:
                self._surveyed(part, channels, size, learning, told)
            rows_left = self.rows[part].tolist()
            self.parts[part] = Stream(pictures, rows_left, channels, size, device)

    @property
    def note(self) -> str:
        """What to say about pictures that were skipped; nothing where there are none."""
        if not self.faults:
            return ""
        path, why = self.faults[0]
        return (
            f"skipped {len(self.faults):,} of {self.count:,} pictures as unreadable, "
            f"first: {path} ({why})."
        )

    def _held(self, part: str, channels: int, size: Size, told: Told) -> Bytes:
        rows = self.rows[part].tolist()
        array = np.empty((len(rows), channels, *size), np.uint8)
        faults = self.pictures.decoded(rows, channels, size, array.__setitem__, told)
        if not faults:
            return array
        return array[self._readable(part, faults)]

    def _surveyed(self, part: str, channels: int, size: Size, learning: bool, told: Told) -> None:
        """Read all pictures once, keeping none: which can be read, and what is in them."""
        counts = np.zeros((channels, LEVELS), np.int64)
        lock = Lock()

        def take(place: int, picture: Bytes) -> None:
            if learning:
                found = counted(picture[None])
                with lock:
                    np.add(counts, found, out=counts)

        faults = self.pictures.decoded(self.rows[part].tolist(), channels, size, take, told)
        if faults:
            self._readable(part, faults)
        if learning:
            self.counts = counts

    def _readable(self, part: str, faults: Mapping[int, PictureFault]) -> Rows:
        """The places of the pictures that are left; the others are noted and left out."""
        rows = self.rows[part]
        self.faults += [(self.pictures.paths[rows[place]], why) for place, why in faults.items()]
        left = np.delete(np.arange(len(rows)), list(faults))
        if len(left) == 0:
            path, why = self.faults[-1]
            raise DataError(
                f"None of the {len(rows):,} pictures of the {part} split can be read: {path} "
                f"({why}).",
                "Replace them with undamaged pictures.",
                path,
            )
        self.rows[part] = rows[left]
        return left


def check_classes(name: str, field: Field, table: Table) -> None:
    """Raise a DataError where a field's labels are not the classes that its source has."""
    found = table.classes.get(field.selection.column)
    if found is None or field.count is None or field.steps:
        return
    declared = {label(each): each for each in field.declared}
    known = {label(each): each for each in found}
    extra = [each for key, each in known.items() if key not in declared]
    missing = [each for key, each in declared.items() if key not in known]
    listed = ", ".join(f'"{each}"' for each in found[:20]) + (", …" if len(found) > 20 else "")
    if missing:
        near = nearest(missing[0], extra) or nearest(missing[0], found)
        meant = f"Did you mean `{near}`? " if near else ""
        raise DataError(
            f"`{name}` has the label `{missing[0]}`, and there is no folder of that name in "
            f"{table.place}.",
            _as_parts(table.place, found) or f"{meant}The folders are: class({listed})",
            table.place,
        )
    if extra:
        near = nearest(extra[0], field.declared)
        raise DataError(
            f"The folder `{extra[0]}` in {table.place} is no label of `{name}`: "
            f"{', '.join(field.declared)}.",
            (f"Did you mean `{near}`? " if near else "")
            + f"Declare all of them: class({listed}), or move the folder away.",
            table.place,
        )


def _as_parts(place: str, folders: Sequence[str]) -> str:
    """What to write where the folders are those of splits, not of classes."""
    named = {PARTS[folder]: folder for folder in folders if folder in PARTS}
    if "train" not in named:
        return ""
    own = os.path.basename(place)
    given = (f'{part}="{own}/{folder}"' for part, folder in named.items())
    return f"If these are the splits, name them: image_folder({', '.join(given)})"


def _too_large(name: str, wide: int) -> DataError:
    return DataError(
        f"The pictures of `{name}` take {wide / 1e9:.1f} GB, more than can be held, and its steps "
        "must see all of them at once.",
        "Write a smaller `resize`, or `standardize` before `reshape`: then they are read batch by "
        "batch.",
    )
