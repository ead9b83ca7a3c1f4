"""IDX files, the format of MNIST: two zero bytes, a type, the sizes of the axes, the values."""

import math
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from .errors import DataError

Bytes = NDArray[np.uint8]

GZIP = zlib.MAX_WBITS | 16  # zlib's way to say: with the header and check sum of gzip
GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08
MOST_AXES = 8
LARGEST = 1 << 32  # bytes; a damaged header may announce any number
TAKEN = 1 << 18  # bytes read at a time
GIVEN = 1 << 20  # bytes decompressed at a time, so that a gzip bomb never unfolds


class IdxFault(Exception):
    """What is wrong with an IDX file, worded to follow its name: "is empty"."""


class IdxCutOff(IdxFault):
    """The end of the file is missing."""


def read_idx(path: str | Path) -> Bytes:
    """The values of an IDX file of unsigned bytes, shaped as it says, as an array of its own.

    Gzip is told by the content, not by the name. Raises DataError for a file that cannot be
    read, is damaged, is cut off or too long, or holds other values than unsigned bytes.
    """
    return as_array(read_file(path))


def read_file(path: str | Path) -> Bytes:
    """The decompressed bytes of an IDX file, header included, checked like `read_idx` does."""
    try:
        with open(path, "rb") as file:
            return read_content(file)
    except OSError as why:
        raise DataError(
            f"The file {path} cannot be read: {why.strerror or why}.",
            "Check the path and the permissions of the file.",
            str(path),
        ) from why
    except IdxFault as why:
        raise DataError(
            f"The file {path} {why}.", "Replace the file with an undamaged copy.", str(path)
        ) from why


def read_content(file: BinaryIO, size: int | None = None) -> Bytes:
    """The decompressed bytes of an IDX file; `size` is their number where it is known before.

    Never takes more memory than the header announces. Raises IdxFault.
    """
    pieces = _inflated(file)
    start = b""
    while len(start) < 4 or len(start) < _header_length(start):
        piece = next(pieces, b"")
        if not piece:
            raise IdxCutOff(f"is cut off: {len(start):,} bytes are there, and no whole header")
        start += piece
    announced = _header_length(start) + math.prod(_sizes(start))
    if size is not None and announced != size:
        raise IdxFault(f"announces {announced:,} bytes where {size:,} are expected")
    if announced > LARGEST:
        raise IdxFault(f"announces {announced:,} bytes, more than the {LARGEST:,} that are read")
    return _filled(announced, start, pieces)


def as_array(content: Bytes) -> Bytes:
    """The values in the bytes of a whole IDX file: a view without the header."""
    header = content[: 4 + 4 * int(content[3])].tobytes()
    return content[len(header) :].reshape(_sizes(header))


def idx_header(shape: tuple[int, ...]) -> bytes:
    """The bytes that stand before the values of an IDX file of unsigned bytes."""
    sizes = b"".join(size.to_bytes(4, "big") for size in shape)
    return bytes((0, 0, UNSIGNED_BYTE, len(shape))) + sizes


def _header_length(start: bytes) -> int:
    if start[:2] != b"\0\0" or not 1 <= start[3] <= MOST_AXES:
        raise IdxFault(f"is not an IDX file: it begins with the bytes {start[:4].hex(' ')}")
    if start[2] != UNSIGNED_BYTE:
        raise IdxFault(f"holds values of IDX type {start[2]:#04x}, not unsigned bytes (0x08)")
    return 4 + 4 * start[3]


def _sizes(header: bytes) -> tuple[int, ...]:
    ends = range(8, _header_length(header) + 1, 4)
    return tuple(int.from_bytes(header[end - 4 : end], "big") for end in ends)


def _filled(announced: int, start: bytes, pieces: Iterator[bytes]) -> Bytes:
    content = np.empty(announced, np.uint8)
    target = content.data
    there = 0
    try:
        for piece in chain((start,), pieces):
            if there + len(piece) > announced:
                raise IdxFault(f"is too long: {announced:,} bytes announced, and more follow")
            target[there : there + len(piece)] = piece
            there += len(piece)
    except IdxCutOff:
        if there == announced:
            raise
    if there < announced:
        raise IdxCutOff(f"is cut off: {announced:,} bytes announced, {there:,} there")
    return content


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    """The content in pieces of at most GIVEN bytes, none of them empty."""
    taken = file.read(TAKEN)
    if not taken:
        raise IdxFault("is empty")
    if not taken.startswith(GZIP_MAGIC):
        while taken:
            yield taken
            taken = file.read(TAKEN)
        return
    try:
        yield from _gunzipped(file, taken)
    except zlib.error as why:
        raise IdxFault(f"is damaged: its gzip data cannot be unpacked ({why})") from why


def _gunzipped(file: BinaryIO, taken: bytes) -> Iterator[bytes]:
    member = zlib.decompressobj(GZIP)
    while taken or (taken := file.read(TAKEN)):
        if member.eof:
            # Several gzip files in a row are one; zeros after them are padding.
            taken = taken.lstrip(b"\0")
            if not taken:
                continue
            member = zlib.decompressobj(GZIP)
        if piece := member.decompress(taken, GIVEN):
            yield piece
        taken = member.unused_data if member.eof else member.unconsumed_tail
    # The object may hold output back although it has taken all input.
    while not member.eof and (piece := member.decompress(b"", GIVEN)):
        yield piece
    if not member.eof:
        raise IdxCutOff("is cut off: its gzip data ends before the check sum")
