"""Complete checkpoints: two are kept, none that is damaged is loaded, and none is half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from dlc.runtime import artifacts
from dlc.runtime.artifacts import ArtifactError
from dlc.runtime.checkpoint import Checkpoints


def state(number: int) -> dict:
    return {"epoch": number, "parts": {"model": {"w": torch.arange(6.0) + number}}}


def saved(folder: Path, count: int) -> Checkpoints:
    found = Checkpoints(folder)
    for number in range(1, count + 1):
        found.save(state(number))
    return found


def loaded(folder: Path) -> tuple[dict | None, list[str]]:
    warnings: list[str] = []
    return Checkpoints(folder).load(warnings.append), warnings


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_saved_last_is_loaded(tmp_path):
    saved(tmp_path / "checkpoints", 3)
    found, warnings = loaded(tmp_path / "checkpoints")
    assert found["epoch"] == 3
    assert torch.equal(found["parts"]["model"]["w"], torch.arange(6.0) + 3)
    assert warnings == []


def test_nothing_saved_is_none(tmp_path):
    assert loaded(tmp_path) == (None, [])
    assert loaded(tmp_path / "nowhere") == (None, [])


def test_two_are_kept_and_named_newest_first_with_their_sums(tmp_path):
    saved(tmp_path, 5)
    assert names(tmp_path) == ["newest.json", "resume-0004.pt", "resume-0005.pt"]
    listed = json.loads((tmp_path / "newest.json").read_text())["checkpoints"]
    assert [each["file"] for each in listed] == ["resume-0005.pt", "resume-0004.pt"]
    for each in listed:
        assert each["sha256"] == sha256((tmp_path / each["file"]).read_bytes()).hexdigest()


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_flipped_bit_in_the_newest_is_told_and_the_one_before_is_taken(tmp_path, place):
    saved(tmp_path, 3)
    path = tmp_path / "resume-0003.pt"
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 1
    path.write_bytes(damaged)
    found, warnings = loaded(tmp_path)
    assert found["epoch"] == 2
    assert warnings == [
        f"{path} is damaged: its SHA-256 is not the one that was saved. "
        "The checkpoint before it is taken."
    ]


def test_a_newest_that_is_gone_is_as_one_that_is_damaged(tmp_path):
    saved(tmp_path, 2)
    (tmp_path / "resume-0002.pt").unlink()
    found, (warning,) = loaded(tmp_path)
    assert found["epoch"] == 1
    assert "resume-0002.pt does not exist." in warning


def test_no_whole_checkpoint_is_an_error_with_a_way_out(tmp_path):
    saved(tmp_path, 2)
    for path in tmp_path.glob("resume-*.pt"):
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArtifactError) as caught:
        loaded(tmp_path)
    assert caught.value.message == (
        f"The run cannot be resumed: {tmp_path} has no checkpoint that is whole."
    )
    assert caught.value.help == "Start a new run, without --resume."


def test_after_a_damaged_one_two_whole_ones_are_kept(tmp_path):
    saved(tmp_path, 2)
    (tmp_path / "resume-0002.pt").write_bytes(b"")
    again = Checkpoints(tmp_path)
    again.load(lambda _: None)
    again.save(state(3))
    assert names(tmp_path) == ["newest.json", "resume-0001.pt", "resume-0003.pt"]
    (tmp_path / "resume-0003.pt").write_bytes(b"")
    assert loaded(tmp_path)[0]["epoch"] == 1


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", '{"checkpoints": 3}', '{"checkpoints": [{"file": "resume-0001.pt"}]}'),
        '{"checkpoints": [{"file": "../secret.pt", "sha256": "0"}]}',
        '{"checkpoints": [{"file": "/etc/passwd", "sha256": "0"}]}',
    ],
)
def test_a_pointer_that_names_no_checkpoint_is_an_error(tmp_path, content):
    saved(tmp_path, 2)
    (tmp_path / "newest.json").write_text(content)
    with pytest.raises(ArtifactError, match=r"`newest\.json` is damaged"):
        loaded(tmp_path)


def claim(folder: Path, content: object) -> None:
    """Put `content` in the place of the newest checkpoint, with its true sum."""
    path = folder / "resume-0001.pt"
    torch.save(content, path)
    digest = sha256(path.read_bytes()).hexdigest()
    pointer = {"checkpoints": [{"file": path.name, "sha256": digest}]}
    (folder / "newest.json").write_text(json.dumps(pointer))


@pytest.mark.parametrize("content", [{"epoch": 1}, {"format": 1}, [1, 2]])
def test_what_another_version_saved_is_refused(tmp_path, content):
    claim(tmp_path, content)
    with pytest.raises(ArtifactError, match="another version"):
        loaded(tmp_path)


class Intruder:
    """Makes a folder when unpickled."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self):
        return os.mkdir, (str(self.made),)


def test_a_true_sum_runs_no_code(tmp_path):
    claim(tmp_path, {"format": 2, "epoch": Intruder(tmp_path / "made")})
    with pytest.raises(ArtifactError):
        loaded(tmp_path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("number", range(1, 5))
def test_wherever_saving_is_cut_short_a_whole_one_is_named(tmp_path, monkeypatch, call, number):
    saves = saved(tmp_path, 2)
    original, calls = getattr(os, call), iter(range(1, 100))

    def failing(*arguments):
        if next(calls) == number:
            raise KeyboardInterrupt
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(artifacts.os, call, failing)
        try:
            saves.save(state(3))
            cut_short = False
        except KeyboardInterrupt:
            cut_short = True
    assert cut_short == (number <= {"fsync": 4 if os.name == "posix" else 2, "replace": 2}[call])
    found, warnings = loaded(tmp_path)
    assert found["epoch"] in (2, 3)
    assert warnings == []
    saves.save(state(4))
    assert loaded(tmp_path)[0]["epoch"] == 4
    assert len(names(tmp_path)) == 3, "what was left half-way is gone"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_process_leaves_nothing_that_stays(tmp_path):
    saved(tmp_path, 2)
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom dlc.runtime import artifacts\n"
        "from dlc.runtime.checkpoint import Checkpoints\n"
        "artifacts.os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Checkpoints(Path(sys.argv[1])).save({'epoch': 3})"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)])
    assert killed.returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 4
    assert loaded(tmp_path)[0]["epoch"] == 2
    saved(tmp_path, 1)
    assert names(tmp_path) == ["newest.json", "resume-0002.pt", "resume-0003.pt"]


def test_a_full_disk_leaves_the_checkpoints_as_they_were(tmp_path, monkeypatch):
    saves = saved(tmp_path, 2)

    def full(file):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(artifacts.os, "fsync", full)
        with pytest.raises(ArtifactError, match="cannot be written: No space left"):
            saves.save(state(3))
    assert names(tmp_path) == ["newest.json", "resume-0001.pt", "resume-0002.pt"]
    assert loaded(tmp_path)[0]["epoch"] == 2
