"""Files of a run that are never half-written, and never damaged without being noticed.

A file is written under a temporary name in its own folder, synced and renamed, so that a crash
leaves either the old file or the new one. torch is imported for weights alone.
"""

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import RawIOBase
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from .errors import DataError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from torch import Tensor

STRICT = json.JSONEncoder(allow_nan=False)


class ArtifactError(DataError):
    """A file of a run cannot be written, is missing or damaged, or its folder is in use."""


def write_atomic(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, wholly or, with an ArtifactError, not at all."""
    with _replacing(path) as file:
        file.write(data)


def write_json(path: Path, obj: object) -> None:
    """Replace `path` by `obj` as indented JSON; numbers that JSON lacks (nan, inf) become null."""
    write_atomic(path, json.dumps(finite(obj), indent=2).encode() + b"\n")


def append_lines(path: Path, objects: Iterable[object]) -> None:
    """Add each object as one line of JSON; they have left the process when this returns.

    A line that an interrupted process left unfinished is ended first: it spoils no other.
    """
    lines = b"".join(_encoded(each) + b"\n" for each in objects)
    with _told(path, "written"), path.open("a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            lines = lines if file.read() == b"\n" else b"\n" + lines
        file.write(lines)


def save_tensors(path: Path, content: object) -> str:
    """Replace `path` by tensors, numbers and text in plain containers; gives its SHA-256."""
    with _replacing(path) as file:
        return _saved(file, content)


def load_tensors(path: Path, sums: Collection[str]) -> Any:
    """What `save_tensors` wrote, on the CPU, after its SHA-256 was found among `sums`.

    ArtifactError where the file is missing or damaged, and where it holds anything that is not
    plain: nothing in it can run.
    """
    import torch

    if not path.exists():
        raise _unusable(path, f"{path} does not exist.")
    with _told(path, "read"), path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() not in sums:
            raise _unusable(path, f"{path} is damaged: its SHA-256 is not the one that was saved.")
        file.seek(0)
        try:
            return torch.load(file, map_location="cpu", weights_only=True)
        except Exception as fault:  # unpickling foreign bytes may raise anything
            raise _unusable(path, f"{path} holds no weights.") from fault


def save_weights(path: Path, weights: Mapping[str, Mapping[str, "Tensor"]]) -> None:
    """Write `{part: state_dict}` for the CPU, with `<name>.sha256` as `sha256sum` writes it."""
    tensors = {
        part: {name: tensor.detach().cpu() for name, tensor in state.items()}
        for part, state in weights.items()
    }
    sidecar = _sidecar(path)
    with _replacing(path) as file:
        before = sidecar.read_bytes() if sidecar.exists() else b""
        line = f"{_saved(file, tensors)}  {path.name}\n".encode()
        # Two files cannot be replaced in one step: until the weights are, both sums are valid.
        write_atomic(sidecar, before + line)
    if before:
        write_atomic(sidecar, line)


def load_weights(path: Path) -> dict[str, dict[str, "Tensor"]]:
    """What `save_weights` wrote, on the CPU, after its SHA-256 was found right.

    ArtifactError where the file or its sum is missing, where the two do not belong together, and
    where the file holds anything but named tensors of named parts.
    """
    import torch

    sidecar = _sidecar(path)
    if path.exists() and not sidecar.exists():
        raise _unusable(path, f"{sidecar} does not exist.")
    listed: set[str] = set()
    with _told(path, "read"):
        if sidecar.exists():
            lines = sidecar.read_text(encoding="utf-8", errors="replace").splitlines()
            listed = {line.split(" ")[0] for line in lines}
    weights = load_tensors(path, listed)
    if not _is_named(weights, dict) or not all(
        _is_named(state, torch.Tensor) for state in weights.values()
    ):
        raise _unusable(path, f"{path} holds something else than the named tensors of each part.")
    return cast("dict[str, dict[str, Tensor]]", weights)


def _saved(file: BinaryIO, content: object) -> str:
    """Write with torch; the SHA-256 of what was written."""
    import torch

    writer = _Hashing(file)
    try:
        torch.save(content, cast("BinaryIO", writer))
    except RuntimeError:
        if writer.fault:  # torch hides a full disk behind an error about its own format
            raise writer.fault from None
        raise
    return writer.digest.hexdigest()


def _encoded(obj: object) -> bytes:
    try:
        return STRICT.encode(obj).encode()
    except ValueError:  # the rare object with a nan in it
        return STRICT.encode(finite(obj)).encode()


def _is_named(found: object, kind: type) -> bool:
    return isinstance(found, dict) and all(
        isinstance(name, str) and isinstance(each, kind) for name, each in found.items()
    )


@contextmanager
def lock_folder(path: Path) -> Iterator[None]:
    """Hold `path`, made if need be, for this process alone; ArtifactError if another holds it.

    The lock is the operating system's and ends with the process, however that ends; the file
    `.lock`, which names the holder, stays behind and means nothing.
    """
    with _told(path, "locked"):
        path.mkdir(parents=True, exist_ok=True)
        file = (path / ".lock").open("a+")
    with file:
        with _told(path, "locked"):
            ours = _lock(file.fileno())
        if not ours:
            file.seek(0)
            holder = file.read()
            raise ArtifactError(
                f"The folder {path} is in use by {holder or 'another process'}.",
                "Wait until that process has ended, or write to another folder.",
                str(path),
            )
        try:
            file.truncate(0)
            file.write(f"process {os.getpid()}")
            file.flush()
            yield
        finally:
            _unlock(file.fileno())


class _Hashing(RawIOBase):
    """A file to write to that knows the sum and the first fault of what was written."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.fault: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        self.digest.update(data)
        try:
            return self.file.write(data)
        except OSError as fault:
            self.fault = self.fault or fault
            raise


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with _told(path, "written"):
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
            _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _told(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise ArtifactError(
            f"{path} cannot be {done}: {fault.strerror or fault}.",
            "Make room or set the rights, or choose another folder.",
            str(path),
        ) from fault


def _unusable(path: Path, why: str) -> ArtifactError:
    return ArtifactError(why, "Go on from another checkpoint, or train anew.", str(path))


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def finite(obj: Any) -> Any:
    """The same structure for JSON, which has no nan and no infinity: None stands for them."""
    match obj:
        case float():
            return obj if isfinite(obj) else None
        case Mapping():
            return {key: finite(value) for key, value in obj.items()}
        case list() | tuple():
            return [finite(value) for value in obj]
    return obj


if sys.platform == "win32":
    import msvcrt

    FAR = 2**30  # a locked byte cannot be read, and the holder's number at the start must be

    def _lock(file: int) -> bool:
        os.lseek(file, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int) -> None:
        os.lseek(file, FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

    def _sync_folder(folder: Path) -> None:
        """Windows syncs no folders."""

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int) -> None:
        # Closing is not enough: a forked child that lives on shares the open file.
        fcntl.flock(file, fcntl.LOCK_UN)

    def _sync_folder(folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
