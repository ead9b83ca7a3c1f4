"""How a training shows where it is: lines that stay, and on a terminal one that moves."""

import io
import sys
from typing import Any

import pytest
from dlc.runtime import progress
from dlc.runtime.progress import CLEARED, Progress, duration, shown


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


def measures(loss: float, **validation: float) -> dict[str, Any]:
    found: dict[str, Any] = {"train": {"loss": loss}}
    return {**found, "validation": validation} if validation else found


def test_first_and_last_epoch_have_their_line(clock: list[float], capsys: Any) -> None:
    told = Progress()
    told.start(4)
    for number in range(1, 5):
        clock[0] += 0.1
        told.epoch(number, measures(1 / number, accuracy=0.5))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/4", "epoch 4/4"]
    assert "loss 0.25  validation: accuracy 0.5" in lines[-1]


def test_slow_epochs_have_a_line_each(clock: list[float], capsys: Any) -> None:
    told = Progress()
    told.start(3)
    for number in range(1, 4):
        clock[0] += 5
        told.epoch(number, measures(1.0))
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_quiet_says_nothing(
    clock: list[float], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = on_terminal(monkeypatch)
    told = Progress(quiet=True)
    told.start(1)
    assert list(told.watch([1, 2], 1)) == [1, 2]
    told.epoch(1, measures(1.0))
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
    told.epoch(1, measures(1.0))
    told.epoch(2, measures(0.5))
    told.epoch(3, measures(0.25))
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
    assert capsys.readouterr().out == "images.gz: downloaded, 10.0 MB\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (61, "1 min 01 s"), (3600, "1 h 00 min")],
)
def test_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_tables_are_left_to_the_files() -> None:
    assert shown({"loss": 0.5, "confusion_matrix": [[1, 2], [3, 4]]}) == "loss 0.5"
