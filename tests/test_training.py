"""What a training keeps: metrics, best and last weights, folds, pictures, and what went wrong."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from dlc.runtime import run as runs
from dlc.runtime import training
from dlc.runtime.artifacts import load_weights
from PIL import Image
from steady import data, several
from steady import train as one
from steady.runs import left, metrics_of, ran, same, status_of, taking


def test_the_loss_of_an_epoch_is_the_mean_over_its_records(tmp_path, monkeypatch):
    seen: list[tuple[int, float, int]] = []
    track = training.Run.track

    def tracked(self, loss, count, name=""):
        seen.append((self.epoch, loss.item(), count))
        track(self, loss, count, name)

    monkeypatch.setattr(training.Run, "track", tracked)
    assert ran(tmp_path) == 0
    for entry in metrics_of(tmp_path):
        losses, counts = zip(*((x, n) for e, x, n in seen if e == entry["epoch"]), strict=True)
        assert len(set(counts)) == 2, "the last batch must be a smaller one"
        assert entry["train"]["loss"] == pytest.approx(np.average(losses, weights=counts))


def test_steps_of_several_models_have_a_loss_each(tmp_path):
    assert ran(tmp_path, several.train) == 0
    for entry in metrics_of(tmp_path):
        assert {name: list(each) for name, each in entry["train"].items()} == {
            "D": ["loss"],
            "G": ["loss"],
        }
    assert status_of(tmp_path)["results"]["train"] == metrics_of(tmp_path)[-1]["train"]
    saved = load_weights(tmp_path / "checkpoints" / "last.pt")
    assert list(saved) == ["D", "G"]
    assert list(saved["G"]) == ["weight", "bias"]


def test_the_last_weights_are_kept_and_beside_them_the_best(tmp_path, monkeypatch):
    copies: dict[int, dict[str, torch.Tensor]] = {}
    taken = taking(copies)

    def behind(run, model):
        if run.epoch > 3:
            with torch.no_grad():
                model[4].bias.add_(5.0)
        taken(run, model)

    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path) == 0
    checkpoints = tmp_path / "checkpoints"
    losses = [entry["validation"]["loss"] for entry in metrics_of(tmp_path)]
    best = 1 + losses.index(min(losses))
    assert best < one.EPOCHS
    assert same(load_weights(checkpoints / "best.pt")["model"], copies[best])
    assert same(load_weights(checkpoints / "last.pt")["model"], copies[one.EPOCHS])
    status = status_of(tmp_path)
    assert status["best"] == {"epoch": best, "on": "validation.loss", "value": min(losses)}
    assert status["epoch"] == one.EPOCHS
    assert status["results"]["validation"]["loss"] == losses[-1]


def test_with_early_stopping_the_best_weights_are_used_and_it_is_said(
    tmp_path, monkeypatch, capsys
):
    copies: dict[int, dict[str, torch.Tensor]] = {}
    monkeypatch.setattr(one, "behind", taking(copies))
    monkeypatch.setattr(one, "PATIENCE", 3)
    monkeypatch.setattr(one, "EPOCHS", 40)
    assert runs.launch(one.train, run=str(tmp_path), device="cpu") == 0
    entries = metrics_of(tmp_path)
    losses = [entry["validation"]["loss"] for entry in entries]
    best = 1 + losses.index(min(losses))
    assert len(entries) == best + 3 < 40
    assert same(load_weights(tmp_path / "checkpoints" / "last.pt")["model"], copies[best])
    said = capsys.readouterr().out.splitlines()
    assert (
        f"stopped after epoch {best + 3}: validation.loss has not improved for 3 epochs; "
        f"the weights of epoch {best} are kept" in said
    )
    # What is told as the result belongs to the weights that are kept.
    assert status_of(tmp_path)["results"]["validation"]["loss"] == min(losses)
    assert status_of(tmp_path)["results"]["train"] == entries[best - 1]["train"]
    assert status_of(tmp_path)["epoch"] == best


def test_the_models_have_the_best_weights_before_the_test_is_measured(tmp_path, monkeypatch):
    given: list[dict[str, torch.Tensor]] = []
    finish = training.Run.finish

    def finished(self, **results):
        given.append({k: v.clone() for k, v in self.models["model"].state_dict().items()})
        finish(self, **results)

    monkeypatch.setattr(training.Run, "finish", finished)
    monkeypatch.setattr(one, "PATIENCE", 2)
    monkeypatch.setattr(one, "EPOCHS", 40)
    assert ran(tmp_path) == 0
    assert same(given[0], load_weights(tmp_path / "checkpoints" / "best.pt")["model"])


def test_a_measure_that_early_stopping_waits_for_in_vain_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(one, "patience", lambda n: one_patience(n))
    from dlc.runtime.stopping import patience

    def one_patience(epochs):
        return patience(epochs, on="validation.accuracy")

    monkeypatch.setattr(one, "PATIENCE", 2)
    assert ran(tmp_path) == 3
    said = capsys.readouterr().err
    assert "error: Early stopping waits for `validation.accuracy`" in said
    assert "help: Measured is: train.loss, validation.loss." in said


def test_folds_train_one_after_the_other_and_at_last_on_all_records(tmp_path, monkeypatch, capsys):
    seen: list[int | None] = []
    monkeypatch.setattr(one, "behind", lambda run, model: seen.append(run.fold))
    monkeypatch.setattr(one, "FOLDS", 4)
    monkeypatch.setattr(one, "EPOCHS", 2)
    assert runs.launch(one.train, run=str(tmp_path), device="cpu") == 0
    assert list(dict.fromkeys(seen)) == [1, 2, 3, 4, None]
    entries = metrics_of(tmp_path)
    assert [(entry.get("fold"), entry["epoch"]) for entry in entries] == [
        *((fold, epoch) for fold in (1, 2, 3, 4) for epoch in (1, 2)),
        *((None, 1), (None, 2)),
    ]
    said = capsys.readouterr().out
    assert "fold 2/4  epoch 2/2  loss " in said
    assert "\nepoch 2/2  loss " in said


def test_what_folds_hold_out_is_measured_over_all_of_them(tmp_path, monkeypatch):
    given: list[dict[str, torch.Tensor]] = []
    hold_out = training.Run.hold_out
    monkeypatch.setattr(
        training.Run,
        "hold_out",
        lambda self, observed: (given.append(observed), hold_out(self, observed))[1],
    )
    monkeypatch.setattr(one, "FOLDS", 4)
    monkeypatch.setattr(one, "EPOCHS", 2)
    assert ran(tmp_path) == 0
    assert [len(each["y"]) for each in given] == [11] * 4
    difference = torch.cat([each["y_hat"] - each["y"] for each in given]).numpy()
    found = status_of(tmp_path)["results"]["test"]["loss"]
    assert found == pytest.approx(float((difference**2).mean()), rel=1e-6)


def test_without_folds_nothing_is_held_out(tmp_path):
    assert ran(tmp_path) == 0
    assert "test" not in status_of(tmp_path)["results"]


def test_pictures_of_each_epoch_are_png_with_the_values_given(tmp_path):
    path = tmp_path / "samples"
    run = training.Run(tmp_path, torch.device("cpu"), (), runs.Progress(quiet=True))
    run.epoch = 3
    grey = torch.tensor([[[0.0, 1.0, 2.0], [-1.0, float("nan"), 0.5]]])
    run.sample(grey)
    assert np.array(Image.open(path / "epoch-0003.png")).tolist() == [[0, 255, 255], [0, 0, 128]]
    run.epoch, run.fold = 12, 2
    colours = torch.rand(3, 4, 5)
    run.sample(colours)
    found = np.array(Image.open(path / "fold-2-epoch-0012.png"))
    assert found.shape == (4, 5, 3)
    assert np.abs(found / 255 - colours.permute(1, 2, 0).numpy()).max() <= 0.5 / 255 + 1e-6


def test_checkpoints_come_after_a_time_and_not_with_every_epoch(tmp_path, monkeypatch):
    saves: list[int] = []
    save = training.Checkpoints.save
    now = [1000.0]

    def behind(run, model):
        now[0] += 1.0

    monkeypatch.setattr(
        training.Checkpoints,
        "save",
        lambda self, state: (saves.append(state["epoch"]), save(self, state))[1],
    )
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path) == 0
    # Five batches of a second each: every second epoch ends ten seconds after the last save.
    assert saves == [2, 4, 5]


def test_slow_checkpoints_come_more_rarely(tmp_path, monkeypatch):
    saves: list[int] = []
    now = [1000.0]

    def behind(run, model):
        now[0] += 2.0

    def slow(self, state):
        saves.append(state["epoch"])
        now[0] += 1.0

    monkeypatch.setattr(training.Checkpoints, "save", slow)
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path) == 0
    assert saves == [1, 3, 5], "twenty seconds without one for each second that one takes"


def test_the_history_is_what_the_file_of_metrics_says(tmp_path, monkeypatch):
    found: list[training.Run] = []
    monkeypatch.setattr(one, "behind", lambda run, model: found.append(run))
    assert ran(tmp_path) == 0
    assert found[0].history == metrics_of(tmp_path)


class Page(ModuleType):
    """Stands for the modules that look back at a run."""

    def __init__(self, name: str, **attributes: Any) -> None:
        super().__init__(name)
        self.__dict__.update(attributes, __spec__=object())


def test_a_report_is_given_the_run_its_models_and_the_whole_status(tmp_path, monkeypatch, capsys):
    given: list[Any] = []
    found = [{"what": "the loss still falls", "help": "train for more epochs"}]
    monkeypatch.setitem(
        sys.modules,
        "dlc.runtime.report",
        Page("report", write_report=lambda *each: given.append(each)),
    )
    monkeypatch.setitem(
        sys.modules, "dlc.runtime.diagnosis", Page("diagnosis", diagnose=lambda *each: found)
    )
    assert runs.launch(one.train, run=str(tmp_path), device="cpu") == 0
    ((run, models, package, status),) = given
    assert sum(run.data.sizes.values()) == data.plane.count
    assert list(models) == ["model"]
    assert package == "steady"
    written = status_of(tmp_path)
    assert status["findings"] == written["findings"] == found
    assert status["results"] == written["results"]
    assert status["status"] == "done"
    said = capsys.readouterr().out
    notes = "note: the loss still falls\nhelp: train for more epochs\n"
    assert said.endswith(f"{notes}run: {tmp_path}\n")


def test_a_report_that_fails_spoils_no_run(tmp_path, monkeypatch, capsys):
    def failing(*each):
        raise ZeroDivisionError("no bars")

    monkeypatch.setitem(sys.modules, "dlc.runtime.report", Page("report", write_report=failing))
    assert ran(tmp_path) == 0
    assert status_of(tmp_path)["status"] == "done"
    said = capsys.readouterr().err
    assert said == "warning: the run has no report: ZeroDivisionError: no bars\n"


def test_two_runs_of_the_same_code_leave_the_same(tmp_path):
    assert ran(tmp_path / "a") == ran(tmp_path / "b") == 0
    assert left(tmp_path / "a") == left(tmp_path / "b")
