"""The sources `text_file`, one long text, and `text_folder`, texts in one folder a class."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from .class_folders import ClassFolders, class_folders
from .csv_files import PARTS, unpacked
from .errors import DataError
from .table import Table, find
from .texts import rows

if TYPE_CHECKING:
    from .download import Progress

SUFFIXES = (".txt", ".text", ".txt.gz")


@dataclass(frozen=True)
class TextFile:
    """One long text, in UTF-8, gzipped or not; or one for each of the parts that are named.

    The table has a record for each text. What the records of the data are, its fields say.
    """

    path: str = ""
    train: str = ""
    validation: str = ""
    test: str = ""
    missing: ClassVar[tuple[str, ...]] = ()

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """`text`: the texts of the parts, as they are; a DataError for what cannot be read."""
        named = {part: path for part in PARTS if (path := getattr(self, part))}
        paths = [find(path, folders) for path in named.values() or [self.path]]
        texts = [read_text(path) for path in paths]
        for path, text in zip(paths, texts, strict=True):
            if not text:
                raise DataError(f"The file {path} is empty.", "Name a file with text.", str(path))
        return Table(
            {"text": rows(texts)},
            " and ".join(map(str, paths)),
            lambda row: str(paths[row]),
            {part: slice(row, row + 1) for row, part in enumerate(named)},
        )


@dataclass(frozen=True)
class TextFolder:
    """Texts in UTF-8 below folders named after their classes: `text`, and `label` as text.

    `path` is a folder of such folders; `train`, `validation` and `test` are one for each part
    instead. Records are sorted by class and name, code point by code point. Space around a text
    does not count, as around a cell of a table.
    """

    path: str = ""
    train: str = ""
    validation: str = ""
    test: str = ""
    on_error: str = "stop"  # "skip" leaves out texts that cannot be read
    missing: ClassVar[tuple[str, ...]] = ()

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The texts and their labels, training first."""
        named = {"train": self.path or self.train, "validation": self.validation, "test": self.test}
        found = class_folders(named, folders, SUFFIXES, "texts")
        texts: list[str | None] = []
        faults: list[DataError] = []
        for path in found.paths:
            try:
                texts.append(read_text(Path(path)).strip())
            except DataError as fault:
                if self.on_error != "skip":
                    raise DataError(
                        fault.message, f"{fault.help} `on_error = skip` leaves it out.", path
                    ) from fault
                texts.append(None)
                faults.append(fault)
        return _whole(found, texts, faults)


def _whole(found: ClassFolders, texts: Sequence[str | None], faults: Sequence[DataError]) -> Table:
    """The table without the texts that could not be read."""
    kept = [row for row, text in enumerate(texts) if text is not None]
    paths = [found.paths[row] for row in kept]
    parts: dict[str, slice] = {}
    for part, chosen in found.parts.items():
        start, stop = (sum(row < end for row in kept) for end in (chosen.start, chosen.stop))
        if start == stop:
            raise DataError(
                f"None of the texts of the {part} part can be read. {faults[-1].message}",
                faults[-1].help,
                faults[-1].place,
            )
        parts[part] = slice(start, stop)
    skipped = (
        (f"skipped {len(faults):,} of {len(texts):,} texts, first: {faults[0].message}",)
        if faults
        else ()
    )
    return Table(
        {
            "text": rows(texts[row] for row in kept),
            "label": rows(found.labels[row] for row in kept),
        },
        found.place,
        paths.__getitem__,
        parts,
        notes=(*found.notes("texts"), *skipped),
        classes={"label": found.classes},
    )


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, gzipped or not, line ends as `\\n`; a DataError with the line
    of what is none."""
    content = b""
    try:
        content = unpacked(path)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        line = content.count(b"\n", 0, why.start) + 1
        raise DataError(
            f"The file {path} is not UTF-8 text: see line {line}.",
            f"Save the file as UTF-8: iconv -f latin1 -t utf-8 {path.name}",
            str(path),
        ) from why
    except (OSError, EOFError, zlib.error) as why:
        raise DataError(
            f"The file {path} cannot be read: {why}.",
            "Replace the file with an undamaged copy.",
            str(path),
        ) from why
    return text.replace("\r\n", "\n").replace("\r", "\n")
