"""`dlc compile --check`: what is there is what the spec compiles to, or the command fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import MODEL, TRAINED, Said, dlc, workspace


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in which a spec that trains has been compiled."""
    monkeypatch.chdir(tmp_path)
    workspace(tmp_path)
    assert dlc("compile", "line.dl").code == 0
    return tmp_path


def below(folder: Path) -> dict[str, bytes]:
    """Every file, and what is in it."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file() and each.suffix != ".pyc"
    }


def compared(here: Path, *options: str) -> Said:
    """What the check says; it changes nothing."""
    before = below(here)
    said = dlc("compile", "line.dl", "--check", *options)
    assert below(here) == before
    return said


def named(file: str) -> str:
    return os.path.join(".", "line", file)


def test_what_is_current_is_said_to_be(here: Path) -> None:
    said = compared(here)
    assert (said.code, said.out, said.err) == (0, f"{named('')}: current\n", "")
    assert compared(here, "-q").out == ""


def test_files_of_others_and_caches_count_for_nothing(here: Path) -> None:
    (here / "line" / "notes.py").write_text("mine = 1\n")
    (here / "line" / "procedures.py").write_text("mine = 1\n")
    (here / "line" / "requirements.txt").write_text("torch\n")
    (here / "line" / "runtime").mkdir()
    (here / "line" / "runtime" / "mine.py").write_text("mine = 1\n")
    (here / "line" / "__pycache__").mkdir()
    (here / "line" / "__pycache__" / "model.cpython-311.pyc").touch()
    assert compared(here).code == 0
    assert dlc("compile", "line.dl").code == 0
    for file in ("notes.py", "procedures.py", "requirements.txt", "runtime/mine.py"):
        assert (here / "line" / file).exists()


def test_an_edit_by_hand_is_shown(here: Path) -> None:
    path = here / "line" / "train.py"
    path.write_text(path.read_text().replace("EPOCHS = 2", "EPOCHS = 3"))
    said = compared(here)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(
        f"{named('train.py')}: not what the spec compiles to\n  -EPOCHS = 3\n  +EPOCHS = 2\n"
    )
    assert said.err.splitlines()[-1].startswith("help: ") and "edits by hand" in said.err


def test_a_stale_file_is_shown(here: Path) -> None:
    (here / "line.dl").write_text(TRAINED.replace("epochs = 2", "epochs = 9"))
    said = compared(here)
    assert said.code == 1 and "  -EPOCHS = 2\n  +EPOCHS = 9\n" in said.err
    assert named("model.py") not in said.err


def test_settings_belong_to_what_is_compared(here: Path) -> None:
    assert compared(here, "--set", "epochs=9").code == 1
    dlc("compile", "line.dl", "--set", "epochs=9")
    assert compared(here).code == 1
    assert compared(here, "--set", "epochs=9").code == 0


def test_a_missing_file_and_a_missing_folder_are_told(here: Path) -> None:
    (here / "line" / "predict.py").unlink()
    said = compared(here)
    assert said.code == 1 and said.err.splitlines()[0] == f"{named('predict.py')}: missing"
    assert "edits by hand" not in said.err
    said = compared(here, "-o", "elsewhere")
    assert said.code == 1 and said.err.count(": missing\n") == 5
    assert not (here / "elsewhere").exists()


def test_files_that_are_left_over_are_told_and_compiling_removes_them(here: Path) -> None:
    (here / "line.dl").write_text(MODEL)
    said = compared(here)
    assert said.code == 1
    for file in ("data.py", "train.py", "predict.py"):
        assert f"{named(file)}: left over, the spec makes no such file\n" in said.err
    dlc("compile", "line.dl")
    assert compared(here).code == 0
    assert set(below(here / "line")) == {"__init__.py", "model.py"}


def test_files_of_several_trainings_are_known_and_copies_of_ones_own_are_not(here: Path) -> None:
    (model, training) = TRAINED.partition("train Line")[::2]
    second = f"{model}model Other {{\n  input x: f32[N, 1]\n  output y_hat: f32[N, 1] = x -> "
    whole = f"{second}Linear(1)\n}}\n\ntrain Line{training}\ntrain Other{training}"
    (here / "line.dl").write_text(whole)
    assert dlc("compile", "line.dl").code == 0
    made = {each for each in below(here / "line") if each.startswith("train_")}
    assert len(made) == 2
    copy = here / "line" / "train_longer.py"
    copy.write_bytes((here / "line" / "train.py").read_bytes())
    assert compared(here).code == 0
    (here / "line.dl").write_text(TRAINED)
    assert all(f"{named(file)}: left over" in compared(here).err for file in made)
    assert dlc("compile", "line.dl").code == 0
    assert compared(here).code == 0
    assert {each for each in below(here / "line") if each.startswith("train_")} == {copy.name}


def test_a_long_difference_is_cut(here: Path) -> None:
    (here / "line" / "train.py").write_text("\n".join(f"line {each}" for each in range(99)))
    said = compared(here)
    lines = [each for each in said.err.splitlines() if each.startswith("  ")]
    assert len(lines) < 15 and lines[-1].endswith(" lines more")


def test_what_is_no_text_or_has_other_ends_of_lines_differs(here: Path) -> None:
    path = here / "line" / "model.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    said = compared(here)
    assert said.code == 1 and "carriage return" in said.err
    path.write_bytes(b"\xff\x1b[31mred\x07\n")
    said = compared(here)
    assert said.code == 1 and "?[31mred?" in said.err
    path.unlink()
    path.mkdir()
    assert compared(here).code == 1


def test_json_tells_the_files_and_what_differs(here: Path) -> None:
    (said,) = compared(here, "--json").lines
    assert (said["file"], said["ok"], said["stale"]) == ("line.dl", True, [])
    path = here / "line" / "train.py"
    path.write_text(path.read_text().replace("EPOCHS = 2", "EPOCHS = 3"))
    (here / "line" / "data.py").unlink()
    said = compared(here, "--json")
    assert (said.code, said.err) == (1, "")
    (line,) = said.lines
    assert not line["ok"] and line["diagnostics"] == []
    assert line["stale"] == [
        {"file": named("data.py"), "what": "missing", "diff": []},
        {"file": named("train.py"), "what": "differs", "diff": ["-EPOCHS = 3", "+EPOCHS = 2"]},
    ]


def test_json_of_compile_tells_what_was_written(here: Path) -> None:
    (said,) = dlc("compile", "line.dl", "--json").lines
    assert said["ok"] and said["folder"] == named("")[:-1]
    assert set(said["files"]) == set(below(here / "line"))


def test_a_wrong_spec_is_told_as_check_tells_it(here: Path) -> None:
    (here / "line.dl").write_text(TRAINED.replace("Linear", "Lineal"))
    assert compared(here).err == dlc("check", "line.dl").err
    assert compared(here, "--json").lines == dlc("check", "line.dl", "--json").lines
