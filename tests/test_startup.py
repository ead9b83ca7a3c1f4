"""Claims of dlc.runtime.startup, each in a process of its own: they change the whole process."""

import ctypes
import os
import subprocess
import sys

import pytest
from dlc.runtime import startup


def run(code: str) -> str:
    """What a fresh interpreter prints for this code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def forbid_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str | None) -> None:
        raise AssertionError(f"opened {name}")

    monkeypatch.setattr(ctypes, "CDLL", refuse)


def test_the_module_itself_leaves_torch_and_numpy_out():
    code = "import sys, dlc.runtime.startup; print({'torch', 'numpy'} & set(sys.modules))"
    assert run(code) == "set()"


def test_elsewhere_than_on_linux_the_allocator_is_left_alone(monkeypatch):
    forbid_libraries(monkeypatch)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert startup.tune_allocator() is False


def test_with_another_c_library_the_allocator_is_left_alone(monkeypatch):
    forbid_libraries(monkeypatch)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "confstr_names", {})
    assert startup.tune_allocator() is False


def test_a_c_library_that_names_no_version_is_not_taken_for_glibc(monkeypatch):
    forbid_libraries(monkeypatch)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "confstr_names", {"CS_GNU_LIBC_VERSION": 2})
    monkeypatch.setattr(os, "confstr", lambda name: None)
    assert startup.tune_allocator() is False


class Library:
    """A C library whose mallopt writes down its calls and refuses thresholds above a limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.calls: list[tuple[int, int]] = []

    def mallopt(self, parameter: int, value: int) -> int:
        self.calls.append((parameter, value))
        return int(parameter != startup.M_MMAP_THRESHOLD or value <= self.limit)


@pytest.mark.parametrize(
    ("limit", "took", "largest"),
    [(1 << 40, True, 1 << 30), (1 << 25, True, 1 << 25), (0, False, 0)],
)
def test_the_largest_threshold_that_the_library_takes_is_set(monkeypatch, limit, took, largest):
    library = Library(limit)
    monkeypatch.setattr(startup, "on_glibc", lambda: True)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert startup.tune_allocator() is took
    thresholds = [value for name, value in library.calls if name == startup.M_MMAP_THRESHOLD]
    assert max((value for value in thresholds if value <= limit), default=0) == largest
    assert {startup.M_TRIM_THRESHOLD, startup.M_TOP_PAD} <= {name for name, _ in library.calls}


@pytest.mark.skipif(not startup.on_glibc(), reason="needs glibc on Linux")
def test_a_tuned_process_reuses_the_pages_of_a_freed_block():
    code = """
import ctypes, resource
from dlc.runtime import startup
if TUNE: assert startup.tune_allocator()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def touch():
    block = libc.malloc(ctypes.c_size_t(40 << 20))
    ctypes.memset(block, 1, 40 << 20)
    libc.free(ctypes.c_void_p(block))
touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5): touch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    tuned, plain = (int(run(code.replace("TUNE", flag))) for flag in ("True", "False"))
    assert tuned < plain / 10
