"""A training whose losses or weights are finite no more: what is said, and what is kept."""

from __future__ import annotations

import json

import pytest
import torch
from dlc.runtime import training
from dlc.runtime.artifacts import load_weights
from steady import data, several
from steady import train as one
from steady.runs import (
    Killed,
    interrupting,
    killing,
    metrics_of,
    ran,
    same,
    status_of,
    taking,
)
from torch import nn


def poisoning(epoch: int, batch: int, what: float = float("nan")):
    """What spoils the weights behind one batch, so that the loss of the next is spoilt."""

    def behind(run, model):
        if (run.epoch, run.batch) == (epoch, batch):
            with torch.no_grad():
                model[0].weight.fill_(what)

    return behind


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_names_epoch_and_step_and_the_last_finite_epoch_is_kept(
    tmp_path, monkeypatch, capsys, bad
):
    copies: dict[int, dict[str, torch.Tensor]] = {}
    taken, poisoned = taking(copies), poisoning(4, 2, bad)

    def behind(run, model):
        poisoned(run, model)
        taken(run, model)

    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path) == 3
    weights = tmp_path / "checkpoints" / "last.pt"
    said = capsys.readouterr().err
    assert said.startswith(
        "error: The training diverged: the loss of step 3 of epoch 4 is nan. "
        f"The weights of epoch 3, the last that is finite, are in {weights}.\nhelp: Lower "
    )
    assert same(load_weights(weights)["model"], copies[3])
    status = status_of(tmp_path)
    assert (status["status"], status["epoch"]) == ("diverged", 3)
    assert [entry["epoch"] for entry in metrics_of(tmp_path)] == [1, 2, 3, 4]
    assert metrics_of(tmp_path)[-1]["train"]["loss"] is None
    assert json.loads((tmp_path / "checkpoints" / "data.json").read_text()) == data.plane.state()


def test_weights_that_became_infinite_in_the_last_step_are_found_without_a_loss(
    tmp_path, monkeypatch, capsys
):
    copies: dict[int, dict[str, torch.Tensor]] = {}
    taken, poisoned = taking(copies), poisoning(3, 5, float("inf"))

    def behind(run, model):
        poisoned(run, model)
        taken(run, model)

    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path) == 3
    said = capsys.readouterr().err
    assert "the losses of epoch 3 are finite, but not the weights `model.0.weight`." in said
    assert same(load_weights(tmp_path / "checkpoints" / "last.pt")["model"], copies[2])


def test_without_a_finite_epoch_no_weights_are_kept_and_it_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(one, "behind", poisoning(1, 1))
    assert ran(tmp_path) == 3
    said = capsys.readouterr().err
    assert "the loss of step 2 of epoch 1 is nan. No epoch before it was finite: no weights" in said
    assert not (tmp_path / "checkpoints").exists()
    assert status_of(tmp_path)["status"] == "diverged"
    assert "epoch" not in status_of(tmp_path)


def test_a_step_of_several_is_named(tmp_path, monkeypatch, capsys):
    def behind(run, model):
        if (run.epoch, run.batch) == (2, 2):
            with torch.no_grad():
                model.weight.fill_(float("nan"))

    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path, several.train) == 3
    assert "the loss of `D` in step 3 of epoch 2 is nan." in capsys.readouterr().err


def test_large_finite_weights_are_no_divergence(tmp_path, monkeypatch):
    def behind(run, model):
        with torch.no_grad():
            model[0].weight.fill_(3e38)
            model[2] = nn.Identity()
            model[4].weight.zero_()

    monkeypatch.setattr(one, "behind", behind)
    monkeypatch.setattr(one, "EPOCHS", 1)
    monkeypatch.setattr(one, "BATCH", 64)
    assert ran(tmp_path) == 0
    weight = load_weights(tmp_path / "checkpoints" / "last.pt")["model"]["0.weight"]
    assert weight.sum().isinf()
    assert weight.isfinite().all()


def test_an_interrupted_training_that_has_diverged_says_that(tmp_path, monkeypatch, capsys):
    poisoned, stop = poisoning(2, 1), interrupting(2, 3)

    def behind(run, model):
        poisoned(run, model)
        stop(run, model)

    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path) == 3
    assert "the loss of step 2 of epoch 2 is nan. The weights of epoch 1" in capsys.readouterr().err


@pytest.mark.parametrize("cut", [(3, 2), (3, 5)])
def test_the_last_finite_epoch_may_lie_before_a_break(tmp_path, monkeypatch, capsys, cut):
    copies: dict[int, dict[str, torch.Tensor]] = {}
    taken, stop, poisoned = taking(copies), interrupting(*cut), poisoning(cut[0], 3)
    spoil_next = poisoning(cut[0] + 1, 1)

    def behind(run, model):
        if run.epoch < cut[0] or cut[1] == 5:
            taken(run, model)
        stop(run, model)
        (poisoned if cut[1] < 5 else spoil_next)(run, model)

    monkeypatch.setattr(one, "behind", behind)
    assert ran(tmp_path) == 130
    kept = cut[0] - (cut[1] < 5)
    expected = copies[kept]
    capsys.readouterr()
    assert ran(tmp_path, resume=True) == 3
    assert f"The weights of epoch {kept}, the last that is finite" in capsys.readouterr().err
    assert same(load_weights(tmp_path / "checkpoints" / "last.pt")["model"], expected)
    assert status_of(tmp_path)["epoch"] == kept


def test_the_last_finite_epoch_may_be_the_one_of_the_checkpoint(tmp_path, monkeypatch):
    copies: dict[int, dict[str, torch.Tensor]] = {}
    monkeypatch.setattr(training, "SAVE_AFTER", 0.0)
    monkeypatch.setattr(training, "SAVE_SHARE", 0)
    taken, killed = taking(copies), killing(3, 1)

    def behind(run, model):
        taken(run, model)
        killed(run, model)

    monkeypatch.setattr(one, "behind", behind)
    with pytest.raises(Killed):
        ran(tmp_path)
    monkeypatch.setattr(one, "behind", poisoning(3, 1))
    assert ran(tmp_path, resume=True) == 3
    assert same(load_weights(tmp_path / "checkpoints" / "last.pt")["model"], copies[2])
