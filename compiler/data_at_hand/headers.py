"""Height, width and channels of a picture, read off its header alone.

PNG: ISO/IEC 15948; JPEG: ITU-T T.81, B.1; BMP: as of OS/2 1, and as of Windows 3 on; WebP: RFC
9649.
"""

from __future__ import annotations

import os
from struct import unpack
from typing import BinaryIO, NamedTuple

from .files import opened, piece

FIRST = 64  # bytes
SEGMENTS = 200  # of a JPEG, before its frame
# Markers of JPEG frames: all of C0 … CF but tables of codes (C4), JPG (C8) and arithmetic (CC).
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length
METADATA = 0xE1  # where a JPEG may say how it is to be turned


class Header(NamedTuple):
    """Sizes in pixels, and 1, 3 or 4 channels; 0 where the header does not tell them.

    `turned` where the file may say that its sides change places.
    """

    height: int
    width: int
    channels: int
    turned: bool = False


class NoPicture(Exception):
    """Why a file is no picture."""


def header(path: str) -> Header | None:
    """The header of a picture; None for one that only decoding tells.

    Raises NoPicture where a run cannot read it.
    """
    try:
        with opened(path) as file:
            return _header(file)
    except OSError as why:
        raise NoPicture((why.strerror or str(why)).lower()) from why


def _header(file: BinaryIO) -> Header | None:
    first = file.read(FIRST)
    if not first:
        raise NoPicture("it is empty")
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(first)
    if first.startswith(b"\xff\xd8\xff"):
        return _jpeg(file)
    if first[:6] in (b"GIF87a", b"GIF89a"):
        return None  # its first frame may be larger than it says
    if first.startswith(b"BM"):
        return _bmp(first)
    if first.startswith(b"RIFF") and first[8:12] == b"WEBP":
        return _webp(first)
    raise NoPicture("it has another content")


def _png(first: bytes) -> Header | None:
    if len(first) < 33:
        raise NoPicture("it is cut off")
    if first[12:16] != b"IHDR":
        return None
    width, height, _, kind = unpack(">IIBB", first[16:26])
    if not width or not height:
        return None
    channels = {0: 1, 2: 3, 3: 0, 4: 1, 6: 4}.get(kind, 0)  # a palette may be grey or not
    # Orientation may stand in a chunk behind the pixels, even.
    return Header(height, width, channels, True)


def _jpeg(file: BinaryIO) -> Header | None:
    size = os.fstat(file.fileno()).st_size
    place, turned = 2, False
    for _ in range(SEGMENTS):
        start = piece(file, place, 10)
        if len(start) < 4:
            if place >= size:
                raise NoPicture("it is cut off")
            return None
        if start[0] != 0xFF:
            return None
        marker = start[1]
        if marker == 0xFF:
            place += 1
        elif marker in BARE:
            place += 2
        elif marker in FRAMES:
            if len(start) < 10:
                raise NoPicture("it is cut off")
            height, width, channels = unpack(">HHB", start[5:10])
            return Header(height, width, channels, turned) if height and width else None
        else:
            turned = turned or marker == METADATA
            place += 2 + int.from_bytes(start[2:4], "big")
    return None


def _bmp(first: bytes) -> Header | None:
    if len(first) < 26:
        raise NoPicture("it is cut off")
    if int.from_bytes(first[14:18], "little") == 12:
        width, height = unpack("<HH", first[18:22])
    else:
        width, height = unpack("<ii", first[18:26])
    return Header(abs(height), abs(width), 0) if height and width > 0 else None


def _webp(first: bytes) -> Header | None:
    kind, body = first[12:16], first[20:]
    if len(body) < 10:
        raise NoPicture("it is cut off")
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (each & 0x3FFF for each in unpack("<HH", body[6:10]))
        return Header(height, width, 3)
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return Header((bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1, 3)
    if kind == b"VP8X":
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
        return Header(height, width, 3, bool(body[0] & 0x0C))
    return None
