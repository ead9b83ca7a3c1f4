"""`python -m package.train`: a small command line, whose defaults are the constants of the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dlc.runtime.artifacts import load_weights
from dlc.runtime.constants import fault, given, restore
from dlc.runtime.run import launch
from keyed import spec
from packages import imported, package, written
from torch import Tensor


def called(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m spec.train` in the folder that has the package."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "spec.train", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def runs(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def weights(run: Path) -> dict[str, Tensor]:
    return load_weights(run / "checkpoints" / "last.pt")["model"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command")
    written(package(spec("epochs = 2")), folder)
    return folder


def test_it_trains_as_the_file_says(home: Path) -> None:
    done = called(home, "--device", "cpu", "--out", "plain")
    assert done.returncode == 0, done.stderr
    (run,) = runs(home / "plain" / "spec")
    assert len((run / "metrics.jsonl").read_text().splitlines()) == 2
    assert json.loads((run / "env.json").read_text())["given"] == {}


def test_options_stand_for_the_constants(home: Path) -> None:
    done = called(home, "--epochs", "3", "--batch", "8", "--seed", "5", "--out", "other")
    assert done.returncode == 0, done.stderr
    (run,) = runs(home / "other" / "spec")
    text = spec("epochs = 3; seed = 5").replace("batch = 4", "batch = 8")
    train = imported(written(package(text), home / "written"), "train")
    path = home / "by_spec"
    assert launch(train.train, run=str(path), device="cpu", quiet=True) == 0
    assert (path / "metrics.jsonl").read_text() == (run / "metrics.jsonl").read_text()
    expected = weights(path)
    assert all(each.equal(expected[name]) for name, each in weights(run).items())


def test_a_run_that_goes_on_keeps_the_constants_it_was_started_with(home: Path) -> None:
    """What was given on the command line is kept with the run, not with the file."""
    done = called(home, "--epochs", "3", "--batch", "8", "--out", "again")
    (run,) = runs(home / "again" / "spec")
    before = (run / "metrics.jsonl").read_text()
    # As if it had been killed behind its second epoch: nothing but the checkpoint counts.
    again = called(home, "--resume", str(run), "--out", "again")
    assert (done.returncode, again.returncode) == (0, 0), again.stderr
    assert runs(home / "again" / "spec") == [run]
    assert (run / "metrics.jsonl").read_text() == before
    assert json.loads((run / "env.json").read_text())["given"] == {"EPOCHS": 3, "BATCH": 8}


def test_help_names_every_option(home: Path) -> None:
    done = called(home, "--help")
    assert done.returncode == 0
    for option in ("epochs", "batch", "seed", "device", "data", "out", "resume"):
        assert f"--{option}" in done.stdout
    assert "--steps" not in done.stdout
    assert "Train Line on points." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--batch", "0"], 3, "error: `batch` is 0"),
        (["--epochs", "-1"], 3, "error: `epochs` is -1"),
        (["--epochs", "many"], 2, "invalid int value: 'many'"),
        (["--resume", "nowhere"], 3, "error: nowhere has no checkpoint to go on from."),
        (["--device", "toaster"], 3, "error: `toaster` is no device."),
        (["--sped"], 2, "unrecognized arguments: --sped"),
    ],
)
def test_what_cannot_be_is_said_without_a_traceback(
    home: Path, tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    done = called(home, *arguments, "--out", str(tmp_path / "runs"))
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    if "toaster" not in arguments:
        assert runs(tmp_path / "runs") == []


def test_steps_take_the_place_of_epochs(tmp_path: Path) -> None:
    made = package(spec("steps = 9"))
    written(made, tmp_path)
    done = called(tmp_path, "--steps", "4", "--out", "runs")
    assert done.returncode == 0, done.stderr
    (run,) = runs(tmp_path / "runs" / "spec")
    assert len((run / "metrics.jsonl").read_text().splitlines()) == 1
    assert '"--epochs"' not in made.files["train.py"]


def test_a_data_block_may_be_called_like_the_parser(tmp_path: Path) -> None:
    for name in ("parser", "given", "launch", "half"):
        text = spec("epochs = 1; precision = bf16").replace("points", name)
        written(package(text), tmp_path / name)
        done = called(tmp_path / name)
        assert done.returncode == 0, done.stderr


def test_what_was_given_is_what_the_file_does_not_say(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text("EPOCHS = 1_000\nBATCH = 32  # records\nSEED = -1\n\nRATE = 0.5\n")
    home = {"__file__": file, "EPOCHS": 1000, "BATCH": 32, "SEED": -1, "RATE": 3, "MORE": 4}
    assert given(home) == {}
    assert given({**home, "BATCH": 8, "SEED": 0}) == {"BATCH": 8, "SEED": 0}
    assert given({**home, "__file__": "nowhere"}) == {}
    assert given({}) == {}


def test_a_training_has_an_epoch_and_a_record() -> None:
    home = {"EPOCHS": 3, "BATCH": 4, "SEED": -1}
    assert fault(home) == ""
    assert fault({**home, "STEPS": 0}) == "`steps` is 0, and nothing is trained."
    assert fault({**home, "BATCH": -2}) == "`batch` is -2, and nothing is trained."


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"given": 3}', '{"given": {"BATCH": "x", "os": 3}}']
)
def test_a_damaged_note_of_constants_changes_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "env.json").write_text(content)
    home = {"BATCH": 4}
    restore(home, tmp_path)
    assert home == {"BATCH": 4}
    restore(home, tmp_path / "nowhere")
    assert home == {"BATCH": 4}
