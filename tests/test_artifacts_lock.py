"""One holder a folder, for as long as it lives."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dlc.runtime.artifacts import ArtifactError, lock_folder

HOLD = """
import sys, time
from pathlib import Path
from dlc.runtime.artifacts import lock_folder
with lock_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@contextmanager
def holder_of(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of `folder` until it is killed."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_a_folder_has_one_holder_among_processes(tmp_path: Path) -> None:
    with holder_of(tmp_path) as process:
        with pytest.raises(ArtifactError) as caught, lock_folder(tmp_path):
            pytest.fail("two processes hold one folder")
        expected = f"The folder {tmp_path} is in use by process {process.pid}."
        assert caught.value.message == expected
        assert "another folder" in caught.value.help


def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    with holder_of(tmp_path) as process:
        process.kill()
        process.wait()
        with lock_folder(tmp_path):
            assert (tmp_path / ".lock").read_text() == f"process {os.getpid()}"


def test_a_folder_has_one_holder_within_a_process_too(tmp_path: Path) -> None:
    with lock_folder(tmp_path), pytest.raises(ArtifactError), lock_folder(tmp_path):
        pytest.fail("one folder is held twice")


def test_a_lock_is_free_again_after_an_error_which_stays_what_it_was(tmp_path: Path) -> None:
    for fault in (OSError("ours"), KeyboardInterrupt()):
        with pytest.raises(type(fault)) as caught, lock_folder(tmp_path / "new" / "run"):
            raise fault
        assert caught.value is fault
    with lock_folder(tmp_path / "new" / "run"):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_that_lives_on_does_not_keep_the_lock(tmp_path: Path) -> None:
    with lock_folder(tmp_path):
        child = os.fork()
        if child == 0:
            signal.pause()
    try:
        with lock_folder(tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(ArtifactError, match="run cannot be locked"), lock_folder(tmp_path / "run"):
        pytest.fail("a file was locked as a folder")
