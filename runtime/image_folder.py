"""The source `image_folder`: pictures in one folder a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from .class_folders import class_folders
from .pictures import SUFFIXES, Pictures
from .table import Table

if TYPE_CHECKING:
    from .download import Progress


@dataclass(frozen=True)
class ImageFolder:
    """Pictures below folders named after their classes: `image`, and `label` as text.

    `path` is a folder of such folders; `train`, `validation` and `test` are one for each part
    instead. Records are sorted by class and name, code point by code point, so that they stand
    alike on every machine. Names that begin with a dot are passed over.
    """

    path: str = ""
    train: str = ""
    validation: str = ""
    test: str = ""
    on_error: str = "stop"  # "skip" leaves out pictures that cannot be read
    missing: ClassVar[tuple[str, ...]] = ("",)

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The pictures' paths and labels, training first; nothing is decoded yet."""
        named = {"train": self.path or self.train, "validation": self.validation, "test": self.test}
        found = class_folders(named, folders, SUFFIXES, "pictures")
        return Table(
            {"label": found.column()},
            found.place,
            found.paths.__getitem__,
            found.parts,
            notes=found.notes("pictures"),
            pictures={"image": Pictures(found.paths, self.on_error == "skip")},
            classes={"label": found.classes},
        )
