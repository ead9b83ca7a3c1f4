"""Where a source's files are, as a run will look for them, and how little of them is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

from .. import ir

PARTS = ("train", "validation", "test")


def folders(spec: str) -> list[str]:
    """Where a run looks for data, in its order; the folders of `--data` come behind them."""
    named = [os.path.dirname(spec), "", os.environ.get("DLC_DATA_DIR", "")]
    return list(dict.fromkeys(map(os.path.expanduser, named)))


def find(path: str, spec: str, is_there: Callable[[str], bool] = os.path.isfile) -> str | None:
    """The file that a spec names; None where there is none."""
    given = os.path.expanduser(path)
    places = (os.path.join(folder, given) for folder in folders(spec))
    return next(filter(is_there, places), None)


def named(data: ir.Data) -> dict[str, str]:
    """The paths that a source names, by the part that each is; one that is all is `train`."""
    given = data.source.arguments if data.source else {}
    parts = {part: given[part] for part in PARTS if given.get(part)}
    path = given.get("path")
    return {"train": path, **parts} if path else parts


def opened(path: str) -> BinaryIO:
    """A file to be read in pieces: what is asked for is all that is read."""
    return open(path, "rb", buffering=0)


def piece(file: BinaryIO, start: int, length: int) -> bytes:
    """So many bytes from a place on, or those that there are."""
    file.seek(start)
    return file.read(length)
