"""Small files named like MNIST's, and a server on 127.0.0.1 that gives them out well or badly."""

import contextlib
import gzip
import hashlib
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from dlc.runtime.download import Published
from dlc.runtime.idx import Bytes
from dlc.runtime.mnist import MNIST, ImageRecord

NAMES = [file.name for file in MNIST.files]


def idx(array: Bytes) -> bytes:
    """The format by the letter of its definition, apart from the code under test."""
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


def pixels(*shape: int) -> Bytes:
    return np.random.default_rng(len(shape) + shape[0]).integers(0, 256, shape, dtype=np.uint8)


ARRAYS = dict(zip(NAMES, [pixels(50, 4, 3), pixels(50), pixels(7, 4, 3), pixels(7)], strict=True))
CONTENTS = {name: idx(array) for name, array in ARRAYS.items()}
SMALL = replace(
    MNIST,
    image=(4, 3),
    mirrors=(),
    files=tuple(
        Published(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in CONTENTS.items()
    ),
)


def put(folder: Path, ending: str = ".gz", **changed: bytes | None) -> Path:
    """Write the four small files; `changed` gives others by name with _ for -, None for none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in CONTENTS.items():
        other = changed.get(name.replace("-", "_"), content)
        if other is not None:
            (folder / (name + ending)).write_bytes(
                gzip.compress(other) if ending == ".gz" else other
            )
    return folder


def put_keras(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez_compressed(path, **dict(zip(names, ARRAYS.values(), strict=True)))
    return path


def files_below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def lonely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing is installed and no proxy stands before 127.0.0.1."""
    for name in ("DLC_DATA_DIR", "DLC_OFFLINE", "KERAS_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DLC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def check_values(parts: object) -> None:
    fields = ("train_images", "train_labels", "test_images", "test_labels")
    for name, wanted in zip(fields, ARRAYS.values(), strict=True):
        np.testing.assert_array_equal(getattr(parts, name), wanted)


@dataclass
class Mirrors:
    """A server whose first path segment says how it behaves."""

    port: int
    requests: list[str] = field(default_factory=list)
    agents: set[str | None] = field(default_factory=set)
    closing: threading.Event = field(default_factory=threading.Event)

    def address(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.port}/{manner}/"

    def record(self, *manners: str) -> ImageRecord:
        return replace(SMALL, mirrors=tuple(self.address(manner) for manner in manners))


@contextlib.contextmanager
def serving() -> Iterator[Mirrors]:
    """The server while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            state.agents.add(self.headers["User-Agent"])
            _, manner, name = self.path.split("/")
            content = CONTENTS[name.removesuffix(".gz")]
            # The client hangs up, as it should on a slow mirror.
            with contextlib.suppress(OSError):
                self.answer(manner, content)

        def answer(self, manner: str, content: bytes) -> None:
            good = gzip.compress(content, mtime=0)  # the same bytes each time
            match manner:
                case "good":
                    self.send(good)
                case "plain":
                    self.send(content)
                case "missing":
                    self.send_error(404)
                case "broken":
                    self.send_error(503)
                case "silent":
                    state.closing.wait(10)
                case "stalls":
                    self.send(good[:20], announced=len(good))
                    state.closing.wait(10)
                case "drips":
                    self.send(b"", announced=len(good))
                    while not state.closing.wait(0.05):
                        self.wfile.write(b"\x1f")
                case "drips_headers":
                    while not state.closing.wait(0.05):
                        self.wfile.write(b"H")
                case "cut":
                    self.send(good[:-20], announced=len(good))
                case "cut_unannounced":
                    self.send(good[:-20], announced=None)
                case "other_bytes":
                    self.send(gzip.compress(content[:-1] + bytes([content[-1] ^ 1])))
                case "other_size":
                    self.send(gzip.compress(idx(pixels(9))))
                case "page":
                    self.send(b"<html>Please log in to this network.</html>")
                case "damaged":
                    self.send(good[:30] + b"\xff" * 20 + good[50:])
                case "bomb":
                    self.send(gzip.compress(content + bytes(5_000_000)))
                case "endless":
                    self.send(b"", announced=None)
                    while not state.closing.is_set():
                        self.wfile.write(bytes(1 << 16))

        def send(self, body: bytes, announced: int | None = -1) -> None:
            self.send_response(200)
            if announced is not None:
                self.send_header("Content-Length", str(len(body) if announced < 0 else announced))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state = Mirrors(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


FAULTS = {
    "missing": "the server answered 404",
    "broken": "the server answered 503",
    "silent": "did not answer for 0.5 s",
    "stalls": "did not answer for 0.5 s",
    "drips": "too slow, more than 1.5 s",
    "drips_headers": "too slow, more than 1.5 s",
    "cut": r"sent \d+ of \d+ bytes",
    "cut_unannounced": "what came is cut off: 616 bytes announced",
    "other_bytes": "SHA-256 differs",
    "other_size": "announces 17 bytes where 616 are expected",
    "page": "not an IDX file",
    "damaged": "is damaged",
    "bomb": "too long: 616 bytes announced, and more follow",
    "endless": "sent more than 66,152 bytes",
}
