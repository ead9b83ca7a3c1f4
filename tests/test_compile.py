"""`dlc compile`: all files or none, in a folder whose name is safe."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from commands import MODEL, TRAINED, WRONG, dlc, workspace


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a good spec, one that trains, and a wrong one."""
    monkeypatch.chdir(tmp_path)
    return workspace(tmp_path)


def test_compile_writes_the_package_and_nothing_else(here: Path) -> None:
    said = dlc("compile", "line.dl", "-o", "out")
    assert said.code == 0
    assert said.out.startswith(f"out{os.sep}line{os.sep}: ")
    names = {"__init__.py", "data.py", "model.py", "predict.py", "train.py"}
    assert {each.name for each in (here / "out" / "line").iterdir()} == names
    assert [each.name for each in (here / "out").iterdir()] == ["line"]


def test_a_model_alone_compiles_to_a_model_alone(here: Path) -> None:
    assert dlc("compile", "net.dl").code == 0
    assert {each.name for each in (here / "net").iterdir()} == {"__init__.py", "model.py"}


def test_compiling_again_leaves_files_of_others_and_removes_its_own_old_ones(here: Path) -> None:
    dlc("compile", "line.dl")
    (here / "line" / "notes.txt").write_text("mine")
    (here / "line.dl").write_text(MODEL)
    assert dlc("compile", "line.dl").code == 0
    left = {each.name for each in (here / "line").iterdir()}
    assert left == {"__init__.py", "model.py", "notes.txt"}
    assert (here / "line" / "notes.txt").read_text() == "mine"


def test_an_error_half_way_leaves_the_old_package(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dlc("compile", "line.dl")
    before = {each.name: each.read_bytes() for each in (here / "line").iterdir()}
    (here / "line.dl").write_text(TRAINED.replace("epochs = 2", "epochs = 3"))
    rename = os.rename

    def fails(old: str, new: str) -> None:
        if ".dlc-" in str(old) and not str(old).endswith("-old"):
            raise OSError(28, "No space left on device", new)
        rename(old, new)

    monkeypatch.setattr(os, "rename", fails)
    said = dlc("compile", "line.dl")
    assert said.code == 2
    assert "No space left on device" in said.err
    assert {each.name: each.read_bytes() for each in (here / "line").iterdir()} == before
    names = {"line", "line.dl", "net.dl", "wrong.dl"}
    assert {each.name for each in here.iterdir()} == names


def test_a_wrong_spec_leaves_the_old_package(here: Path) -> None:
    dlc("compile", "net.dl")
    before = (here / "net" / "model.py").read_bytes()
    (here / "net.dl").write_text(WRONG)
    assert dlc("compile", "net.dl").code == 1
    assert (here / "net" / "model.py").read_bytes() == before


def test_compile_check_fails_for_what_is_stale_edited_or_missing(here: Path) -> None:
    assert dlc("compile", "line.dl", "--check").code == 1
    assert not (here / "line").exists()
    dlc("compile", "line.dl")
    assert dlc("compile", "line.dl", "--check").code == 0
    (here / "line" / "model.py").open("a").write("# mine\n")
    said = dlc("compile", "line.dl", "--check")
    assert said.code == 1
    where = os.path.join(".", "line", "model.py")
    assert said.err.startswith(f"{where}: not what the spec compiles to\n")
    dlc("compile", "line.dl")
    assert dlc("compile", "line.dl", "--check", "--set", "epochs=9").code == 1


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write anywhere")
def test_an_output_that_may_not_be_written_is_a_fault_of_use(here: Path) -> None:
    locked = here / "locked"
    locked.mkdir(mode=0o500)
    said = dlc("compile", "net.dl", "-o", "locked")
    assert said.code == 2
    assert "Permission denied" in said.err


def test_an_output_below_a_file_is_a_fault_of_use(here: Path) -> None:
    said = dlc("compile", "net.dl", "-o", os.path.join("net.dl", "below"))
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert (here / "net.dl").read_text() == MODEL


def test_a_spec_named_like_a_module_gets_a_safe_folder_which_is_said(here: Path) -> None:
    shutil.copy(here / "net.dl", here / "torch.dl")
    said = dlc("compile", "torch.dl")
    assert "a safe name for torch" in said.out
    assert not (here / "torch").exists()
    assert (here / "torch_spec" / "model.py").exists()
