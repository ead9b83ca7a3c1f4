"""The file's bytes → a source."""

from __future__ import annotations

import os
import stat
import sys

from .diagnostics import Report
from .errors import syntax as errors
from .source import Source, Span

LARGEST = 10 * 2**20
STDIN = "-"


class Unreadable(Exception):
    """There is no such file, or it may not be read: a fault of use, not of the spec."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class Unimportable(Unreadable):
    """A module that a person allowed does not import."""


def read_source(path: str, report: Report) -> Source | None:
    """The text of a file, or of standard input for `-`; None after a report.

    Raises `Unreadable` where there is nothing to read.
    """
    data = sys.stdin.buffer.read(LARGEST + 1) if path == STDIN else _bytes(path)
    name = "<stdin>" if path == STDIN else path
    if len(data) > LARGEST:
        why = f"it has more than {LARGEST // 2**20} MiB"
        report(errors.unreadable(_nowhere(name), why, "keep data in files of its own: `csv(…)`"))
        return None
    if b"\0" in data:
        why = "it is binary, with zero bytes in it"
        report(errors.unreadable(_nowhere(name), why, "name a text file"))
        return None
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as fault:
        source = Source(name, data.decode("utf-8", "replace"))
        offset = source.text.find("\ufffd", len(Source(name, data[: fault.start].decode()).text))
        why = f"it is not UTF-8 text (byte {data[fault.start]:#04x})"
        report(errors.unreadable(Span(source, offset, offset + 1), why, "save it as UTF-8"))
        return None


def _bytes(path: str) -> bytes:
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except FileNotFoundError:
        raise Unreadable(f"there is no file `{path}`", "check the path") from None
    except (OSError, ValueError) as fault:
        why = "it is a folder" if os.path.isdir(path) else getattr(fault, "strerror", "bad path")
        raise Unreadable(f"`{path}` cannot be read: {why}", "name a `.dl` file") from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        why = "it is a folder" if stat.S_ISDIR(mode) else "it is no regular file"
        raise Unreadable(f"`{path}` cannot be read: {why}", "name a `.dl` file")
    with open(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


_BINARY = getattr(os, "O_BINARY", 0)


def _nowhere(name: str) -> Span:
    return Span(Source(name, ""), 0, 0)
