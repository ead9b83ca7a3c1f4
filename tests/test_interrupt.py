"""Ctrl-C, SIGTERM and SIGKILL in real processes, and what can be done with the run afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dlc.runtime.artifacts import load_weights
from dlc.runtime.interrupts import Interrupts
from dlc.runtime.run import Run
from packages import HOME
from steady import data
from steady import train as one
from steady.runs import interrupting, left, ran

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C does what it does in a terminal, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


SLOWLY = """
import sys, time
from dlc.runtime import artifacts, training
from steady import train as one

def behind(run, model):
    print(run.epoch, run.batch, flush=True)
    time.sleep(0.02)

one.behind = behind
training.SAVE_AFTER, training.SAVE_SHARE = 0.0, 0
sync = artifacts.os.fsync

def slowly(file):
    if "--slow-disk" in sys.argv:
        print("saving", flush=True)
        time.sleep(0.1)
    sync(file)

artifacts.os.fsync = slowly
resume = "--resume" in sys.argv
raise SystemExit(one.launch(one.train, run=sys.argv[1], device="cpu", quiet=True, resume=resume))
"""


@contextmanager
def training(path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A process that trains, and says each batch that is done."""
    environment = {**os.environ, "PYTHONPATH": str(HOME / "tests"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SLOWLY, str(path), *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for said in process.stdout:
        if said == f"{line}\n":
            return
    pytest.fail(f"the process ended before it said {line!r}: {process.stderr.read()}")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What the uninterrupted run leaves."""
    path = tmp_path_factory.mktemp("whole")
    assert ran(path) == 0
    return left(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_training_with_everything_saved(tmp_path, whole, number):
    with training(tmp_path) as process:
        wait_for(process, "2 3")
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    where, way_out = said.splitlines()
    assert where.startswith("interrupted after batch ")
    assert where.endswith(" of epoch 2; everything is saved")
    assert way_out == f"help: `dlc run --resume {tmp_path}` goes on"
    status = json.loads((tmp_path / "status.json").read_text())
    assert (status["status"], status["epoch"]) == ("interrupted", 2)
    # What a prediction needs is there.
    model = one.build()
    model.load_state_dict(load_weights(tmp_path / "checkpoints" / "last.pt")["model"])
    learned = json.loads((tmp_path / "checkpoints" / "data.json").read_text())
    assert learned == data.plane.state()
    assert ran(tmp_path, resume=True) == 0
    assert left(tmp_path) == whole


def test_more_signals_while_saving_lose_nothing(tmp_path, whole):
    with training(tmp_path, "--slow-disk") as process:
        wait_for(process, "1 2")
        process.send_signal(signal.SIGINT)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            wait_for(process, "saving")
            process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "everything is saved" in said
    assert "Traceback" not in said
    assert ran(tmp_path, resume=True) == 0
    assert left(tmp_path) == whole


def test_a_run_survives_being_killed_at_any_moment(tmp_path, whole):
    chance = random.Random(4)
    ends = []
    for _ in range(5):
        with training(tmp_path, "--resume") as process:
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.25))
            process.kill()
            ends.append(process.wait())
    assert ends.count(-signal.SIGKILL) > 1
    assert ran(tmp_path, resume=True) == 0
    assert left(tmp_path) == whole


@pytest.mark.parametrize("epoch", [2, one.EPOCHS])
def test_a_signal_while_validation_is_measured_ends_the_epoch_first(
    tmp_path, monkeypatch, capsys, whole, epoch
):
    runs: list[Run] = []
    measure = one.measure

    def measured(observed):
        runs[-1].interrupts.raised = runs[-1].epoch == epoch
        return measure(observed)

    with monkeypatch.context() as patch:
        patch.setattr(one, "behind", lambda run, model: runs.append(run))
        patch.setattr(one, "measure", measured)
        assert ran(tmp_path) == 130
    said = capsys.readouterr().err
    assert said.startswith(f"interrupted after epoch {epoch}; everything is saved\n")
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == epoch
    assert ran(tmp_path, resume=True) == 0
    assert left(tmp_path) == whole


def test_a_run_that_is_training_cannot_be_resumed_at_the_same_time(tmp_path, capsys):
    with training(tmp_path) as process:
        wait_for(process, "1 1")
        assert ran(tmp_path, resume=True) == 3
    assert f"in use by process {process.pid}." in capsys.readouterr().err


def test_an_interrupt_before_the_first_epoch_is_pythons_own(tmp_path, monkeypatch, capsys):
    def load(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(data.plane, "load", load)
    assert ran(tmp_path) == 130
    assert capsys.readouterr().err == "interrupted\n"
    assert json.loads((tmp_path / "status.json").read_text())["status"] == "interrupted"


def test_handlers_are_there_while_epochs_run_and_nowhere_else(tmp_path, monkeypatch):
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    during: list[object] = []
    after: list[object] = []
    monkeypatch.setattr(
        one, "behind", lambda run, model: during.append(signal.getsignal(signal.SIGINT))
    )
    measure = one.measure

    def measured(observed):
        after.append(signal.getsignal(signal.SIGINT))
        return measure(observed)

    monkeypatch.setattr(one, "FOLDS", 2)
    monkeypatch.setattr(one, "measure", measured)
    assert ran(tmp_path / "good") == 0
    assert before[0] not in during
    assert after[-1] == before[0], "the test is measured with the handlers of before"
    monkeypatch.setattr(one, "FOLDS", 0)
    monkeypatch.setattr(one, "behind", interrupting(1, 1))
    assert ran(tmp_path / "cut") == 130
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_handler_only_sets_a_flag():
    interrupts = Interrupts()
    interrupts.install()
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
        assert interrupts.raised
    finally:
        interrupts.restore()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupts = Interrupts()
    try:
        interrupts.install()
        os.kill(os.getpid(), signal.SIGINT)
        assert not interrupts.raised
        interrupts.restore()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_trains_without_handlers():
    faults: list[BaseException] = []

    def install():
        try:
            interrupts = Interrupts()
            interrupts.install()
            interrupts.restore()
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=install)
    thread.start()
    thread.join()
    assert faults == []
