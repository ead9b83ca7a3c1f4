"""How a training shows where it is: lines that stay, and on a terminal one that moves."""

import io
import sys
from typing import Any

import pytest
from dlc.runtime import progress
from dlc.runtime.progress import CLEARED, Progress, duration, losses, shown


class Terminal(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test moves on by hand."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 200) -> Terminal:
    """Standard error from here on; a fixture would be undone by pytest's own capturing."""
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setenv("COLUMNS", str(columns))
    return found


def measures(epoch: int, loss: float, **validation: float) -> dict[str, Any]:
    found: dict[str, Any] = {"epoch": epoch, "train": {"loss": loss}}
    return {**found, "validation": validation} if validation else found


def test_first_and_last_epoch_have_their_line(clock: list[float], capsys: Any) -> None:
    told = Progress()
    told.start(4)
    for number in range(1, 5):
        clock[0] += 0.1
        told.epoch(measures(number, 1 / number, accuracy=0.5))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/4", "epoch 4/4"]
    assert "loss 0.25  validation: accuracy 0.5" in lines[-1]


def test_slow_epochs_have_a_line_each(clock: list[float], capsys: Any) -> None:
    told = Progress()
    told.start(3)
    for number in range(1, 4):
        clock[0] += 5
        told.epoch(measures(number, 1.0))
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_quiet_says_nothing(
    clock: list[float], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    told = Progress(quiet=True)
    told.start(1)
    assert list(told.watch([1, 2], 1)) == [1, 2]
    told.epoch(measures(1, 1.0))
    told.downloading("file", 10, 10)
    assert capsys.readouterr().out == ""
    assert terminal.getvalue() == ""


def test_without_a_terminal_batches_are_not_touched() -> None:
    batches = [1, 2, 3]
    assert Progress().watch(batches, 1) is batches


def test_a_terminal_shows_batch_speed_and_time_left(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    told = Progress()
    told.start(2)
    for _ in told.watch([0, 1, 2, 3], 1):
        clock[0] += 1
    drawn = terminal.getvalue().split(CLEARED)
    # Half of the first of two epochs took 2 s, so 6 s are left at 1 batch a second.
    assert "epoch 1/2  batch 2/4  1/s  6.0 s left" in drawn


def test_batches_that_were_done_before_a_break_count_but_take_no_time(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    told = Progress()
    told.start(2, 1)
    for _ in told.watch([2, 3], 2, 2):
        clock[0] += 1
    drawn = terminal.getvalue().split(CLEARED)
    # Three quarters of the last epoch are done: one second for the last quarter, as for the third.
    assert any(each.startswith("epoch 2/2  batch 3/4  1/s") for each in drawn)
    assert any(each.endswith("batch 4/4  1/s  0.0 s left") for each in drawn)


def test_a_fold_stands_before_its_epochs(clock: list[float], capsys: Any) -> None:
    told = Progress()
    told.fold = "fold 2/5"
    told.start(1)
    told.epoch(measures(1, 0.5))
    assert capsys.readouterr().out == "fold 2/5  epoch 1/1  loss 0.5  0.0 s\n"


def test_the_first_epoch_after_a_break_and_one_that_ends_early_have_their_line(
    clock: list[float], capsys: Any
) -> None:
    told = Progress()
    told.start(9, 4)
    for number in (5, 6, 7):
        told.epoch(measures(number, 0.5), ends=number == 7)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 5/9", "epoch 7/9"]


def test_each_step_of_several_shows_its_loss() -> None:
    named = {"D": {"loss": 0.51234}, "G": {"loss": 2.0}}
    assert losses(named) == "D loss 0.5123, G loss 2"
    assert losses({"loss": 0.5, "accuracy": 0.75, "matrix": [[1]]}) == "loss 0.5, accuracy 0.75"


def test_a_line_that_is_said_clears_the_moving_one(
    clock: list[float], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    Progress().say("stopped")
    Progress(quiet=True).say("never said")
    assert capsys.readouterr().out == "stopped\n"
    assert terminal.getvalue() == CLEARED


def test_a_line_is_never_wider_than_the_terminal(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch, 20)
    told = Progress()
    told.start(2)
    for _ in told.watch([0, 1, 2, 3], 1):
        clock[0] += 1
    assert max(map(len, terminal.getvalue().split(CLEARED))) == 19


def test_the_moving_line_is_cleared_before_one_that_stays(
    clock: list[float], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    told = Progress()
    told.start(3)
    told.epoch(measures(1, 1.0))
    told.epoch(measures(2, 0.5))
    told.epoch(measures(3, 0.25))
    assert terminal.getvalue().endswith(CLEARED)
    assert "epoch 2/3" in terminal.getvalue()
    assert "epoch 2/3" not in capsys.readouterr().out


def test_downloads_are_drawn_on_a_terminal_and_told_once_elsewhere(
    clock: list[float], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    told = Progress()
    clock[0] += 1
    told.downloading("images.gz", 5_000_000, 10_000_000)
    told.downloading("images.gz", 10_000_000, 10_000_000)
    assert "images.gz: 5.0 of 10.0 MB" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    plain = Progress()
    plain.downloading("images.gz", 5_000_000, 10_000_000)
    plain.downloading("images.gz", 10_000_000, 10_000_000)
    assert capsys.readouterr().out == "images.gz: read, 10.0 MB\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (61, "1 min 01 s"), (3600, "1 h 00 min")],
)
def test_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_tables_are_left_to_the_files() -> None:
    assert shown({"loss": 0.5, "confusion_matrix": [[1, 2], [3, 4]]}) == "loss 0.5"
