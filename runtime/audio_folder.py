"""The source `audio_folder`: sounds in one folder a class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from .class_folders import ClassFolders, class_folders
from .errors import DataError
from .pictures import Told, cores
from .sounds import (
    FASTEST,
    SKIP,
    SUFFIXES,
    SoundFault,
    Sounds,
    Wave,
    decoded,
    resampled,
    unreadable,
)
from .table import Table

if TYPE_CHECKING:
    from .download import Progress


@dataclass(frozen=True)
class AudioFolder:
    """Sounds below folders named after their classes: `sound`, and `label` as text.

    `path` is a folder of such folders; `train`, `validation` and `test` are one for each part
    instead. Sounds are resampled to `rate` Hz; without it all must have the same one. Several
    channels become their mean. Records are sorted by class and name, code point by code point.
    """

    path: str = ""
    train: str = ""
    validation: str = ""
    test: str = ""
    rate: int | None = None
    on_error: str = "stop"  # "skip" leaves out sounds that cannot be read
    missing: ClassVar[tuple[str, ...]] = ("",)

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The sounds and labels, training first, all of them decoded."""
        if self.rate is not None and self.rate > FASTEST:
            raise DataError(
                f"A sound of {self.rate:,} samples a second is none that can be heard.",
                "Write the rate in Hz: rate=16000",
            )
        named = {"train": self.path or self.train, "validation": self.validation, "test": self.test}
        found = class_folders(named, folders, SUFFIXES, "sounds")
        heard = self._decoded(found, progress)
        kept = [row for row, each in enumerate(heard) if not isinstance(each, SoundFault)]
        parts = {
            part: slice(*np.searchsorted(kept, [chosen.start, chosen.stop]).tolist())
            for part, chosen in found.parts.items()
        }
        faults = {row: each for row, each in enumerate(heard) if isinstance(each, SoundFault)}
        for part, chosen in parts.items():
            if chosen.start == chosen.stop:
                row = found.parts[part].start
                raise DataError(
                    f"None of the sounds of the {part} part can be read: {found.paths[row]} "
                    f"({faults[row]}).",
                    "Replace them with undamaged sounds.",
                    found.paths[row],
                )
        paths = [found.paths[row] for row in kept]
        read = [each for each in heard if not isinstance(each, SoundFault)]
        rate = self.rate or _one_rate(paths, [rate for rate, _ in read])
        return Table(
            {"label": found.column()[kept]},
            found.place,
            paths.__getitem__,
            parts,
            notes=(*found.notes("sounds"), *_skipped(found, faults)),
            classes={"label": found.classes},
            sounds={"sound": Sounds([wave for _, wave in read], paths, rate)},
        )

    def _decoded(
        self, found: ClassFolders, progress: Progress | None
    ) -> list[tuple[int, Wave] | SoundFault]:
        """Rate and samples of each file, resampled; or its fault, where faults are skipped."""
        told = Told("sound", found.paths, progress)

        def work(path: str) -> tuple[int, Wave] | SoundFault:
            try:
                rate, wave = decoded(path)
            except SoundFault as fault:
                if self.on_error != "skip":
                    raise unreadable(path, fault, SKIP) from fault
                return fault
            return rate, wave if self.rate is None else resampled(wave, rate, self.rate)

        every: list[tuple[int, Wave] | SoundFault] = []
        pool = ThreadPoolExecutor(cores())
        try:
            for path, each in zip(found.paths, pool.map(work, found.paths), strict=True):
                every.append(each)
                told(os.path.getsize(path) if os.path.exists(path) else 0)
        finally:
            pool.shutdown(cancel_futures=True)
        return every


def _one_rate(paths: Sequence[str], rates: Sequence[int]) -> int:
    for path, rate in zip(paths, rates, strict=True):
        if rate != rates[0]:
            raise DataError(
                f"The sounds have different rates: {rates[0]:,} Hz in {paths[0]}, {rate:,} Hz in "
                f"{path}.",
                f"Give them one: audio_folder(…, rate={min(rate, rates[0])})",
                path,
            )
    return rates[0]


def _skipped(found: ClassFolders, faults: dict[int, SoundFault]) -> tuple[str, ...]:
    if not faults:
        return ()
    row = min(faults)
    return (
        f"skipped {len(faults):,} of {len(found.paths):,} sounds as unreadable, first: "
        f"{found.paths[row]} ({faults[row]}).",
    )
