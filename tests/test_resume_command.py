"""`dlc run --resume`: which run goes on, and when it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import TRAINED, Said, dlc
from dlc.runtime.training import Run
from steady.runs import left

SPEC = TRAINED.replace("epochs = 2", "epochs = 6\n  batch = 1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a spec."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.dl").write_text(SPEC)
    return tmp_path


@pytest.fixture
def cut(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A run that was interrupted in epoch 3."""
    yield interrupted(monkeypatch)


def interrupted(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> Path:
    track = Run.track

    def tracked(self: Run, *given: Any) -> None:
        track(self, *given)
        if (self.epoch, self.batch) == (3, 1):
            self.interrupts.raised = True

    with monkeypatch.context() as patch:
        patch.setattr(Run, "track", tracked)
        said = dlc("run", "line.dl", "-q", *arguments)
    assert said.code == 130, said.err
    return newest()


def newest(out: str = "runs") -> Path:
    return max((Path(out) / "line").iterdir())


def runs() -> list[Path]:
    return sorted(Path("runs/line").iterdir())


def whole() -> dict[str, Any]:
    """What an uninterrupted run leaves."""
    assert dlc("run", "line.dl", "-q", "--out", "others").code == 0
    return left(newest("others"))


def test_resume_takes_the_newest_run_of_the_spec(cut: Path) -> None:
    said = dlc("run", "line.dl", "--resume")
    assert said.code == 0, said.err
    assert said.out.splitlines()[0] == "going on after epoch 2, batch 1"
    assert said.out.splitlines()[-1] == f"run: {cut}"
    assert runs() == [cut]
    assert left(cut) == whole()


@pytest.mark.parametrize(
    "arguments",
    [
        ("line.dl", "--resume", "{run}"),
        ("--resume", "{run}"),
        ("--resume", "line.dl"),
        ("--resume", "{run}", "line.dl"),
    ],
)
def test_a_run_can_be_named_by_its_folder_or_its_spec(
    cut: Path, arguments: tuple[str, ...]
) -> None:
    said = dlc("run", "-q", *(each.format(run=cut) for each in arguments))
    assert said.code == 0, said.err
    assert left(cut) == whole()


def test_the_message_of_an_interruption_is_a_command_that_works(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "far").mkdir()
    (here / "far" / "table.csv").write_text("a,b\n1,2\n2,4\n3,6\n")
    spec = SPEC.replace(
        "data points {\n  x: f32[1] = [1, 2]\n  y: f32[1] = [2, 4]\n}",
        'data points from csv("table.csv") {\n  x: f32[1] = a\n  y: f32[1] = b\n}',
    )
    (here / "line.dl").write_text(spec)
    run = interrupted(monkeypatch, "--data", "far")
    said = dlc("run", "-q", "--resume", run)
    assert said.code == 0, "where the data lay is kept with the run: " + said.err


def test_without_any_run_a_new_one_starts(here: Path) -> None:
    said = dlc("run", "line.dl", "--resume")
    assert said.code == 0, said.err
    assert said.out.splitlines()[0] == ("nothing of line.dl was saved below runs: a new run starts")
    assert len(runs()) == 1


def test_when_the_newest_run_has_saved_nothing_a_new_one_starts(cut: Path) -> None:
    later = Path("runs/line/99999999-000000-000000")
    (later / "generated").mkdir(parents=True)
    assert dlc("run", "line.dl", "--resume", "-q").code == 0
    assert len(runs()) == 3
    assert left(cut)["status"] == "interrupted"


def test_a_run_that_has_saved_nothing_is_refused_by_name(cut: Path) -> None:
    (cut / "checkpoints" / "newest.json").unlink()
    said = dlc("run", "line.dl", "--resume", cut)
    assert said.code == 2
    assert said.err == (
        f"error: {cut} has no checkpoint to go on from\nhelp: start a new run: `dlc run line.dl`\n"
    )


def test_what_is_no_run_folder_is_refused(here: Path) -> None:
    said = dlc("run", "line.dl", "--resume", here)
    assert said.code == 2
    assert said.err.startswith(f"error: `{here}` is no run folder")
    assert "help: name a folder below runs/" in said.err


@pytest.mark.parametrize("arguments", [(), ("--out", "runs")])
def test_run_needs_a_spec(here: Path, arguments: tuple[str, ...]) -> None:
    said = dlc("run", *arguments)
    assert said.code == 2


def test_a_spec_that_was_edited_is_refused_with_both_ways_out(here: Path, cut: Path) -> None:
    (here / "line.dl").write_text(SPEC.replace("SGD", "Adam"))
    said = dlc("run", "line.dl", "--resume")
    assert said.code == 2
    assert said.err == (
        f"error: line.dl is not the spec that {cut} was started with\n"
        "help: start a new run: `dlc run line.dl`; or go on with the old spec: "
        f"`dlc run --resume {cut}`\n"
    )
    assert dlc("run", "-q", "--resume", cut).code == 0


def test_line_ends_and_byte_order_mark_are_no_edit(here: Path, cut: Path) -> None:
    (here / "line.dl").write_bytes(b"\xef\xbb\xbf" + SPEC.replace("\n", "\r\n").encode())
    assert dlc("run", "line.dl", "-q", "--resume").code == 0


def test_settings_are_those_of_the_run_and_others_are_refused(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = interrupted(monkeypatch, "--set", "rate=0.05", "--set", "epochs=4")
    said = dlc("run", "line.dl", "--resume", "--set", "rate=0.2")
    assert said.code == 2
    assert said.err == (
        f"error: {run} was started with --set rate=0.05 --set epochs=4\n"
        "help: leave --set out to go on, or start a new run without --resume\n"
    )
    assert dlc("run", "line.dl", "-q", "--resume").code == 0
    assert len((run / "metrics.jsonl").read_text().splitlines()) == 4


def test_the_same_settings_may_be_given_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(monkeypatch, "--set", "epochs=4", "--set", "rate=0.05")
    same = ("--set", "rate=0.05", "--set", "epochs=4")
    assert dlc("run", "line.dl", "-q", "--resume", *same).code == 0


def test_the_code_that_runs_is_the_runs_own(cut: Path) -> None:
    path = cut / "generated" / "line" / "train.py"
    # Of another length: Python trusts compiled code by the size and second of its source.
    path.write_text(path.read_text().replace("EPOCHS = 6", "EPOCHS = 4  # fewer"))
    assert dlc("run", "line.dl", "-q", "--resume").code == 0
    assert len((cut / "metrics.jsonl").read_text().splitlines()) == 4


def finished(*arguments: str) -> Said:
    assert dlc("run", "line.dl", "-q").code == 0
    return dlc("run", "line.dl", "--resume", *arguments)


def test_a_finished_run_says_so_and_is_left_alone(here: Path) -> None:
    said = finished()
    (run,) = runs()
    assert said == Said(0, f"{run} is finished: more epochs are a new run, without --resume\n", "")


def test_a_finished_run_is_told_as_json_too(here: Path) -> None:
    (found,) = finished("--json").lines
    (run,) = runs()
    assert found == {"run": str(run), "ok": True, **json.loads((run / "status.json").read_text())}


def test_a_finished_run_whose_expectations_failed_still_fails(here: Path) -> None:
    (here / "line.dl").write_text(SPEC + "\nexpect { predict(x=3).y_hat within 0.001 of 100 }\n")
    assert dlc("run", "line.dl", "-q").code == 3
    assert dlc("run", "line.dl", "-q", "--resume").code == 3


def test_a_run_that_diverged_is_refused(here: Path) -> None:
    assert dlc("run", "line.dl", "-q", "--set", "rate=1e20").code == 3
    (run,) = runs()
    said = dlc("run", "--resume", run)
    assert said.code == 2
    assert str(run) in said.err
    assert "help: " in said.err


def test_predictions_work_on_an_interrupted_run(cut: Path) -> None:
    said = dlc("predict", cut, "-", "--json", stdin=b'{"x": 3}')
    assert said.code == 0, said.err
    assert isinstance(said.lines[0]["y_hat"], float)


def test_a_resumed_run_prints_one_object_as_json(cut: Path) -> None:
    (found,) = dlc("run", "line.dl", "--resume", "--json").lines
    assert found["ok"] is True
    assert found["run"] == str(cut)
