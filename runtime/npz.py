"""The source `npz`: numpy's arrays by name, one entry a record; nothing is ever unpickled."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import numpy as np

from .errors import DataError
from .record_files import InFiles, table_of
from .table import Array, Table, texts
from .values import numpy_column

if TYPE_CHECKING:
    from .download import Progress

# RuntimeError: an encrypted archive; NotImplementedError: one packed in a way `zipfile` lacks.
FAULTS = (OSError, EOFError, ValueError, KeyError, RuntimeError, zlib.error, zipfile.BadZipFile)
LARGEST_UNPACKED = 1 << 30  # bytes; what unpacks to more, and to so many times its size, …
MOST_TIMES = 200  # … may have been made to fill the memory


@dataclass(frozen=True)
class Npz(InFiles):
    """The arrays of a file of `np.savez`: [N, …] each, an entry for each record.

    The longest arrays tell how many records there are. Others are no columns, and so is an array
    without an axis.
    """

    missing: ClassVar[tuple[str, ...]] = ()

    def read(self, folders: Sequence[str | Path], progress: Progress | None = None) -> Table:
        """The arrays of the first such file that the folders have, parts one after the other."""
        return table_of(self, folders, _Arrays)


@dataclass(frozen=True, slots=True)
class _Header:
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class _Arrays:
    """One file: the headers of its arrays, and each array when it is asked for."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            headers = _headers(path)
        except FAULTS as why:
            raise _damaged(path, why) from why
        sizes = [header.shape[0] for header in headers.values() if header.shape]
        self.count = max(sizes, default=0)
        if not self.count:
            raise DataError(
                f"The file {path} holds no records.", "Name a file that has some.", str(path)
            )
        self.names = [name for name, each in headers.items() if each.shape[:1] == (self.count,)]
        self.headers = headers

    def __len__(self) -> int:
        return self.count

    def column(self, name: str) -> Array:
        if self.headers[name].dtype.hasobject:
            # An empty array of the kind, for the message alone.
            return numpy_column(np.empty(0, object), name, str(self.path))
        try:
            # numpy leaves a file open that it cannot read, so it is opened here.
            with open(self.path, "rb") as file:
                array = np.load(file, allow_pickle=False)[name]
        except FAULTS as why:
            raise _damaged(self.path, why) from why
        return numpy_column(array, name, str(self.path))

    def written(self, name: str) -> Array:
        return texts(self.column(name).tolist(), ())

    def where(self, row: int) -> str:
        return f"record {row + 1} of {self.path}"


def _headers(path: Path) -> dict[str, _Header]:
    """Name, shape and kind of each array, from their headers alone."""
    with open(path, "rb") as file:
        if file.read(6) == b"\x93NUMPY":
            raise ValueError("it holds one array without a name; save it with `np.savez`")
    found: dict[str, _Header] = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            if name == entry.filename:
                continue
            with archive.open(entry) as packed:
                header = _header(packed)
            size = prod(header.shape) * header.dtype.itemsize
            if size > max(LARGEST_UNPACKED, MOST_TIMES * entry.compress_size):
                raise ValueError(f"`{name}` unpacks to {size >> 20:,} MiB, which is not to be true")
            found[name] = header
    return found


def _header(file: IO[bytes]) -> _Header:
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise ValueError(f"it has arrays of version {version[0]}.{version[1]} of numpy's format")
    shape, _, dtype = read(file)
    if any(size < 0 for size in shape):
        raise ValueError("an array has a size below 0")
    return _Header(shape, dtype)


def _damaged(path: Path, why: BaseException) -> DataError:
    return DataError(
        f"The file {path} cannot be read as arrays of numpy: {str(why).rstrip('.')}.",
        "Save it with `np.savez(path, name=array, …)`, or replace it with an undamaged copy.",
        str(path),
    )
