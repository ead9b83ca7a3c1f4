"""Published files fetched from mirrors into a cache folder, each one whole and verified, or not."""

import hashlib
import io
import os
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import DataError
from .idx import Bytes, IdxFault, read_content

Progress = Callable[[str, int, int | None], None]
"""Called with the file's name, the bytes received, and the bytes to come in all, if known."""

PIECE = 1 << 16
OVERHEAD = 1 << 16  # bytes by which gzip may lengthen what cannot be compressed


@dataclass(frozen=True, slots=True)
class Published:
    """A file as the world knows it: size in bytes and SHA-256 of its decompressed content.

    Where a collection publishes no more than that, `md5` is the MD5 of `<name>.gz` instead. An
    `archive` is fetched and kept as it is: its name, size and SHA-256 are those of the archive.
    """

    name: str
    size: int
    sha256: str = ""
    md5: str = ""
    archive: bool = False

    @property
    def served(self) -> str:
        """The name of the file that mirrors have."""
        return self.name if self.archive else f"{self.name}.gz"

    def matches(self, content: Bytes, packed: bytes = b"") -> bool:
        """Whether these are the published bytes; `packed` is the file that they were read from."""
        if content.size != self.size:
            return False
        if self.md5:
            return hashlib.md5(packed, usedforsecurity=False).hexdigest() == self.md5
        return hashlib.sha256(content.data).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a mirror may take, in seconds."""

    answer: float = 10.0  # to connect, and for each read
    total: float = 300.0  # for one file


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class _Received:
    content: bytes


def download(
    file: Published,
    mirrors: Sequence[str],
    folder: Path,
    progress: Progress | None = None,
    patience: Patience = PATIENCE,
) -> tuple[Bytes, str]:
    """Fetch `file` from the first mirror that serves it faultlessly and store it in `folder`.

    A mirror is the address that stands before `<name>.gz`, or `<name>` of an archive. Gives the
    decompressed content, or the archive, and the mirror. Raises DataError where `folder` cannot be
    written (before anything is fetched) and where every mirror failed, with the reason of each.
    """
    _prepare(folder)
    reasons = []
    for mirror in mirrors:
        address = f"{mirror}{file.served}"
        try:
            packed = _fetch(file, address, progress, patience)
            content = (
                np.frombuffer(packed, np.uint8)
                if file.archive
                else read_content(io.BytesIO(packed), file.size)
            )
            if not file.matches(content, packed):
                kind = "MD5" if file.md5 else "SHA-256"
                raise IdxFault(f"has other bytes than the published file ({kind} differs)")
        except IdxFault as why:
            reasons.append(f"  {address}: what came {why}.")
        except _MirrorFault as why:
            reasons.append(f"  {address}: {why}.")
        else:
            # What is known by its packed form is kept so, to be told again by it.
            if file.md5:
                store(np.frombuffer(packed, np.uint8), folder / f"{file.name}.gz")
            else:
                store(content, folder / file.name)
            return content, mirror
    raise DataError(
        f"The file {file.name} could not be downloaded from any mirror:\n" + "\n".join(reasons),
        "Check the network connection (behind a proxy: export HTTPS_PROXY=ADDRESS) and try again, "
        f"or get {file.served} in another way and put it into {folder}",
        str(folder),
    )


def store(content: Bytes, path: Path) -> None:
    """Write a file so that its name never shows anything but the whole of it.

    Raises DataError where that fails, and then leaves nothing behind.
    """
    # Hidden, and in the same folder, because only there a rename is one step.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        try:
            with open(temporary, "xb") as file:
                file.write(content.data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as why:
        raise _unwritable(path.parent, why) from why


class _MirrorFault(Exception):
    """Why a mirror gave nothing, worded to follow its address and a colon."""


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise _unwritable(folder, why) from why
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(folder, PermissionError(0, "Permission denied"))


def _unwritable(folder: Path, why: OSError) -> DataError:
    return DataError(
        f"The download cannot be kept in the folder {folder}: {why.strerror or why}.",
        "Make room there, or name another folder: export DLC_CACHE_DIR=FOLDER",
        str(folder),
    )


def _fetch(file: Published, address: str, progress: Progress | None, patience: Patience) -> bytes:
    """The bytes that the address serves, in time and not too many; otherwise a _MirrorFault."""
    # Of all that may hang (names, proxies, redirects, headers sent bit by bit) a socket's time-out
    # bounds single reads only. So a thread waits, and the deadline holds whatever it waits for.
    news: queue.SimpleQueue[tuple[int, int | None] | _Received | Exception] = queue.SimpleQueue()
    given_up = threading.Event()
    limit = file.size + OVERHEAD
    worker = threading.Thread(
        target=_receive, args=(address, limit, patience.answer, news, given_up), daemon=True
    )
    deadline = time.monotonic() + patience.total
    worker.start()
    try:
        while True:
            match news.get(timeout=max(0.0, deadline - time.monotonic())):
                case (done, total):
                    if progress is not None:
                        progress(file.name, done, total)
                case _Received(content):
                    return content
                case Exception() as why:
                    raise _MirrorFault(_reason(why, patience)) from why
    except queue.Empty:
        raise _MirrorFault(f"it was too slow, more than {patience.total:g} s for a file") from None
    finally:
        given_up.set()


def _receive(
    address: str,
    limit: int,
    seconds: float,
    news: "queue.SimpleQueue[tuple[int, int | None] | _Received | Exception]",
    given_up: threading.Event,
) -> None:
    try:
        from urllib.request import Request, urlopen

        asked = Request(address, headers={"User-Agent": "dlc"})
        with urlopen(asked, timeout=seconds) as answer:
            length = answer.headers.get("Content-Length")
            total = int(length) if length else None
            taken = bytearray()
            # `read1` comes back with what is there; `read` would wait for a whole piece.
            while not given_up.is_set() and (piece := answer.read1(PIECE)):
                taken += piece
                if len(taken) > limit:
                    raise _MirrorFault(f"it sent more than {limit:,} bytes")
                news.put((len(taken), total))
        if total is not None and len(taken) < total:
            raise _MirrorFault(f"it sent {len(taken):,} of {total:,} bytes")
        news.put(_Received(bytes(taken)))
    except Exception as why:  # whatever it is, the next mirror may do better
        news.put(why)


def _reason(why: Exception, patience: Patience) -> str:
    from urllib.error import HTTPError, URLError

    match why:
        case _MirrorFault():
            return str(why)
        case HTTPError():
            why.close()
            return f"the server answered {why.code} ({why.reason})"
        case TimeoutError() | URLError(reason=TimeoutError()):
            return f"it did not answer for {patience.answer:g} s"
        case URLError(reason=OSError() as cause):
            return f"no connection ({cause.strerror or cause})"
        case _:
            return f"the transfer failed ({why or type(why).__name__})"
