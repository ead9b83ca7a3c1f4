"""Some records of a text table: those of its beginning, and a few from all over it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from math import ceil
from typing import Any, BinaryIO, NamedTuple

from .files import opened, piece

HEAD = 1 << 16  # bytes of the beginning; unpacked ones of a file that is gzipped
WIDEST = 1 << 19  # bytes of it where one line is longer
BLOCKS = 15  # pieces from behind the beginning
BLOCK = 1 << 12  # bytes of each
IN_HEAD = 300  # records of the beginning
IN_BLOCK = 10  # records of a piece
GZIP = 31  # zlib's number for the header and the check sum of gzip
CUT_OFF = "Compressed file ended before the end-of-stream marker was reached"


class TableFault(Exception):
    """What makes a run refuse the whole file: what is wrong, and what to do."""

    def __init__(self, what: str, help: str) -> None:
        super().__init__(what)
        self.what = what
        self.help = help


class Row(NamedTuple):
    """A record; `line` is where it ends, and 0 where only its first byte `offset` is known."""

    cells: list[str]
    line: int
    offset: int


class Sample(NamedTuple):
    """Records of a file; `whole` where they are all that it has, `spread` where all over it."""

    path: str
    names: tuple[str, ...]
    rows: list[Row]
    whole: bool
    spread: bool

    def where(self, row: int) -> str:
        """The place of a record."""
        found = self.rows[row]
        place = f"line {found.line:,}" if found.line else f"the line at byte {found.offset:,}"
        return f"{place} of {self.path}"


class Head(NamedTuple):
    """The unpacked beginning of a file, cut behind a line; `rest` bytes of it lie behind `end`."""

    content: bytes
    whole: bool
    end: int
    rest: int


def sampled(path: str, given: Mapping[str, Any], skips: bool) -> Sample | None:
    """Records of the file, read as a run reads them with the arguments of `csv`.

    `skips` leaves rows of another width out. None where so little of the file tells nothing, a
    TableFault where it tells that a run would refuse it.
    """
    from csv import Error, reader

    separator = given["separator"]
    if len(separator) != 1:
        told = f"cannot be cut at {separator!r}"
        raise TableFault(told, 'a separator is one character: `csv(…, separator=";")`')
    cut = partial(reader, delimiter=separator, skipinitialspace=separator != " ", strict=True)
    try:
        with opened(path) as file:
            head = _head(file)
            if head is None:
                return None
            rows, whole, one_line_each = _rows(head, cut, Error)
            names, rows = _named(rows, given)
            rows = list(_of_width(rows, len(names), skips))
            spread: list[Row] = []
            if head.rest and one_line_each:
                spread = list(_spread(file, head, len(names), cut, Error))
    except OSError as why:
        told = f"cannot be read: {why.strerror or why}"
        raise TableFault(told, "look at the path and at the permissions of the file") from why
    if not rows:
        if not whole:
            return None
        raise TableFault("holds no records", "name a file that has some")
    if len(set(names)) < len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        told = f"has two columns named {twice!r}"
        raise TableFault(told, "rename one of them in the first line")
    return Sample(path, names, rows + spread, whole, whole or bool(spread))


def _head(file: BinaryIO) -> Head | None:
    """The beginning of a file; None where not even one line ends in it."""
    size = os.fstat(file.fileno()).st_size
    packed = file.read(HEAD)
    if packed[:2] == b"\x1f\x8b":
        content, whole = _unpacked(packed, len(packed) >= size)
        return _cut(content, whole, 0)
    content = packed
    whole = len(content) >= size
    if not whole and b"\n" not in content and b"\r" not in content:
        content += file.read(WIDEST)
        whole = len(content) >= size
    return _cut(content, whole, size)


def _unpacked(packed: bytes, complete: bool) -> tuple[bytes, bool]:
    """What the beginning of a gzipped file holds, and whether that is all."""
    import zlib

    member = zlib.decompressobj(GZIP)
    help = "replace the file with an undamaged copy"
    try:
        content = member.decompress(packed, HEAD)
    except zlib.error as why:
        raise TableFault(f"cannot be read: {why}", help) from why
    if complete and not member.eof and not member.unconsumed_tail and len(content) < HEAD:
        raise TableFault(f"cannot be read: {CUT_OFF}", help)
    return content, complete and member.eof and not member.unused_data


def _cut(content: bytes, whole: bool, size: int) -> Head | None:
    """The lines of a file that are there to their ends."""
    end = len(content)
    if not whole:
        end = content.rfind(b"\n") + 1 or content.rfind(b"\r") + 1
        if not end:
            return None
    return Head(content[:end], whole, end, 0 if whole else max(0, size - end))


def _rows(head: Head, cut: Any, fault: type[Exception]) -> tuple[list[Row], bool, bool]:
    """The rows of the beginning; whether they are all, and whether each is one line."""
    from io import StringIO

    try:
        text = head.content.decode("utf-8-sig")
    except UnicodeDecodeError as why:
        line = head.content.count(b"\n", 0, why.start) + 1
        raise TableFault(f"is not UTF-8 text: see line {line}", "save the file as UTF-8") from why
    reader = cut(StringIO(text, newline=""))
    rows: list[Row] = []
    count = 0
    try:
        for cells in reader:
            count += 1
            if cells:
                rows.append(Row(cells, reader.line_num, 0))
            if len(rows) > IN_HEAD and not head.whole:
                return rows, False, reader.line_num == count
    except fault as why:
        # What is cut off may end within quotes.
        if head.whole or reader.line_num < text.count("\n"):
            told = f"has a fault in line {reader.line_num}: {why}"
            raise TableFault(told, "correct the line") from why
        return rows, False, False
    return rows, head.whole, reader.line_num == count


def _named(rows: list[Row], given: Mapping[str, Any]) -> tuple[tuple[str, ...], list[Row]]:
    """The columns' names, and the rows that are records."""
    if given["names"] is not None:
        return tuple(given["names"]), rows
    first = rows[0].cells if rows else []
    if not given["header"]:
        return tuple(map(str, range(len(first)))), rows
    return tuple(cell.strip() for cell in first), rows[1:]


def _of_width(rows: list[Row], width: int, skips: bool) -> Iterator[Row]:
    for row in rows:
        count = len(row.cells)
        if count == width:
            yield row
        elif not skips:
            cells = "1 cell" if count == 1 else f"{count} cells"
            columns = "1 column" if width == 1 else f"{width} columns"
            raise TableFault(
                f"has {cells} in line {row.line}, and {columns}",
                "correct the line, or leave such lines out: `on_error = skip`",
            )


def _spread(
    file: BinaryIO, head: Head, width: int, cut: Any, fault: type[Exception]
) -> Iterator[Row]:
    """Rows from all over what lies behind the beginning, of pieces that hold plain lines alone."""
    count = min(BLOCKS, ceil(head.rest / BLOCK))
    apart = max(0, head.rest - BLOCK)
    for number in range(count):
        start = head.end + number * apart // max(1, count - 1)
        content = piece(file, start, BLOCK)
        first = content.find(b"\n") + 1
        last = content.rfind(b"\n") + 1 if number < count - 1 else len(content)
        if not first or last <= first:
            continue
        offset = start + first
        rows: list[Row] = []
        for line in content[first:last].splitlines(keepends=True)[:IN_BLOCK]:
            try:
                cells: list[str] = next(cut([line.decode()]), [])
            except UnicodeDecodeError as why:
                told = f"is not UTF-8 text: see the line at byte {offset:,}"
                raise TableFault(told, "save the file as UTF-8") from why
            except fault:
                break
            # Another width: the piece begins in the middle of a cell that has several lines.
            if cells and len(cells) != width:
                break
            if cells:
                rows.append(Row(cells, 0, offset))
            offset += len(line)
        else:
            yield from rows
