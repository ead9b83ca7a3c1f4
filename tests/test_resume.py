"""A run that goes on gives what it would have given without the break, to the bit."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dlc.runtime import training
from dlc.runtime.artifacts import load_tensors
from dlc.runtime.checkpoint import Checkpoints
from steady import data, several
from steady import train as one
from steady.runs import Killed, interrupting, killing, left, ran

BATCHES = 5  # of an epoch of the steady packages


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, Any]:
    """What the uninterrupted run leaves."""
    seed_everything(1)
    assert ran(tmp_path / "whole") == 0
    return left(tmp_path / "whole")


def broken(path: Path, behind: Callable[..., None], train: Callable[..., Any] = one.train) -> int:
    """A run with a break at one batch: its exit code."""
    seed_everything(1)
    before, one.behind = one.behind, behind
    try:
        return ran(path, train)
    except Killed:
        return -9
    finally:
        one.behind = before
        seed_everything(99)


def resumed(path: Path, train: Callable[..., Any] = one.train) -> dict[str, Any]:
    torch.manual_seed(99)
    assert ran(path, train, resume=True) == 0
    return left(path)


def test_a_run_goes_on_from_any_batch_of_any_epoch(tmp_path, whole):
    for epoch in range(1, one.EPOCHS + 1):
        for batch in range(1, BATCHES + 1):
            path = tmp_path / f"{epoch}-{batch}"
            assert broken(path, interrupting(epoch, batch)) == 130
            assert resumed(path) == whole, f"batch {batch} of epoch {epoch}"


def test_a_run_can_be_interrupted_again_and_again(tmp_path, whole):
    path = tmp_path / "run"
    assert broken(path, interrupting(1, 2)) == 130
    for place in ((1, 3), (1, 5), (2, 1), (4, 4)):
        one.behind, before = interrupting(*place), one.behind
        try:
            assert ran(path, resume=True) == 130
        finally:
            one.behind = before
    assert resumed(path) == whole


def test_a_killed_run_goes_on_from_its_last_checkpoint(tmp_path, whole, monkeypatch):
    monkeypatch.setattr(training, "SAVE_AFTER", 0.0)
    monkeypatch.setattr(training, "SAVE_SHARE", 0)
    path = tmp_path / "run"
    assert broken(path, killing(4, 3)) == -9
    assert len((path / "metrics.jsonl").read_text().splitlines()) == 3
    # What was written after the checkpoint, and a line cut off, come no second time.
    with (path / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 4, "train": {"loss": 1.0}}\n{"epo')
    assert resumed(path) == whole


def test_a_run_that_was_killed_before_any_checkpoint_starts_again_in_its_folder(tmp_path, whole):
    path = tmp_path / "run"
    assert broken(path, killing(3, 1)) == -9
    assert not (path / "checkpoints").exists()
    seed_everything(1)
    assert resumed(path) == whole


def test_early_stopping_goes_on_with_what_it_has_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(one, "PATIENCE", 3)
    monkeypatch.setattr(one, "EPOCHS", 40)
    assert ran(tmp_path / "whole") == 0
    expected = left(tmp_path / "whole")
    epochs = len(expected["metrics"].splitlines())
    assert 5 < epochs < 40, "the training must stop early, but not at once"
    for epoch, batch in ((expected["epoch"] + 1, 2), (epochs, 1), (epochs, BATCHES)):
        path = tmp_path / f"{epoch}-{batch}"
        assert broken(path, interrupting(epoch, batch)) == 130
        assert resumed(path) == expected


@pytest.mark.parametrize("place", [(1, 1, 2), (2, 3, 4), (3, 1, 1), (None, 2, 1)])
def test_folds_that_are_done_are_not_trained_again(tmp_path, monkeypatch, place):
    monkeypatch.setattr(one, "FOLDS", 3)
    monkeypatch.setattr(one, "EPOCHS", 3)
    assert ran(tmp_path / "whole") == 0
    fold, epoch, batch = place
    assert broken(tmp_path / "run", interrupting(epoch, batch, fold)) == 130
    assert resumed(tmp_path / "run") == left(tmp_path / "whole")


@pytest.mark.parametrize("place", [(1, 1), (1, 2), (2, 4), (3, 5)])
def test_several_models_go_on_with_counts_and_open_gradients(tmp_path, place):
    assert ran(tmp_path / "whole", several.train) == 0
    assert broken(tmp_path / "run", interrupting(*place), several.train) == 130
    assert resumed(tmp_path / "run", several.train) == left(tmp_path / "whole")
    for picture in sorted((tmp_path / "whole" / "samples").iterdir()):
        again = tmp_path / "run" / "samples" / picture.name
        assert again.read_bytes() == picture.read_bytes()


def test_chance_of_python_and_numpy_goes_on(tmp_path, monkeypatch):
    def chance(run, model):
        with torch.no_grad():
            model[0].bias.add_(random.random() + np.random.rand())

    def and_interrupt(run, model):
        chance(run, model)
        interrupting(3, 2)(run, model)

    monkeypatch.setattr(one, "behind", chance)
    seed_everything(1)
    assert ran(tmp_path / "whole") == 0
    assert broken(tmp_path / "run", and_interrupt) == 130
    assert resumed(tmp_path / "run") == left(tmp_path / "whole")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_chance_of_the_gpu_goes_on(tmp_path, monkeypatch):
    from dlc.runtime.random_state import random_state, restore_random_state

    gpu = torch.device("cuda")
    state = random_state(gpu)
    drawn = torch.rand(5, device=gpu)
    restore_random_state(state, gpu)
    assert torch.equal(torch.rand(5, device=gpu), drawn)


def moved(saved: dict[str, Any]) -> None:
    saved["batch"] -= 1


def fresh_chance(saved: dict[str, Any]) -> None:
    saved["random"]["cpu"] = torch.Generator().manual_seed(5).get_state()


def zero_means(saved: dict[str, Any]) -> None:
    saved["parts"]["model"]["1.running_mean"].zero_()


DROPPED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "weights": lambda saved: saved["parts"]["model"]["0.weight"].mul_(1.001),
    "buffers": zero_means,
    "optimizer": lambda saved: saved["parts"]["optimizer"].update(state={}),
    "schedule": lambda saved: saved["parts"]["schedule"].update(count=0),
    "chance": fresh_chance,
    "epoch": lambda saved: saved.update(epoch=saved["epoch"] - 1),
    "place in the epoch": moved,
    "losses of the epoch": lambda saved: saved.update(tracked={}),
    "best epoch": lambda saved: saved.update(watching={"best": None, "best_epoch": 0, "waited": 0}),
    "best weights": lambda saved: saved["best"]["held"]["model"]["0.weight"].zero_(),
    "metrics": lambda saved: saved.update(metrics=""),
}


@pytest.mark.parametrize("part", DROPPED)
def test_without_a_part_of_the_checkpoint_the_run_would_be_another(tmp_path, monkeypatch, part):
    """The break is such that every part counts: so the tests above fail if one is not saved."""
    monkeypatch.setattr(one, "PATIENCE", 30)
    monkeypatch.setattr(one, "EPOCHS", 12)

    def worse(run, model):  # so that an epoch before the break is the best
        if run.epoch > 3:
            with torch.no_grad():
                model[0].bias.add_(3.0)

    def and_interrupt(run, model):
        worse(run, model)
        interrupting(5, 2)(run, model)

    monkeypatch.setattr(one, "behind", worse)
    seed_everything(1)
    assert ran(tmp_path / "whole") == 0
    assert broken(tmp_path / "run", and_interrupt) == 130
    load = Checkpoints.load

    def loaded(self, warn):
        found = load(self, warn)
        DROPPED[part](found)
        return found

    monkeypatch.setattr(Checkpoints, "load", loaded)
    assert resumed(tmp_path / "run") != left(tmp_path / "whole")


def test_without_open_gradients_the_run_would_be_another(tmp_path, monkeypatch):
    assert ran(tmp_path / "whole", several.train) == 0
    assert broken(tmp_path / "run", interrupting(2, 4), several.train) == 130
    load = Checkpoints.load
    monkeypatch.setattr(
        Checkpoints, "load", lambda self, warn: load(self, warn) | {"gradients": {}}
    )
    assert resumed(tmp_path / "run", several.train) != left(tmp_path / "whole")


def test_a_checkpoint_is_plain_and_tells_where_it_is(tmp_path):
    broken(tmp_path, interrupting(2, 3))
    folder = tmp_path / "checkpoints"
    (named,) = json.loads((folder / "newest.json").read_text())["checkpoints"]
    found = load_tensors(folder / named["file"], [named["sha256"]])
    assert (found["fold"], found["epoch"], found["batch"]) == (None, 1, 3)
    assert set(found["parts"]) == {"model", "optimizer", "schedule"}
    assert found["conditions"]["threads"] == "1"
    assert found["conditions"]["device"] == "cpu"
    assert json.loads(found["fitted"])[1] == data.plane.state()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("threads", "4", "made with threads 4 and goes on with threads 1:"),
        ("device", "H200", "made with device H200 and goes on with device cpu:"),
        ("torch", "2.0", "made with torch 2.0 and goes on with torch "),
    ],
)
def test_another_machine_is_told_and_goes_on(tmp_path, monkeypatch, capsys, name, value, told):
    broken(tmp_path, interrupting(2, 3))
    load = Checkpoints.load

    def loaded(self, warn):
        found = load(self, warn)
        found["conditions"][name] = value
        return found

    monkeypatch.setattr(Checkpoints, "load", loaded)
    capsys.readouterr()
    resumed(tmp_path)
    said = capsys.readouterr().err
    assert said.startswith("warning: The checkpoint was ")
    assert told in said
    assert said.endswith("may differ from that of an uninterrupted run.\n")


def test_the_same_machine_is_not_warned(tmp_path, capsys):
    broken(tmp_path, interrupting(2, 3))
    capsys.readouterr()
    resumed(tmp_path)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("changed", [{"count": 48}, {"noise": 0.2, "mean": True}])
def test_other_data_is_refused(tmp_path, monkeypatch, capsys, changed):
    broken(tmp_path, interrupting(2, 3))
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 2, "train": {"loss": 1.0}}\n')
    before = (tmp_path / "metrics.jsonl").read_text()
    monkeypatch.setattr(data.plane, "count", changed.get("count", data.plane.count))
    if "mean" in changed:
        monkeypatch.setattr(data.plane, "state", lambda: {"x": {"mean": 0.5}})
    capsys.readouterr()
    assert ran(tmp_path, resume=True) == 3
    said = capsys.readouterr().err
    assert said.startswith("error: The data is not what this run began with")
    assert "\nhelp: Bring the old data back, or start a new run" in said
    assert (tmp_path / "metrics.jsonl").read_text() == before


def test_a_damaged_newest_checkpoint_is_told_and_the_one_before_gives_the_same(
    tmp_path, whole, monkeypatch, capsys
):
    monkeypatch.setattr(training, "SAVE_AFTER", 0.0)
    monkeypatch.setattr(training, "SAVE_SHARE", 0)
    path = tmp_path / "run"
    broken(path, interrupting(4, 2))
    newest = max((path / "checkpoints").glob("resume-*.pt"))
    newest.write_bytes(newest.read_bytes()[:-9])
    capsys.readouterr()
    assert resumed(path) == whole
    assert f"warning: {newest} is damaged" in capsys.readouterr().err


def test_damage_to_both_checkpoints_ends_with_a_way_out_and_leaves_the_run_alone(
    tmp_path, monkeypatch, capsys
):
    broken(tmp_path, interrupting(4, 2))
    before = (tmp_path / "metrics.jsonl").read_text()
    for path in (tmp_path / "checkpoints").glob("resume-*.pt"):
        path.write_bytes(b"PK")
    capsys.readouterr()
    assert ran(tmp_path, resume=True) == 3
    said = capsys.readouterr().err
    assert "has no checkpoint that is whole" in said
    assert "\nhelp: Start a new run, without --resume." in said
    assert (tmp_path / "metrics.jsonl").read_text() == before


def test_a_run_that_is_finished_has_nothing_left_to_train(tmp_path, whole):
    def never(run, model):
        raise AssertionError("a batch was trained")

    one.behind, before = never, one.behind
    try:
        assert resumed(tmp_path / "whole") == whole
    finally:
        one.behind = before
